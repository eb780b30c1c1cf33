"""Who is scaled by load, and when: only what serves, never more or fewer pods by a replacement than load has made."""

from dataclasses import replace

import pytest

from inference_provider.converge import external, orders
from inference_provider.errors import DeadlineExceeded, Forbidden, LockLost, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import HORIZONTAL_POD_AUTOSCALER, POD
from tests.converge.scaled import (
    autoscalers,
    bounds,
    by_load,
    first_bounds,
    noticed,
    order,
    ready,
    scaled,
    under_load,
)
from tests.converge.stage import Stage
from tests.support.blueprints import settings, wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate


async def test_a_first_version_starts_with_the_fewest_and_is_scaled_from_then_on(stage: Stage) -> None:
    await stage.create(scaled(least=2))
    assert stage.replicas("llama-r1") == 2
    assert autoscalers(stage) == ["llama-r1"]
    under_load(stage, "llama-r1", 5)
    assert stage.replicas("llama-r1") == 5
    assert await noticed(stage) == ""


async def test_a_candidate_has_no_autoscaler_and_as_many_pods_as_load_has_made(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 5)
    seen: list[tuple[list[str], int]] = []
    stage.cluster.after_write.append(lambda: seen.append((autoscalers(stage), len(stage.pods(2)))))
    made = first_bounds(stage)
    await stage.update(scaled("v2"))
    assert made == [(5, 8)]
    assert all(names == ["llama-r1"] for names, pods in seen if 0 < pods < 5)
    assert (autoscalers(stage), bounds(stage, "llama-r2")) == (["llama-r2"], (1, 8))
    assert (stage.replicas("llama-r2"), stage.replicas("llama-r1")) == (5, 5)


async def test_a_kept_version_is_not_scaled_and_comes_back_with_the_pods_that_load_has_made(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 3)
    await stage.update(scaled("v2"))
    under_load(stage, "llama-r2", 6)
    under_load(stage, "llama-r1", 1)
    assert stage.replicas("llama-r1") == 3
    stage.controllers.loads.clear()
    made = first_bounds(stage)
    await stage.update(scaled())
    assert (made, autoscalers(stage), stage.replicas("llama-r1")) == ([(6, 8)], ["llama-r1"], 6)


async def test_undo_without_a_program_brings_the_autoscaler_back(stage: Stage) -> None:
    await stage.create(scaled(most=4))
    await stage.update(scaled("v2", most=6))
    await orders.undo(order(stage))
    assert (autoscalers(stage), bounds(stage, "llama-r1")) == (["llama-r1"], (1, 6))


async def test_a_version_that_was_let_through_is_scaled(stage: Stage) -> None:
    await stage.create(scaled())
    await stage.update(scaled("v2", promotion="manual"))
    assert autoscalers(stage) == ["llama-r1"]
    await orders.promote(order(stage))
    assert autoscalers(stage) == ["llama-r2"]


async def test_other_bounds_change_in_place(stage: Stage) -> None:
    await stage.create(scaled(least=1, most=4))
    pods = stage.pods(1)
    await stage.update(scaled(least=3, most=9))
    assert (bounds(stage, "llama-r1"), stage.replicas("llama-r1")) == ((3, 9), 3)
    assert set(pods) < set(stage.pods(1))
    await stage.update(scaled(least=1, most=2))
    assert (bounds(stage, "llama-r1"), stage.replicas("llama-r1")) == ((1, 2), 2)


async def test_a_lower_most_count_and_a_new_version_start_with_what_is_allowed(stage: Stage) -> None:
    await stage.create(scaled(most=8))
    under_load(stage, "llama-r1", 6)
    await stage.update(scaled("v2", most=4))
    assert (stage.replicas("llama-r2"), bounds(stage, "llama-r2")) == (4, (1, 4))


async def test_turned_off_it_goes_before_the_pods_are_counted_anew(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 5)
    await stage.update(by_load(wanted(replicas=2), {}))
    assert (autoscalers(stage), stage.replicas("llama-r1")) == ([], 2)


