"""Which of the bundles that a group may have a version gets: what is there already keeps its own, else room decides.

Each way to choose is a template of its own, so everything that names a template (a hold, a record) goes on as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inference_provider.manifests.pod import Hardware
from inference_provider.placement.quota import NO_QUOTAS, Quotas
from inference_provider.placement.surge import Gpus, Judged, Room
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.next_step import Goal, candidate_of
from inference_provider.rollout.surge import room_for

#: So many bundles that have no room are named in a sentence.
_NAMED = 3


@dataclass(frozen=True)
class Offer:
    """One way to choose. ``names`` are the bundles by group."""

    template: str
    names: Mapping[str, str]
    hardware: Mapping[str, Hardware]

    @property
    def said(self) -> str:
        """``h100``, or with several groups ``decode: h100, prefill: l4``."""
        if len(self.names) == 1:
            return next(iter(self.names.values()))
        return ", ".join(f"{group}: {name}" for group, name in self.names.items())


@dataclass(frozen=True)
class Choice:
    """What was chosen. ``passed`` are those that have no room, with what they lack; all of them when none ``fits``.

    Where nobody had to look, or may, none was passed over.
    """

    offer: Offer
    fits: bool = True
    passed: tuple[tuple[Offer, Judged], ...] = ()

    @property
    def words(self) -> str | None:
        """Why it is not the first one, or that none has room; None when there is nothing to say."""
        if not self.passed:
            return None
        lacking = [f"{each.said} {judged.sentence}" for each, judged in self.passed[:_NAMED]]
        more = [f"{len(self.passed) - _NAMED} more have no room"] if len(self.passed) > _NAMED else []
        why = "; ".join([*lacking, *more])
        if self.fits:
            return f"takes bundle {self.offer.said}: {why}"
        return f"waits for bundle {self.offer.said}, as none has room: {why}"


def pinned(fleet: Fleet, goal: Goal, templates: Sequence[str]) -> str | None:
    """The template among these that somebody knows already: what serves, else what is held, else what is on its way
    up, else what is kept.

    None when a new version would have to be made.
    """
    active, hold = fleet.active, hold_of(fleet.anchor)
    if active is not None and active.template in templates and not active.condemned:
        return active.template
    if hold is not None and hold.template in templates:
        return hold.template
    found = [candidate_of(fleet, replace(goal, template=each)) for each in templates]
    there = [each for each in found if each is not None]
    rising = [each for each in there if each.role is Role.CANDIDATE]
    return max(rising or there, key=lambda each: each.revision).template if there else None


def looks_for_room(surge: str, fleet: Fleet) -> bool:
    """Whether a bundle farther down the list will do: for a first version, and where ``surge`` is fallback."""
    return fleet.active is None or surge == "fallback"


def first_with_room(
    offers: Sequence[Offer],
    fleet: Fleet,
    goal: Goal,
    *,
    counts: Mapping[str, int],
    gpus: Gpus | None,
    quotas: Quotas = NO_QUOTAS,
) -> Choice:
    """The first offer whose pods, ``counts`` of each group, find room beside what serves; the first when none does.

    Room is on nodes (whichever where ``gpus`` is None) and in quotas. Kept versions give way to it, as they would when
    it waited.
    """
    passed: list[tuple[Offer, Judged]] = []
    for offer in offers:
        towards = replace(goal, template=offer.template)
        judged = room_for(fleet, towards, hardware=offer.hardware, counts=counts, gpus=gpus, quotas=quotas)
        if judged.room in (Room.FREE, Room.KEPT):
            return Choice(offer, passed=tuple(passed))
        passed.append((offer, judged))
    return Choice(offers[0], fits=False, passed=tuple(passed))
