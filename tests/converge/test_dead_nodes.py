"""Pods that hang on a node which does not answer: nobody ends them, so nobody waits for them."""

import asyncio

import pytest

from inference_provider.converge.candidate import retire
from inference_provider.errors import DeadlineExceeded
from inference_provider.manifests.kinds import DEPLOYMENT, POD, SERVICE, Body
from inference_provider.rollout.fleet import Proton
from tests.converge.stage import Stage
from tests.support.blueprints import wanted


def frozen(stage: Stage, name: str) -> None:
    """A pod as the node controller leaves it: no longer Ready, whatever its containers last said."""
    pod: Body = stage.cluster.named(POD, name)
    said = [{"type": "ContainersReady", "status": "True"}, {"type": "Ready", "status": "False"}]
    pod["status"]["conditions"] = [{"type": "PodScheduled", "status": "True"}, *said]
    stage.cluster.put(POD, pod)


async def first(stage: Stage) -> Proton:
    """The first version, whose pods take their time to end."""
    await stage.create(wanted("v1", replicas=2))
    stage.cluster.pods_linger = True
    found = (await stage.fleet()).proton(1)
    assert found is not None
    return found


async def test_a_deleted_pod_on_a_dead_node_is_told_of_and_not_waited_for(stage: Stage) -> None:
    old = await first(stage)
    frozen(stage, "llama-r1-002")

    async def grace() -> None:
        await asyncio.sleep(75)
        stage.cluster.end((POD.name, "models", "llama-r1-001"))

    begun, helper = asyncio.get_running_loop().time(), asyncio.create_task(grace())
    await retire(stage.operation(), old, why="nobody wants it any more")
    await helper

    assert 75 <= asyncio.get_running_loop().time() - begun < 77
    assert (stage.names(SERVICE), stage.names(DEPLOYMENT), stage.names(POD)) == (["llama"], [], ["llama-r1-002"])
    (told,) = stage.heard.warnings
    assert told == (
        "pod llama-r1-002 was deleted and hangs on node gpu-1, which does not answer. It goes when the node is back, "
        "or with `kubectl delete node gpu-1`. It gets no traffic, and nothing waits for it"
    )


async def test_a_pod_that_hangs_for_another_reason_is_named_with_its_node_in_the_end(stage: Stage) -> None:
    old = await first(stage)

    with pytest.raises(DeadlineExceeded, match="pods of r1 to end: llama-r1-001 on node gpu-1, llama-r1-002 on node"):
        await retire(stage.operation(seconds=120), old, why="it is old")