async def test_turned_on_it_keeps_the_pods_that_there_are(stage: Stage) -> None:
    await stage.create(wanted(replicas=4))
    pods = stage.pods(1)
    made = first_bounds(stage)
    await stage.update(scaled())
    assert (made, bounds(stage, "llama-r1"), stage.pods(1)) == ([(4, 8)], (1, 8), pods)


async def test_a_stopped_workload_has_none_and_starts_with_what_it_had(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 5)
    await stage.update(replace(scaled(), running=False))
    assert (autoscalers(stage), stage.names(POD)) == ([], [])
    await stage.update(scaled())
    assert (autoscalers(stage), stage.replicas("llama-r1")) == (["llama-r1"], 5)


async def test_stop_and_start_at_the_command_line_do_the_same(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 5)
    await orders.halt(order(stage))
    assert autoscalers(stage) == []
    await orders.restart(order(stage))
    assert (autoscalers(stage), stage.replicas("llama-r1")) == (["llama-r1"], 5)


async def test_load_that_grows_while_a_candidate_loads_is_caught_up_with_before_the_switch(stage: Stage) -> None:
    await stage.create(scaled())
    stage.fate_of({"v2": Fate(ready_after=60)})

    def grow() -> None:
        if stage.pods(2):
            stage.controllers.loads["llama-r1"] = 4

    stage.cluster.after_write.append(grow)
    serving: list[int] = []
    stage.cluster.after_write.append(lambda: serving.append(len(ready(stage))))
    await stage.update(scaled("v2"))
    assert stage.replicas("llama-r2") == 4
    assert serving[-1] == 4


async def test_a_failed_replacement_leaves_the_autoscaler_of_what_serves_alone(stage: Stage) -> None:
    await stage.create(scaled())
    uid = stage.cluster.named(HORIZONTAL_POD_AUTOSCALER, "llama-r1")["metadata"]["uid"]
    stage.fate_of({"v2": Fate(ready_after=None)})
    with pytest.raises(RolloutFailed):
        await stage.update(scaled("v2", most=3))
    kept = stage.cluster.named(HORIZONTAL_POD_AUTOSCALER, "llama-r1")
    assert (kept["metadata"]["uid"], bounds(stage, "llama-r1")) == (uid, (1, 8))


async def test_a_deleted_or_edited_autoscaler_is_noticed_and_put_right(stage: Stage) -> None:
    await stage.create(scaled())
    await stage.cluster.delete(HORIZONTAL_POD_AUTOSCALER, "models", "llama-r1")
    assert await noticed(stage) == "the autoscaler of r1 is gone"
    await stage.update(scaled())
    edit = [{"op": "replace", "path": "/spec/maxReplicas", "value": 2}]
    await stage.cluster.patch(HORIZONTAL_POD_AUTOSCALER, "models", "llama-r1", edit)
    assert await noticed(stage) == "the autoscaler of r1 allows 1 to 2 pods, not 1 to 8"
    await stage.update(scaled())
    assert (bounds(stage, "llama-r1"), await noticed(stage)) == ((1, 8), "")


async def test_an_autoscaler_that_nobody_looks_at_goes_on_keeping_the_pods(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 5)
    stage.controllers.autoscales = False
    await stage.update(scaled("v2"))
    assert bounds(stage, "llama-r2") == (5, 8)
    assert "has not looked at HorizontalPodAutoscaler llama-r2 for 30 s" in stage.heard.warnings[-1]
    assert await noticed(stage) == "the autoscaler of r2 allows 5 to 8 pods, not 1 to 8"
    stage.controllers.autoscales = True
    await stage.update(scaled("v2"))
    assert bounds(stage, "llama-r2") == (1, 8)


async def test_with_no_time_left_to_wait_a_replacement_is_done_all_the_same(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 5)
    stage.controllers.autoscales = False
    await stage.update(scaled("v2"), seconds=10)
    assert bounds(stage, "llama-r2") == (5, 8)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, 32))
