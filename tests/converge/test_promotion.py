"""Manual promotion: a new version is proven, waits beside the old one, and takes over when somebody says its number."""

import asyncio
import contextlib

import pytest

from inference_provider.converge import orders
from inference_provider.converge.wanted import Wanted
from inference_provider.errors import InferenceError, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import DEPLOYMENT, ENDPOINT_SLICE, JOB, POD, SERVICE
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.leftovers import leftovers
from tests.converge.person import order
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate


def manual(version: str, *, replicas: int = 1, promote: str | None = None, on_conflict: str = "reject") -> Wanted:
    """What a program with manual promotion wants."""
    return wanted(
        version,
        replicas=replicas,
        promotion="manual",
        promote=promote,
        keepOldVersionMinutes=60,
        onConflict=on_conflict,
    )


def shape(fleet: Fleet) -> list[tuple[str, str]]:
    """Every version and its role."""
    return [(each.name, each.role.value) for each in fleet.protons]


async def staged(stage: Stage, *, replicas: int = 1) -> Fleet:
    """r1 serves, r2 waits."""
    await stage.create(manual("v1", replicas=replicas))
    return await stage.update(manual("v2", replicas=replicas))


async def test_a_first_version_waits_for_nobody(stage: Stage) -> None:
    fleet = await stage.create(manual("v1"))
    assert shape(fleet) == [("r1", "active")]


async def test_a_new_version_is_staged_and_the_run_ends_well(stage: Stage) -> None:
    fleet = await staged(stage)

    assert shape(fleet) == [("r1", "active"), ("r2", "candidate")]
    assert fleet.traffic == (0,)
    assert fleet.protons[1].staged
    assert stage.names(JOB) == [], "it may wait for longer than a tombstone lives"
    assert annotation(stage.record(2), labels.PHASE) == "awaiting_promotion"
    assert leftovers(fleet) == ()
    assert '`promote: "r2"` in its replacement settings' in stage.heard.infos[-1]


async def test_what_waits_is_left_alone_by_the_same_program(stage: Stage) -> None:
    await staged(stage)
    pods = stage.pods(2)

    fleet = await stage.update(manual("v2", replicas=3))

    assert shape(fleet) == [("r1", "active"), ("r2", "candidate")]
    assert (len(stage.pods(1)), stage.pods(2)) == (3, pods), "what changes in place does, for what serves"


async def test_the_revision_that_is_named_takes_over_with_the_pods_it_has(stage: Stage) -> None:
    await staged(stage)
    pods = stage.pods(2)

    fleet = await stage.update(manual("v2", promote="r2"))

    assert shape(fleet) == [("r1", "retained"), ("r2", "active")]
    assert stage.pods(2) == pods
    assert annotation(stage.record(2), labels.OUTCOME) == "completed"
    assert leftovers(fleet) == ()


async def test_what_waited_has_as_many_pods_as_what_serves_before_it_takes_over(stage: Stage) -> None:
    await staged(stage)
    await stage.update(manual("v2", replicas=3))
    seen: list[int] = []
    stage.cluster.after_write.append(lambda: seen.append(behind(stage)))

    await stage.update(manual("v2", replicas=3, promote="r2"))

    assert min(seen) >= 3
    assert len(stage.pods(2)) == 3


@pytest.mark.parametrize("stale", ["r1", "r3", "r9"])
async def test_a_stale_promotion_switches_nothing(stage: Stage, stale: str) -> None:
    await staged(stage)

    fleet = await stage.update(manual("v2", promote=stale))

    assert shape(fleet) == [("r1", "active"), ("r2", "candidate")]
    assert f"replacement.promote names {stale}, which is not what waits" in stage.heard.infos[-1]


async def test_a_forgotten_promotion_does_not_promote_the_next_version(stage: Stage) -> None:
    await staged(stage)
    await stage.update(manual("v2", promote="r2"))

    fleet = await stage.update(manual("v3", promote="r2"))

    assert shape(fleet) == [("r1", "retained"), ("r2", "active"), ("r3", "candidate")]
    assert fleet.traffic == (1,)


async def test_a_program_that_is_put_back_cancels_what_waits(stage: Stage) -> None:
    await staged(stage)

    fleet = await stage.update(manual("v1"))

    assert shape(fleet) == [("r1", "active")]
    assert annotation(stage.record(2), labels.OUTCOME) == "cancelled"
    assert leftovers(fleet) == ()


async def test_a_third_version_is_refused_before_anything_moves(stage: Stage) -> None:
    await staged(stage)
    before = stage.names(DEPLOYMENT)

    with pytest.raises(InferenceError, match="r2 waits for promotion, and this is a third version"):
        await stage.update(manual("v3"))

    assert stage.names(DEPLOYMENT) == before


async def test_a_third_version_may_push_aside_what_waits(stage: Stage) -> None:
    await staged(stage)

    fleet = await stage.update(manual("v3", on_conflict="supersede"))

    assert shape(fleet) == [("r1", "active"), ("r3", "candidate")]
    assert annotation(stage.record(2), labels.OUTCOME) == "cancelled"


async def test_automatic_promotion_lets_through_what_waits(stage: Stage) -> None:
    await staged(stage)
    fleet = await stage.update(wanted("v2", keepOldVersionMinutes=60))
    assert shape(fleet) == [("r1", "retained"), ("r2", "active")]


