"""A desk, a machine and a cluster where everything is as `doctor` likes it, and what spoils that."""

import re
from collections.abc import Mapping

from inference_provider.manifests.kinds import NAMESPACE, NODE, POD, Body
from tests.cli.desk import Desk


def fitted(desk: Desk) -> Desk:
    """A desk where everything is as it should be."""
    tool(desk, "v3.272.0")
    desk.environ = {"PATH": str(desk.home), "PULUMI_BACKEND_URL": "file:///x", "PULUMI_CONFIG_PASSPHRASE": ""}
    desk.does(in_cluster(desk, {"metadata": {"name": "models"}}, node("gpu-1", 8), node("gpu-2", 4)))
    return desk


async def in_cluster(desk: Desk, namespace: Body, *nodes: Body) -> None:
    """What a cluster has before we come."""
    desk.cluster.put(NAMESPACE, namespace)
    for each in nodes:
        desk.cluster.put(NODE, each)
    pod = {
        "metadata": {"name": "other", "namespace": "theirs"},
        "spec": {"nodeName": "gpu-1", "containers": [wants(3)]},
    }
    desk.cluster.put(POD, pod)


def wants(gpus: int) -> Body:
    """A container with GPUs."""
    return {"name": "x", "resources": {"limits": {"nvidia.com/gpu": str(gpus)}}}


def node(name: str, gpus: int, *, labels: Mapping[str, str] | None = None, ready: bool = True) -> Body:
    """A node with H100s, unless it is labelled otherwise."""
    model = {"nvidia.com/gpu.product": "H100"} if labels is None else dict(labels)
    conditions = [{"type": "Ready", "status": str(ready)}]
    status = {"allocatable": {"nvidia.com/gpu": str(gpus)} if gpus else {}, "conditions": conditions}
    return {"metadata": {"name": name, "labels": model}, "spec": {}, "status": status}


def tool(desk: Desk, version: str, *, code: int = 0) -> None:
    """A `pulumi` of some version on the desk's PATH."""
    program = desk.home / "pulumi"
    program.write_text(f"#!/bin/sh\necho {version}\nexit {code}\n")
    program.chmod(0o755)


def told(desk: Desk, *arguments: str) -> dict[str, list[str]]:
    """What the doctor says, by subject: the level and the sentence of each line, without blanks between columns."""
    lines: dict[str, list[str]] = {}
    subject = ""
    for line in desk.types("doctor", *arguments).stdout.splitlines():
        level, *rest = re.split(r"\s{2,}", line)
        if level:
            subject, said = rest
            lines.setdefault(subject, []).append(f"{level}: {said}")
        else:
            lines[subject].append(rest[0])
    return lines
