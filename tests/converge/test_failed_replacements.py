"""Replacements that do not end well: the old version serves on, and the error says what happened."""

import pytest

from inference_provider.errors import DeadlineExceeded, Forbidden, InferenceError, LockHeld, LockLost, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import (
    CONFIG_MAP,
    DEPLOYMENT,
    JOB,
    POD_DISRUPTION_BUDGET,
    SERVICE,
    Kind,
)
from inference_provider.rollout.fleet import Role
from tests.converge.stage import Stage
from tests.support.blueprints import content, group, vllm, wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate, image_that_cannot_be_pulled, no_node

NEVER = Fate(ready_after=None)


def forbidden(kind: Kind) -> Forbidden:
    """The server's refusal."""
    return Forbidden("create", kind=kind.name, namespace="models", name="llama-r2", status=403, said="no right")


async def old_serves(stage: Stage) -> None:
    """The first version has all traffic, and nothing else is there."""
    fleet = await stage.fleet()
    assert fleet.traffic == (0,)
    assert [(each.name, each.role) for each in fleet.protons] == [("r1", Role.ACTIVE)]
    assert stage.names(JOB) == []


async def test_a_candidate_whose_image_is_missing_is_removed_and_the_cause_is_said(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": image_that_cannot_be_pulled("vllm/v2")})

    with pytest.raises(RolloutFailed, match=r"r2 did not become ready: .*cannot pull vllm") as caught:
        await stage.update(wanted("v2"))

    assert "r1 still serves" in caught.value.message
    assert "the new version was removed" in caught.value.message
    assert caught.value.touched
    await old_serves(stage)
    record = stage.record(2)
    assert (annotation(record, labels.PHASE), annotation(record, labels.OUTCOME)) == ("errored", "errored")


async def test_a_failed_candidate_is_kept_when_asked_and_gets_no_traffic(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": NEVER})

    with pytest.raises(RolloutFailed, match="r2 is kept for inspection and gets no traffic"):
        await stage.update(wanted("v2", onFailure="keep"))

    fleet = await stage.fleet()
    assert [(each.name, each.role) for each in fleet.protons] == [("r1", Role.ACTIVE), ("r2", Role.FAILED)]
    assert stage.names(JOB) == ["llama-r2-keep"]
    assert "is not ready after" in str(annotation(stage.service("llama-r2"), labels.FAILED))
    assert stage.cluster.named(JOB, "llama-r2-keep")["spec"]["ttlSecondsAfterFinished"] in (3600, 3601)


async def test_the_next_try_takes_the_place_of_a_kept_failure(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": NEVER})
    with pytest.raises(RolloutFailed):
        await stage.update(wanted("v2", onFailure="keep"))
    stage.fate_of({})

    fleet = await stage.update(wanted("v2"))

    assert fleet.active is not None
    assert fleet.active.name == "r3"
    assert fleet.proton(2) is None


async def test_an_update_that_waits_for_gpus_too_long_says_what_it_waited_for(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": no_node("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.")})

    with pytest.raises(RolloutFailed) as caught:
        await stage.update(wanted("v2"), seconds=600)

    assert "did not finish within 10 min; it was waiting" in caught.value.message
    assert "r2 waits for a node" in caught.value.message
    assert "r1 still serves" in caught.value.message
    await old_serves(stage)


async def test_when_traffic_cannot_be_widened_it_goes_back_to_the_old_version(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.slices_follow = False

    with pytest.raises(RolloutFailed, match="EndpointSlices of Service models/llama did not follow"):
        await stage.update(wanted("v2"))

    fleet = await stage.fleet()
    assert fleet.traffic == (0,)
    assert annotation(fleet.anchor, labels.ACTIVE) == "r1"


async def test_a_candidate_that_dies_in_the_switch_gives_traffic_back(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    def dying() -> None:
        if stage.service()["spec"]["selector"].keys() >= {labels.EVEN, labels.ODD}:
            return
        stage.cluster.after_write.remove(dying)
        for pod in stage.pods(2):
            stage.controllers.set_ready(pod, ready=False)

    stage.cluster.after_write.insert(0, dying)

    with pytest.raises(RolloutFailed, match="r1 still serves; the new version was removed"):
        await stage.update(wanted("v2"))

    await old_serves(stage)


async def test_an_active_with_one_broken_pod_gets_its_traffic_back_all_the_same(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.set_ready(stage.pods(1)[0], ready=False)
    stage.fate_of({"v2": NEVER})
    patched = stage.service()
    patched["spec"]["selector"] = {"somebody": "else"}
    stage.cluster.put(SERVICE, patched)

    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await stage.update(wanted("v2"))

    await old_serves(stage)


async def test_what_fails_after_the_switch_is_not_called_a_failed_version(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.faults.append(Fault("patch", JOB, forbidden(JOB)))

    with pytest.raises(RolloutFailed) as caught:
        await stage.update(wanted("v2"))

    assert "r2 serves" in caught.value.message
    assert "removed" not in caught.value.message
    fleet = await stage.fleet()
    assert fleet.active is not None
    assert (fleet.active.name, fleet.traffic) == ("r2", (1,))
    assert annotation(stage.record(2), labels.PHASE) == "cleaning_up"


async def test_old_pods_that_take_their_time_to_end_hold_up_nobody(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=60))
    stage.cluster.pods_linger = True

    fleet = await stage.update(wanted("v3"), seconds=900)

    assert fleet.active is not None
    assert fleet.active.name == "r3"
    assert stage.pods(1)  # still ending, and nobody waits for them


async def test_a_failed_tidying_up_is_said_as_well(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": NEVER})
    stage.cluster.faults.append(Fault("delete", SERVICE, forbidden(SERVICE)))

    with pytest.raises(RolloutFailed, match="Tidying up failed as well: could not create Service"):
        await stage.update(wanted("v2"))


async def test_a_lost_lock_stops_everything_at_once(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": NEVER})
    stage.cluster.after_write.append(lambda: setattr(stage.cluster.lock_state, "lost", bool(stage.pods(2))))

    with pytest.raises(LockLost):
        await stage.update(wanted("v2"))

    assert "delete Service llama-r2" not in stage.cluster.calls


async def test_a_first_create_that_fails_leaves_nothing(stage: Stage) -> None:
    stage.fate_of({"v1": NEVER})

    with pytest.raises(InferenceError, match=r"r1 did not become ready: .*Nothing of this first try is left") as caught:
        await stage.create(wanted("v1"))

    assert not caught.value.touched
    assert stage.names(SERVICE) == stage.names(DEPLOYMENT) == stage.names(CONFIG_MAP) == []


async def test_a_create_that_finds_another_at_work_leaves_its_things_alone(stage: Stage) -> None:
    stage.cluster.lock_error = LockHeld("Workload models/llama is being changed by another run since 03:00")

    with pytest.raises(LockHeld, match="another run"):
        await stage.create(wanted("v1"))

    assert "delete Service llama" not in stage.cluster.calls


async def test_a_create_that_cannot_tidy_up_says_both(stage: Stage) -> None:
    stage.fate_of({"v1": NEVER})
    stage.cluster.faults.append(Fault("delete", SERVICE, forbidden(SERVICE)))

    with pytest.raises(InferenceError, match="What was made could not be removed") as caught:
        await stage.create(wanted("v1"))

    assert caught.value.touched


@pytest.mark.parametrize("kind", [SERVICE, CONFIG_MAP, DEPLOYMENT, POD_DISRUPTION_BUDGET, JOB])
async def test_an_answer_that_got_lost_is_made_good_by_the_next_run(stage: Stage, kind: Kind) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.faults.append(Fault("create", kind, LockLost("gone"), after=True))
    with pytest.raises(LockLost):
        await stage.update(wanted("v2", keepOldVersionMinutes=5))

    fleet = await stage.update(wanted("v2", keepOldVersionMinutes=5))

    assert fleet.active is not None
    assert [(each.template, each.role) for each in fleet.protons][-1] == (fleet.active.template, Role.ACTIVE)
    assert len(fleet.protons) == 2
    assert stage.names(JOB) == ["llama-r1-keep"]


async def test_a_half_made_candidate_of_two_groups_is_completed(stage: Stage) -> None:
    groups = (group(vllm(), name="decode"), group({"name": "worker", "image": "w:1"}, name="prefill"))
    await stage.create(wanted(groups=groups))
    newer = (group(vllm(args=["--new"]), name="decode"), groups[1])
    stage.cluster.faults.append(Fault("create", DEPLOYMENT, LockLost("gone")))
    with pytest.raises(LockLost):
        await stage.update(wanted(groups=newer))
    assert len([name for name in stage.names(DEPLOYMENT) if name.startswith("llama-r2")]) < 2

    fleet = await stage.update(wanted(groups=newer))

    assert fleet.active is not None
    assert fleet.active.name == "r2"
    assert fleet.active.replicas() == {"decode": 2, "prefill": 2}
    assert content(*newer)["containerGroups"] != content(*groups)["containerGroups"]


async def test_a_candidate_carried_on_that_fails_is_kept_when_asked(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": NEVER})
    stage.cluster.faults.append(Fault("create", JOB, LockLost("gone"), after=True))
    with pytest.raises(LockLost):
        await stage.update(wanted("v2", onFailure="keep"))

    with pytest.raises(RolloutFailed, match="r2 is kept for inspection"):
        await stage.update(wanted("v2", onFailure="keep"))


async def test_a_deadline_inside_an_operation_is_an_error_of_its_own(stage: Stage) -> None:
    op = stage.operation(seconds=5)

    with pytest.raises(DeadlineExceeded, match="did not finish within 5 s; it was waiting for rain"):
        await op.until(lambda: False, waiting_for="waiting for rain")


async def test_a_kept_version_that_is_broken_by_now_is_kept_again(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=60))
    for pod in stage.pods(1):
        stage.controllers.set_ready(pod, ready=False)

    with pytest.raises(RolloutFailed, match=r"r1 did not become ready: .* r2 still serves\. Mend the cause"):
        await stage.update(wanted("v1", keepOldVersionMinutes=60))

    fleet = await stage.fleet()
    assert fleet.traffic == (1,)
    assert [each.role for each in fleet.protons] == [Role.RETAINED, Role.ACTIVE]
    assert stage.names(JOB) == ["llama-r1-keep"]
    assert annotation(stage.record(3), labels.PHASE) == "errored"


async def test_an_update_that_may_not_begin_says_that_nothing_became_of_it(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.faults.append(Fault("create", CONFIG_MAP, forbidden(CONFIG_MAP)))

    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await stage.update(wanted("v2"))

    await old_serves(stage)


async def test_an_atomic_switch_that_nobody_follows_is_said(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.slices_follow = False

    with pytest.raises(RolloutFailed, match="did not follow: waited for r2 alone to get traffic"):
        await stage.update(wanted("v2", trafficSwitch="atomic"))
