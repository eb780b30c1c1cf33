"""A run that ends at any write, before or after it was done, and the run after it: nothing is lost or left over."""

from dataclasses import replace

import pytest

from inference_provider.converge.workload import Wanted
from inference_provider.errors import LockLost
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, POD, POD_DISRUPTION_BUDGET, SERVICE
from inference_provider.rollout.fleet import Fleet, Role
from tests.converge.stage import Stage
from tests.support.blueprints import wanted

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
