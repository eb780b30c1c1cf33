"""Waiting for a proton: what counts as ready, what as failed, and what a person reads meanwhile."""

import asyncio
from dataclasses import replace

import pytest

from inference_provider.converge.prove import prove
from inference_provider.errors import Forbidden, RolloutFailed
from inference_provider.manifests.kinds import NODE, POD, SERVICE, Body
from tests.converge.stage import Stage
from tests.support.blueprints import blueprint, content, gpus, group, vllm, wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate, no_node

#: 301 s of startup probe, 5 s to the first readiness probe, and a tenth more.
BUDGET = 306 * 1.1


def now() -> float:
    """The virtual time."""
    return asyncio.get_running_loop().time()


async def test_a_model_that_loads_for_minutes_is_waited_for(stage: Stage) -> None:
    stage.fate_of({"v1": Fate(ready_after=299.0)})
    begun = now()

    await stage.create(wanted("v1"))

    assert 299 <= now() - begun < 301
    assert any("container vllm is loading" in text for text in stage.heard.statuses)


async def test_a_pod_late_for_its_probes_fails(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=None)})
    begun = now()

    with pytest.raises(RolloutFailed, match="runs but is not ready after 337 s, which is all that its probes allow"):
        await stage.update(wanted("v2"))

    assert BUDGET <= now() - begun < BUDGET + 3


async def test_a_pod_that_died_gets_its_time_anew(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=None)})

    async def replaced_by_a_good_one() -> None:
        await asyncio.sleep(300)
        stage.fate_of({"v2": Fate(ready_after=250)})
        for name in stage.pods(2):
            stage.cluster.remove(POD, "models", name)

    helper = asyncio.create_task(replaced_by_a_good_one())
    fleet = await stage.update(wanted("v2"))
    await helper

    assert fleet.active is not None
    assert fleet.active.name == "r2"


async def test_the_warm_up_is_waited_for_and_begins_anew_when_readiness_breaks(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    async def a_break_after_a_minute() -> None:
        await asyncio.sleep(60)
        pod = stage.pods(2)[0]
        stage.controllers.set_ready(pod, ready=False)
        await asyncio.sleep(10)
        stage.controllers.set_ready(pod, ready=True)

    begun, helper = now(), asyncio.create_task(a_break_after_a_minute())
    await stage.update(wanted("v2", warmupDurationMinutes=2))
    await helper

    assert 190 <= now() - begun < 193
    assert "r2 is ready and warms up: 2.0 min left" in stage.heard.statuses


async def test_going_back_needs_no_warm_up(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=60))
    begun = now()

    await stage.update(wanted("v1", warmupDurationMinutes=10))

    assert now() - begun < 2


async def test_pods_without_a_node_are_told_which_gpus_are_missing(stage: Stage) -> None:
    model = "NVIDIA-H100-80GB-HBM3"
    plan = blueprint(content(group(vllm(image="v1"))), runtime=gpus(2, model=model))
    stage.cluster.put(NODE, gpu_node("gpu-h100-1", model, 3))
    stage.fate_of({"v1": no_node("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.")})
    first = wanted("v1")

    with pytest.raises(Exception, match="did not finish within 60 s"):
        await stage.create(replace(first, blueprint=plan), seconds=60)

    needs = f"r1 waits for GPUs: needs 4 × {model} (2 pods × 2): 3 free on gpu-h100-1; 2 missing"
    assert needs in stage.heard.statuses


async def test_who_may_not_look_at_nodes_reads_the_schedulers_words(stage: Stage) -> None:
    plan = blueprint(content(group(vllm(image="v1"))), runtime=gpus(2))
    stage.fate_of({"v1": no_node("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.")})
    first = wanted("v1")
    refusal = Forbidden("list", kind="Node", namespace=None, name="", said="no right")
    stage.cluster.faults += [Fault("list", NODE, refusal) for _ in range(30)]

    with pytest.raises(Exception, match="did not finish"):
        await stage.create(replace(first, blueprint=plan), seconds=60)

    assert any("r1 waits for a node: 0 of 2 pods ready" in text for text in stage.heard.statuses)


async def test_the_last_log_lines_come_beside_the_cause(stage: Stage) -> None:
    stage.cluster.log_text = "loading weights\nCUDA out of memory\n"
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=None)})

    with pytest.raises(RolloutFailed) as caught:
        await stage.update(wanted("v2"))

    assert "CUDA" not in caught.value.message
    assert caught.value.detail.endswith("loading weights\nCUDA out of memory")
    assert any("previous=False lines=8" in call for call in stage.cluster.calls)


async def test_a_candidate_that_somebody_deletes_fails(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    with pytest.raises(RolloutFailed, match="r9 was deleted by somebody else while it was starting"):
        await prove(stage.operation(), 9, groups={"default": 1})


async def test_groups_are_all_waited_for(stage: Stage) -> None:
    worker = {"name": "worker", "image": "worker-v1"}
    stage.fate_of({"worker": Fate(ready_after=100)})
    begun = now()

    await stage.create(wanted(groups=(group(vllm(), name="decode"), group(worker, name="prefill"))))

    assert now() - begun >= 100
    assert any("1 of 2 groups ready; prefill" in text for text in stage.heard.statuses)


def gpu_node(name: str, model: str, count: int) -> Body:
    """A ready node with GPUs."""
    return {
        "metadata": {"name": name, "labels": {"nvidia.com/gpu.product": model}},
        "status": {
            "allocatable": {"nvidia.com/gpu": str(count)},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


async def test_the_service_of_a_workload_that_vanishes_is_missed(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.remove(SERVICE, "models", "llama")

    with pytest.raises(Exception, match="it was deleted while we were working on it"):
        stage.operation().anchor()


async def test_logs_that_cannot_be_had_do_not_hide_the_cause(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=None)})
    stage.cluster.log_error = Forbidden("read the log of", kind="Pod", namespace="models", name="x", said="no right")

    with pytest.raises(RolloutFailed, match=r"r2 did not become ready: .*is not ready after") as caught:
        await stage.update(wanted("v2"))

    assert caught.value.detail == ""
