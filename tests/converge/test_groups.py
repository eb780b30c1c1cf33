"""Several container groups: one version, ready as a whole or not at all, each group scaled on its own."""

import asyncio

import pytest

from inference_provider.converge import orders
from inference_provider.errors import RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import DEPLOYMENT, POD
from tests.converge.scaled import autoscalers, bounds, fleet_of, order, under_load
from tests.converge.stage import Stage
from tests.support.fake_controllers import Fate, image_that_cannot_be_pulled


def traffic(stage: Stage) -> tuple[int, ...]:
    """The slots that get traffic."""
    return labels.Traffic.of(stage.service()["spec"]["selector"]).slots


async def test_traffic_waits_for_the_slowest_group(stage: Stage) -> None:
    await stage.create(fleet_of("1", "prefill", "decode", bounds={}))
    stage.fate_of({"decode-2": Fate(ready_after=900)})
    seen: list[tuple[tuple[int, ...], float]] = []
    stage.cluster.after_write.append(lambda: seen.append((traffic(stage), stage.cluster.server_time().timestamp())))
    began = stage.cluster.server_time().timestamp()
    await stage.update(fleet_of("2", "prefill", "decode", bounds={}))
    moved = [when for slots, when in seen if slots != (0,)]
    assert min(moved) - began >= 900
    assert traffic(stage) == (1,)


async def test_one_group_that_fails_takes_all_of_the_new_version_along(stage: Stage) -> None:
    await stage.create(fleet_of("1", "prefill", "decode", bounds={}))
    pods = stage.pods(1)
    stage.fate_of({"prefill-2": image_that_cannot_be_pulled("example/prefill-2")})
    with pytest.raises(RolloutFailed, match=r"prefill.*r1 still serves"):
        await stage.update(fleet_of("2", "prefill", "decode", bounds={}))
    assert (stage.pods(1), stage.pods(2), traffic(stage)) == (pods, [], (0,))
    assert stage.names(DEPLOYMENT) == ["llama-r1-decode", "llama-r1-prefill", "llama-r1-router"]


async def test_a_worker_lost_in_the_middle_of_the_switch_holds_it_until_there_is_another(stage: Stage) -> None:
    await stage.create(fleet_of("1", "workers", bounds={}))
    lost: list[str] = []

    def lose() -> None:
        """As soon as both get traffic, the worker of the new version is not ready, for a minute."""
        if len(traffic(stage)) == 2 and not lost:
            lost.append(next(name for name in stage.pods(2) if "workers" in name))
            stage.controllers.set_ready(lost[0], ready=False)
            asyncio.get_running_loop().call_later(60, lambda: stage.controllers.set_ready(lost[0], ready=True))

    alone: list[bool] = []

    def look() -> None:
        if traffic(stage) == (1,):
            pods = [each for each in stage.cluster.all_of(POD) if each["metadata"]["name"] in lost]
            alone.append(all({"type": "Ready", "status": "True"} in each["status"]["conditions"] for each in pods))

    stage.cluster.after_write += [lose, look]
    await stage.update(fleet_of("2", "workers", bounds={}))
    assert lost
    assert alone
    assert all(alone)


async def test_each_group_has_an_autoscaler_of_its_own(stage: Stage) -> None:
    both = {"prefill": (1, 4), "decode": (2, 8)}
    await stage.create(fleet_of("1", "prefill", "decode", bounds=both))
    assert autoscalers(stage) == ["llama-r1-decode", "llama-r1-prefill"]
    under_load(stage, "llama-r1-decode", 5)
    await stage.update(fleet_of("2", "prefill", "decode", bounds=both))
    counts = {name: stage.replicas(f"llama-r2-{name}") for name in ("router", "prefill", "decode")}
    assert counts == {"router": 1, "prefill": 1, "decode": 5}
    assert autoscalers(stage) == ["llama-r2-decode", "llama-r2-prefill"]


async def test_a_new_group_starts_with_its_fewest_and_a_gone_one_takes_its_autoscaler_along(stage: Stage) -> None:
    await stage.create(fleet_of("1", "prefill", bounds={"prefill": (2, 4)}))
    await stage.update(fleet_of("2", "decode", bounds={"decode": (3, 8)}))
    assert (autoscalers(stage), stage.replicas("llama-r2-decode")) == (["llama-r2-decode"], 3)
    await stage.update(fleet_of("1", "prefill", bounds={"prefill": (2, 4)}))
    assert (autoscalers(stage), stage.replicas("llama-r1-prefill")) == (["llama-r1-prefill"], 2)


async def test_undo_knows_how_a_group_was_scaled_that_the_new_program_does_not_have(stage: Stage) -> None:
    await stage.create(fleet_of("1", "prefill", bounds={"prefill": (2, 4)}))
    await stage.update(fleet_of("2", "decode", bounds={"decode": (3, 8)}))
    await orders.undo(order(stage))
    assert (autoscalers(stage), bounds(stage, "llama-r1-prefill")) == (["llama-r1-prefill"], (2, 4))


async def test_one_group_can_be_fixed_while_the_other_is_scaled(stage: Stage) -> None:
    await stage.create(fleet_of("1", "prefill", "decode", bounds={"prefill": (1, 4), "decode": (1, 8)}))
    under_load(stage, "llama-r1-decode", 5)
    under_load(stage, "llama-r1-prefill", 3)
    await stage.update(fleet_of("1", "prefill", "decode", bounds={"decode": (1, 8)}))
    assert autoscalers(stage) == ["llama-r1-decode"]
    assert (stage.replicas("llama-r1-prefill"), stage.replicas("llama-r1-decode")) == (1, 5)