async def test_ann_promotes_at_the_command_line_and_the_program_follows(stage: Stage) -> None:
    await staged(stage)

    fleet = await orders.promote(order(stage, "measured well"))

    assert shape(fleet) == [("r1", "retained"), ("r2", "active")]
    assert annotation(stage.record(2), labels.MESSAGE) == "promoted by ann: measured well"
    again = await stage.update(manual("v2"))
    assert shape(again) == shape(fleet)


async def test_there_is_nothing_to_promote_when_nothing_waits(stage: Stage) -> None:
    await stage.create(manual("v1"))
    with pytest.raises(InferenceError, match="no version of Workload models/llama waits for promotion: r1 serves"):
        await orders.promote(order(stage))


async def test_what_waits_can_be_cancelled_and_is_held_then(stage: Stage) -> None:
    await staged(stage)

    fleet = await orders.cancel(order(stage))

    assert fleet is not None
    assert shape(fleet) == [("r1", "active")]
    assert shape(await stage.update(manual("v2"))) == [("r1", "active")], "it is held"


async def test_what_died_while_it_waited_does_not_take_over(stage: Stage) -> None:
    await staged(stage)
    stage.fate_of({"v2": Fate(ready_after=None)})
    for name in stage.pods(2):
        stage.cluster.remove(POD, "models", name)

    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await stage.update(manual("v2", promote="r2"))

    assert shape(await stage.fleet()) == [("r1", "active")]


async def killed_amid_the_switch(stage: Stage) -> None:
    """r2 was promoted, and both have traffic when the run dies."""
    await staged(stage)
    stage.controllers.slices_follow = False  # so that the switch has to wait for them
    run = asyncio.create_task(stage.update(manual("v2", promote="r2")))
    await stage.sees(lambda: stage.service()["spec"]["selector"] != only_to(0))
    run.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await run
    stage.controllers.slices_follow = True
    assert (await stage.fleet()).traffic == (0, 1)


async def test_a_run_that_dies_while_it_switches_is_carried_on_with(stage: Stage) -> None:
    await killed_amid_the_switch(stage)

    fleet = await stage.update(manual("v2", promote="r2"))

    assert shape(fleet) == [("r1", "retained"), ("r2", "active")]
    assert leftovers(fleet) == ()


async def test_a_word_that_is_taken_back_amid_the_switch_leaves_it_staged(stage: Stage) -> None:
    await killed_amid_the_switch(stage)

    fleet = await stage.update(manual("v2"))

    assert (fleet.traffic, shape(fleet)) == ((0,), [("r1", "active"), ("r2", "candidate")])


async def test_the_way_back_waits_too_and_starts_no_pod(stage: Stage) -> None:
    await staged(stage)
    pods = stage.pods(1)
    await stage.update(manual("v2", promote="r2"))

    fleet = await stage.update(manual("v1"))
    assert (shape(fleet), fleet.traffic) == ([("r1", "candidate"), ("r2", "active")], (1,))

    fleet = await stage.update(manual("v1", promote="r1"))
    assert [each.name for each in fleet.of_role(Role.ACTIVE)] == ["r1"]
    assert stage.pods(1) == pods
    assert annotation(stage.record(3), labels.OUTCOME) == "completed"


async def test_a_way_back_that_is_called_off_while_it_waits_says_so(stage: Stage) -> None:
    await staged(stage)
    await stage.update(manual("v2", promote="r2"))
    await stage.update(manual("v1"))

    fleet = await stage.update(manual("v2"))

    assert shape(fleet) == [("r1", "retained"), ("r2", "active")]
    said = [annotation(stage.record(3), each) for each in (labels.OUTCOME, labels.MESSAGE)]
    assert said == ["cancelled", "called off while it waited for promotion"]
    assert annotation(stage.record(1), labels.OUTCOME) == "completed"


def only_to(slot: int) -> dict[str, str]:
    """The selector that sends to one slot only."""
    return labels.only(slot).selector("llama")


def behind(stage: Stage) -> int:
    """How many ready pods the endpoint has."""
    slices = [each for each in stage.cluster.all_of(ENDPOINT_SLICE) if each["metadata"]["name"].startswith("llama")]
    own = [each for each in slices if each["metadata"]["labels"]["kubernetes.io/service-name"] == "llama"]
    return sum(1 for each in own for endpoint in each.get("endpoints") or [] if endpoint["conditions"]["ready"])


async def test_a_run_that_dies_as_it_stages_leaves_the_record_to_the_next(stage: Stage) -> None:
    await stage.create(manual("v1"))

    def strike() -> None:
        if annotation(stage.service("llama-r2"), labels.STAGED) is not None:
            stage.cluster.after_write.remove(strike)
            raise asyncio.CancelledError

    run = asyncio.create_task(stage.update(manual("v2")))
    await stage.sees(lambda: "llama-r2" in stage.names(SERVICE))
    stage.cluster.after_write.append(strike)
    await asyncio.wait({run})
    assert annotation(stage.record(2), labels.PHASE) == "initializing"

    await stage.update(manual("v2"))

    assert annotation(stage.record(2), labels.PHASE) == "awaiting_promotion"


async def test_what_is_taken_back_at_night_waits_for_no_promotion(stage: Stage) -> None:
    await staged(stage)
    await stage.update(manual("v2", promote="r2"))

    fleet = await orders.undo(order(stage))

    assert shape(fleet) == [("r1", "active"), ("r2", "retained")]
    assert shape(await stage.update(manual("v2", promote="r2"))) == shape(fleet), "it is held"
