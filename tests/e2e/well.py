"""Is all well with a stack whose `up` went through? Everything that is wrong, in sentences.

What the stack says is held against objects in the cluster, read by nothing of ours but the labels' names.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from inference_provider.manifests import labels
from tests.e2e.programs import DIGEST
from tests.e2e.stack import Stack
from tools.interrupt.moments import holder, leftovers
from tools.interrupt.stage import Stage, note

#: What is being removed may take so long to be gone, or a pod's readiness to arrive (seconds).
REMOVAL = 20.0
#: Whatever a Workload may leave; Kubernetes makes one ConfigMap in each namespace by itself.
KINDS = ("Service", "Deployment", "Pod", "Job", "Lease", "ConfigMap")


def unwell(stack: Stack, stage: Stage, *, image: str, pods: int) -> list[str]:
    """What is wrong, now that a program with this image and so many pods was brought about or is held."""
    stage.until(lambda seen: not [*_cluster(seen, image=image, pods=pods)], within=REMOVAL)
    found = [*_cluster(stage, image=image, pods=pods), *_state(stack, stage)]
    preview = stack.preview("--expect-no-changes")
    if hold_of(stage) is None:
        found += [] if preview.code == 0 else [f"the next preview is not empty:\n{preview.text}"]
    elif not preview.has(f"Workload {stack.namespace}/chat stays as it is"):
        found.append(f"it is held, and the next preview does not say so:\n{preview.text}")
    return found


def hold_of(stage: Stage) -> Mapping[str, str] | None:
    """What a person has said against the program."""
    said: Mapping[str, str] | None = json.loads((stage.anchor and note(stage.anchor, labels.HOLD)) or "null")
    return said


def remains(stage: Stage) -> list[str]:
    """What is there of a stack that was destroyed."""
    return [f"{kind} {name}" for kind in KINDS for name in stage.of(kind) if name != "kube-root-ca.crt"]


def _cluster(stage: Stage, *, image: str, pods: int) -> Iterator[str]:
    """What is wrong in the cluster alone."""
    active, anchor = stage.active, stage.anchor
    if active is None or anchor is None:
        yield "nothing serves"
        return
    yield from leftovers(stage, wanted=active)
    if holder(stage):
        yield f"the lock is still held by {holder(stage)}"
    if stage.serving() != pods or len(stage.pods(active)) != pods:
        yield f"{stage.serving()} pods serve, and {active} has {len(stage.pods(active))}, not {pods}"
    runs = _images(stage, active)
    if hold_of(stage) is None and runs != {"vllm": f"example/{image}{DIGEST}"}:
        yield f"{active} runs {runs}, not {image}"
    if note(anchor, labels.UNDER_WAY) is not None:
        yield f"{note(anchor, labels.UNDER_WAY)} is still said to be under way"


def _images(stage: Stage, revision: str) -> dict[str, str]:
    """Container → image of a revision."""
    body = stage.of("Deployment").get(f"{stage.workload}-{revision}")
    containers = body["spec"]["template"]["spec"]["containers"] if body else []
    return {each["name"]: each["image"] for each in containers}


def _state(stack: Stack, stage: Stage) -> Iterator[str]:
    """Where the stack's outputs say something else than the cluster."""
    resources = stack.resources()
    yield from (f"the state still has {each['urn']} to be deleted" for each in resources if each.get("delete"))
    said = {each["type"].rpartition(":")[2]: each["outputs"] for each in resources}
    there = _there(stage)
    for key, value in there.items():
        if said["Workload"].get(key) != value:
            yield f"the stack says {key} is {said['Workload'].get(key)}, and the cluster {value}"
    version = said["Artifact"]["versionId"]
    if hold_of(stage) is None and version != there["activeArtifactId"]:
        yield f"the Artifact's version is {version}, and {there['activeArtifactId']} serves"
    name, _, content = version.partition("/")[2].partition("@")
    if f"artifact-{name}-{content}" not in stage.of("ConfigMap"):
        yield f"there is no content of {version}"


def _there(stage: Stage) -> dict[str, Any]:
    """The outputs as the objects have them."""
    anchor, active = stage.anchor or {}, stage.active or ""
    carried = (stage.proton(active) or {"metadata": {"labels": {}}})["metadata"]["labels"]
    space, port = anchor["metadata"]["namespace"], anchor["spec"]["ports"][0]["port"]
    return {
        "revision": active,
        "activeProtonId": f"{space}/{stage.workload}-{active}",
        "activeArtifactId": f"{space}/{carried.get(labels.ARTIFACT)}@{carried.get(labels.CONTENT)}",
        "candidateProtonIds": [],
        "endpoint": f"http://{stage.workload}.{space}.svc.cluster.local" + ("" if port == 80 else f":{port}"),
        "readyReplicas": stage.serving(),
        "status": "running",
        "statusMessage": f"{stage.serving()} of {stage.serving()} pods ready",
        "images": _images(stage, active),
        "held": hold_of(stage),
        "incarnation": note(anchor, labels.INCARNATION),
        "description": note(anchor, labels.DESCRIPTION),
        "updatedAt": note(anchor, labels.UPDATED_AT),
    }
