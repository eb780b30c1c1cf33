"""Ready is not proven: a candidate has to stay so for two of its own readiness probes before traffic moves to it."""

import asyncio

from inference_provider.manifests.kinds import DEPLOYMENT
from tests.converge.stage import Stage
from tests.support.blueprints import READY, group, vllm, wanted
from tests.support.fake_controllers import Fate


def now() -> float:
    """The virtual time."""
    return asyncio.get_running_loop().time()


async def test_a_candidate_that_flaps_gets_no_traffic_before_it_has_stood_for_two_probes(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    async def ready_for_a_moment() -> None:
        await asyncio.sleep(6)
        pod = stage.pods(2)[0]
        stage.controllers.set_ready(pod, ready=False)
        await asyncio.sleep(3)
        stage.controllers.set_ready(pod, ready=True)

    begun, helper = now(), asyncio.create_task(ready_for_a_moment())
    await stage.update(wanted("v2"))
    await helper

    assert 19 <= now() - begun < 21
    assert "r2 is ready, and has to stay so for 10 s more" in stage.heard.statuses


async def test_the_slowest_prober_among_the_groups_says_how_long(stage: Stage) -> None:
    worker = {"name": "worker", "image": "worker-v1", "readinessProbe": READY | {"periodSeconds": 20, "port": 9000}}
    groups = (group(vllm(), name="decode"), group(worker, name="prefill"))
    await stage.create(wanted("v1"))
    begun = now()

    await stage.update(wanted(groups=groups))

    assert 40 <= now() - begun < 42


async def test_a_first_version_and_one_without_a_readiness_probe_wait_for_nothing(stage: Stage) -> None:
    begun = now()
    await stage.create(wanted("v1"))
    await stage.update(wanted(groups=(group(vllm(readinessProbe=None)),)))

    assert now() - begun < 2
    assert stage.names(DEPLOYMENT) == ["llama-r1", "llama-r2"]


async def test_what_waited_for_promotion_goes_over_at_once(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", promotion="manual"))
    begun = now()

    await stage.update(wanted("v2", promotion="manual", promote="r2"))

    assert now() - begun < 2


async def test_minutes_that_are_longer_are_all_there_is_to_wait(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=3)})
    begun = now()

    await stage.update(wanted("v2", warmupDurationMinutes=0.5))

    assert 33 <= now() - begun < 35
