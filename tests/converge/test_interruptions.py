"""A run that ends at any write, before or after it was done, and the run after it: nothing is lost or left over."""

import asyncio
from dataclasses import replace

import pytest

from inference_provider.converge.wanted import Wanted
from inference_provider.errors import LockLost
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, POD, POD_DISRUPTION_BUDGET, SERVICE
from inference_provider.rollout.fleet import Fleet, Role
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate

#: More writes than any run here has.
WRITES = range(1, 36)


def known(image: str) -> Wanted:
    """A wish of a resource that has a URN."""
    plain = wanted(image)
    return replace(plain, face=Face(notes={labels.URN: "urn:pulumi:dev::p::t::llama"}))


def clean(stage: Stage, fleet: Fleet, image: str) -> None:
    """One version serves alone, at most its neighbour is kept, and there is nothing that belongs to nobody."""
    active = fleet.active
    assert active is not None
    assert active.template == wanted(image).blueprint.template
    assert fleet.traffic == (active.slot,)
    others = [proton for proton in fleet.protons if proton is not active]
    assert [proton.role for proton in others] in ([], [Role.RETAINED])
    assert stage.names(JOB) == [f"llama-{proton.name}-keep" for proton in others]
    owned = sorted(f"llama-{proton.name}" for proton in fleet.protons)
    assert stage.names(SERVICE) == ["llama", *owned]
    assert stage.names(DEPLOYMENT) == stage.names(POD_DISRUPTION_BUDGET) == owned
    assert len(stage.names(POD)) == 2 * len(owned)


async def interrupted(stage: Stage, at: int, *, after: bool, image: str) -> bool:
    """An update that ends at a write; False when it had ended by itself before."""
    stage.cluster.writes, stage.cluster.breaks_at, stage.cluster.breaks_after = 0, at, after
    try:
        await stage.update(wanted(image, keepOldVersionMinutes=5))
    except LockLost:
        return True
    finally:
        stage.cluster.breaks_at = None
    return False


@pytest.mark.parametrize("then", ["v1", "v2", "v3"])
@pytest.mark.parametrize("when", ["before it is done", "after it was done"])
async def test_an_update_that_ends_at_any_write_is_carried_on_or_undone(when: str, then: str) -> None:
    for at in WRITES:
        stage = Stage()
        await stage.create(wanted("v1"))
        broke = await interrupted(stage, at, after=when.startswith("after"), image="v2")

        fleet = await stage.update(wanted(then, keepOldVersionMinutes=5))

        clean(stage, fleet, then)
        if not broke:
            break


@pytest.mark.parametrize("then", ["v1", "v2", "v3"])
@pytest.mark.parametrize("when", ["before it is done", "after it was done"])
async def test_a_way_back_that_ends_at_any_write_is_carried_on_or_undone(when: str, then: str) -> None:
    for at in WRITES:
        stage = Stage()
        await stage.create(wanted("v1"))
        await stage.update(wanted("v2", keepOldVersionMinutes=5))
        broke = await interrupted(stage, at, after=when.startswith("after"), image="v1")

        fleet = await stage.update(wanted(then, keepOldVersionMinutes=5))

        clean(stage, fleet, then)
        if not broke:
            break


@pytest.mark.parametrize("when", ["before it is done", "after it was done"])
async def test_a_create_that_ends_at_any_write_is_carried_on(when: str) -> None:
    for at in WRITES:
        stage = Stage()
        stage.cluster.breaks_at, stage.cluster.breaks_after = at, when.startswith("after")
        try:
            await stage.create(known("v1"))
            break
        except LockLost:
            stage.cluster.breaks_at = None
        clean(stage, await stage.create(known("v1")), "v1")


async def cut_off(stage: Stage, version: str, number: int) -> None:
    """An update that is killed as soon as its record is there."""
    stage.fate_of({version: Fate(ready_after=None)})
    update = asyncio.create_task(stage.update(wanted(version)))
    await stage.sees(lambda: f"revision-llama-r{number}" in stage.names(CONFIG_MAP))
    update.cancel()
    await asyncio.wait({update})


async def test_no_record_stays_open_after_one_interruption_and_another(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    for version, number in (("v2", 2), ("v3", 3), ("v4", 4)):
        await cut_off(stage, version, number)

    fleet = await stage.update(wanted("v5"))

    assert fleet.active is not None
    assert fleet.active.name == "r5"
    outcomes = [annotation(stage.record(number), labels.OUTCOME) for number in (1, 2, 3, 4, 5)]
    assert outcomes == ["completed", "cancelled", "cancelled", "cancelled", "completed"]
    assert annotation(fleet.anchor, labels.UNDER_WAY) is None


async def test_a_retired_one_that_is_interrupted_leaves_no_tombstone_without_a_proton(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=60))
    gone: list[bool] = []

    def strike() -> None:
        if stage.pods(3) and not gone and "llama-r1-keep" not in stage.names(JOB):
            gone.append(True)
            update.cancel()

    stage.cluster.after_write.append(strike)
    update = asyncio.create_task(stage.update(wanted("v3", keepOldVersionMinutes=60)))
    await asyncio.wait({update})
    assert gone

    fleet = await stage.update(wanted("v3", keepOldVersionMinutes=60))

    assert stage.names(JOB) == ["llama-r2-keep"]
    assert [each.name for each in fleet.protons] == ["r2", "r3"]
