"""`pulumi-inference plan` on a real API server and scheduler: what it said, and what the updates then did."""

import json
from pathlib import Path

from inference_provider.manifests.kinds import POD
from inference_provider.placement.gpu_requests import gpus_of, holds_gpus
from inference_provider.resources.world import Properties
from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.live.test_command_line import typed


def planned(stand: Stand, kubeconfig: Path, *arguments: str) -> Properties:
    """The plan as a program gets it."""
    said = typed("plan", "chat", *arguments, "-n", stand.namespace, "-o", "json", kubeconfig=kubeconfig)
    assert said.returncode == 0, said.stderr
    plan: Properties = json.loads(said.stdout)
    return plan


async def held(stand: Stand) -> int:
    """GPUs that the Workload's pods hold now."""
    return sum(gpus_of(pod) for pod in await stand.objects(POD) if holds_gpus(pod))


async def test_an_update_and_the_way_back_do_what_the_plan_said(stand: Stand, kubeconfig: Path) -> None:
    first = await stand.version(artifact())
    await stand.create(workload(first, runtime(2)))
    second = await stand.version(artifact(server("v2")))

    plan = planned(stand, kubeconfig, "--artifact", second)
    assert (plan["verdict"], plan["fromRevision"], plan["toVersion"]) == ("rolls", "r1", second)
    outputs = await stand.update(workload(second, runtime(2)))
    gpus = plan["gpus"]
    assert isinstance(gpus, dict)
    assert (gpus["active"], gpus["candidate"], gpus["peak"]) == (2, 2, await held(stand))
    assert outputs["revision"] == "r2"

    back = planned(stand, kubeconfig, "--to", "r1")
    pods = await stand.pod_uids("r1")
    assert (back["verdict"], back["toRevision"], back["groups"]) == ("goesBack", "r1", [])
    outputs = await stand.update(workload(first, runtime(2)))
    assert (outputs["revision"], await stand.pod_uids("r1")) == ("r1", pods)
    gpus = back["gpus"]
    assert isinstance(gpus, dict)
    assert gpus["peak"] == await held(stand)
