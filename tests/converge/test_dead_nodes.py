"""Pods that hang on a node which does not answer: nobody ends them, so nobody waits for them."""

import asyncio

import pytest

from inference_provider.converge.candidate import retire
from inference_provider.errors import DeadlineExceeded, Forbidden, RolloutFailed
from inference_provider.manifests.kinds import DEPLOYMENT, NODE, POD, SERVICE, Body
from inference_provider.rollout.fleet import Proton
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate


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


async def loading_on_a_dead_node(stage: Stage) -> None:
    """The first version serves; pods of the second will load on a node that does not answer."""
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=None)})
    conditions = [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}]
    stage.cluster.put(NODE, {"metadata": {"name": "gpu-1"}, "status": {"conditions": conditions}})


async def test_a_pod_that_was_loading_when_its_node_died_is_not_blamed_for_being_late(stage: Stage) -> None:
    await loading_on_a_dead_node(stage)

    async def given_up() -> None:
        await asyncio.sleep(400)  # later than its probes allow
        stage.fate_of({})
        for name in stage.pods(2):
            stage.cluster.remove(POD, "models", name)

    helper = asyncio.create_task(given_up())
    fleet = await stage.update(wanted("v2"))
    await helper

    assert fleet.active is not None
    assert fleet.active.revision == 2
    assert any("its node gpu-1 does not answer" in text for text in stage.heard.statuses)


async def test_a_dead_node_that_holds_everything_up_is_named_in_the_end(stage: Stage) -> None:
    await loading_on_a_dead_node(stage)

    with pytest.raises(RolloutFailed, match=r"within 10 min; .* its node gpu-1 does not answer.*r1 still serves"):
        await stage.update(wanted("v2"), seconds=600)


async def test_who_may_not_look_at_nodes_reads_which_node_it_was(stage: Stage) -> None:
    await loading_on_a_dead_node(stage)
    refusal = Forbidden("list", kind="Node", namespace=None, name="", said="no right")
    stage.cluster.faults.append(Fault("list", NODE, refusal))

    with pytest.raises(RolloutFailed, match="on node gpu-1 runs but is not ready after 337 s"):
        await stage.update(wanted("v2"))