async def test_cut_at_any_write_the_next_run_ends_with_one_autoscaler_for_what_serves(
    stage: Stage, write: int, *, after: bool
) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 3)
    stage.cluster.breaks_at, stage.cluster.breaks_after = stage.cluster.writes + write, after
    try:
        await stage.update(scaled("v2", most=6))
    except (LockLost, RolloutFailed, DeadlineExceeded):
        assert len(autoscalers(stage)) <= 1
    stage.cluster.breaks_at = None
    await stage.update(scaled("v2", most=6))
    name = f"llama-{stage.service()['metadata']['annotations'][labels.ACTIVE]}"
    assert name != "llama-r1"
    assert (autoscalers(stage), bounds(stage, name), stage.replicas(name)) == ([name], (1, 6), 3)
    assert await noticed(stage) == ""


async def test_without_the_right_to_autoscalers_a_fixed_count_works_as_ever(stage: Stage) -> None:
    def refused() -> Fault:
        said = Forbidden(
            "list", kind="HorizontalPodAutoscaler", namespace="models", name="", status=403, said="forbidden"
        )
        return Fault("list", HORIZONTAL_POD_AUTOSCALER, said)

    stage.cluster.faults += [refused() for _ in range(10)]
    await stage.create(wanted())
    await stage.update(wanted("v2"))
    assert stage.service()["metadata"]["annotations"][labels.ACTIVE] == "r2"
    with pytest.raises(Forbidden):
        await stage.update(scaled("v3"))
    assert stage.pods(3) == []


async def test_a_replacement_of_its_own_leaves_the_bounds_to_the_workload(stage: Stage) -> None:
    driven = settings(driver="external", keepOldVersionMinutes=5)
    program = replace(scaled(most=6), settings=driven)
    await stage.create(program)
    under_load(stage, "llama-r1", 4)
    moves = replace(wanted("v2"), settings=driven)
    creation = "the first"
    await external.replace(stage.cluster, moves, token=creation, seconds=3600, option="create", report=stage.heard)
    assert (autoscalers(stage), bounds(stage, "llama-r2"), stage.replicas("llama-r2")) == (["llama-r2"], (1, 6), 4)


async def test_what_made_room_and_comes_back_is_scaled_again(stage: Stage) -> None:
    await stage.create(scaled())
    under_load(stage, "llama-r1", 3)
    stage.fate_of({"v2": Fate(ready_after=None)})
    program = replace(scaled("v2"), settings=settings(surge="recreate"))
    with pytest.raises(RolloutFailed):
        await stage.update(program)
    assert (autoscalers(stage), stage.replicas("llama-r1")) == (["llama-r1"], 3)
    assert await noticed(stage) == ""


async def test_where_no_autoscaler_may_be_made_the_error_says_what_serves(stage: Stage) -> None:
    await stage.create(wanted())
    said = "exceeded quota: scaling, requested: count/horizontalpodautoscalers.autoscaling=1"
    refusal = Forbidden(
        "create", kind="HorizontalPodAutoscaler", namespace="models", name="llama-r2", status=403, said=said
    )
    stage.cluster.faults.append(Fault("create", HORIZONTAL_POD_AUTOSCALER, refusal))
    with pytest.raises(RolloutFailed, match=r"HorizontalPodAutoscaler models/llama-r2.*exceeded quota.*r2 serves"):
        await stage.update(scaled("v2"))
    assert await noticed(stage) == "the autoscaler of r2 is gone"
    await stage.update(scaled("v2"))
    assert autoscalers(stage) == ["llama-r2"]


async def test_admission_rules_that_put_an_autoscaler_back_hold_nobody_up(stage: Stage) -> None:
    await stage.create(scaled(most=4))

    def put_back() -> None:
        body = stage.cluster.named(HORIZONTAL_POD_AUTOSCALER, "llama-r1")
        if body["spec"]["maxReplicas"] > 4:
            body["spec"]["maxReplicas"] = 4
            stage.cluster.put(HORIZONTAL_POD_AUTOSCALER, body)

    stage.cluster.after_write.append(put_back)
    await stage.update(scaled(most=9))
    assert await noticed(stage) == "the autoscaler of r1 allows 1 to 4 pods, not 1 to 9"
