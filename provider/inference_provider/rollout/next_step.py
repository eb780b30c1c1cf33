"""The next step of a replacement, derived from what is observed and from nothing remembered.

    retire what stands in the way → (vacate the active) → raise (or recall) the candidate → entomb the active
    → prove the candidate → (stage it until it is promoted) → widen traffic to both → narrow it to the candidate
    → retain the old one → retire what is left over → (restore what has made room in vain) → done

Whatever was interrupted anywhere, asking again gives the right next step. The one thing objects do not show is
whether a candidate was proven (that takes time); whoever executes passes it in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.outage import Restore, Vacate, gives_way, restorable


@dataclass(frozen=True)
class Retire:
    """Delete a proton; where its slot is needed, wait until its pods are gone."""

    proton: Proton
    why: str
    slot_needed: bool = True


@dataclass(frozen=True)
class Raise:
    """Create the candidate on this slot."""

    slot: int


@dataclass(frozen=True)
class Recall:
    """Bring a retained proton back under the anchor; its pods run already."""

    proton: Proton


@dataclass(frozen=True)
class Entomb:
    """Make the tombstone that will own the active proton once it has been replaced."""

    proton: Proton


@dataclass(frozen=True)
class Prove:
    """Wait until the candidate is ready, and stays so through the warm-up."""

    proton: Proton


@dataclass(frozen=True)
class Stage:
    """Note on a proven candidate that it waits for promotion."""

    proton: Proton


@dataclass(frozen=True)
class Widen:
    """Send traffic to the active and the candidate."""

    active: Proton
    candidate: Proton


@dataclass(frozen=True)
class Narrow:
    """Send traffic to one proton only, and name it active."""

    proton: Proton


@dataclass(frozen=True)
class Retain:
    """Give a proton that no longer serves to its tombstone, and set when it ends."""

    proton: Proton


@dataclass(frozen=True)
class Exhume:
    """Delete the tombstone of the active proton; it belongs to nobody any more."""

    proton: Proton


@dataclass(frozen=True)
class Sweep:
    """Delete a tombstone whose proton somebody else has deleted."""

    tombstone: Body


@dataclass(frozen=True)
class Mend:
    """Make again what somebody has deleted of the active proton."""

    proton: Proton


@dataclass(frozen=True)
class Done:
    """The wanted template serves, and nothing is left over."""

    active: Proton


@dataclass(frozen=True)
class Staged:
    """Nothing further to do for now: a proven candidate waits beside the active for somebody to promote it."""

    active: Proton
    candidate: Proton


#: Nothing further to do, for good or for now.
End = Done | Staged
_Moves = Raise | Recall | Entomb | Prove | Stage | Widen | Narrow | Retain
Step = _Moves | Retire | Vacate | Restore | Exhume | Sweep | Mend | End


@dataclass(frozen=True)
class Goal:
    """What is wanted: the template that should serve, and how traffic may go over (``atomic``: in one patch).

    ``stopped``: nothing serves and nothing should, so a version takes another's place without gates.
    ``manual``: only the revision that ``promote`` names may take over from another.
    ``vacate``: there is no room beside what serves, so that ends first; never for a version that has to wait.
    ``groups`` are the container groups of the template, each with a Deployment; () where nobody knows them.
    ``barred`` are revisions that may not take over, or start again, though they have the template: why, by revision.
    """

    template: str
    atomic: bool = False
    stopped: bool = False
    manual: bool = False
    promote: str | None = None
    vacate: bool = False
    groups: tuple[str, ...] = ()
    barred: Mapping[int, str] = field(default_factory=dict)


def next_step(fleet: Fleet, goal: Goal, *, proven: frozenset[int] = frozenset()) -> Step:
    """What to do next. Total: every fleet has exactly one answer."""
    active = fleet.active
    right = active is not None and active.template == goal.template and active.revision not in goal.barred
    if active is not None and right and not active.condemned:
        return Mend(active) if set(goal.groups) - set(active.replicas()) else _settle(fleet, active, goal)
    return _advance(fleet, active, goal, proven=proven)


def _settle(fleet: Fleet, active: Proton, goal: Goal) -> Step:
    """The right one serves: put traffic on it alone, and clear what is left."""
    if fleet.traffic != (active.slot,) or annotation(fleet.anchor, labels.ACTIVE) != active.name:
        return Narrow(active)
    if active.buried:
        return Recall(active)
    for other in _others(fleet, active):
        if goal.groups and not other.deployments and other.role is not Role.FAILED:
            return Retire(other, "nothing of it runs any more", slot_needed=False)
        if other.role is Role.CANDIDATE:
            why = "it made room for the new version" if other.vacated else "it does not take over"
            return Retain(other) if other.tombstone is not None and not other.rejected else Retire(other, why)
        if other.role is Role.RETAINED and other.buried and _is_endless(other):
            return Retain(other)  # keeping it was interrupted before its end was set
    if restorable(active) and not goal.stopped:
        return Restore(active)
    old = _oldest_beyond_the_last(fleet, active)
    if old is not None:
        return Retire(old, "only the immediate predecessor is kept", slot_needed=False)
    if active.tombstone is not None:
        return Exhume(active)
    return Sweep(fleet.strays[0]) if fleet.strays else Done(active)


def _is_endless(proton: Proton) -> bool:
    return annotation(proton.service, labels.KEEP_UNTIL) is None


def _advance(fleet: Fleet, active: Proton | None, goal: Goal, *, proven: frozenset[int]) -> Step:
    candidate = _candidate(fleet, active, goal)
    slot = candidate.slot if candidate else _free_slot(fleet, active)
    beside = active is not None and goal.manual and (candidate is None or goal.promote != candidate.name)
    first = next(_blockers(fleet, active, candidate, slot, goal), None) or _room(active, candidate, goal, beside=beside)
    if first is not None:
        return first
    if candidate is None:
        return Raise(slot)
    if candidate.role is Role.RETAINED:
        return Recall(candidate)
    if goal.stopped:
        return Narrow(candidate)
    if active is not None and beside:
        waiting = _wait(fleet, active, candidate, proven=candidate.staged or candidate.revision in proven)
        if waiting is not None:
            return waiting
    if active is not None and active.tombstone is None and not active.vacated:
        return Entomb(active)
    if candidate.revision not in proven:
        return Prove(candidate)
    if active is None or goal.atomic or active.vacated or set(fleet.traffic) == {active.slot, candidate.slot}:
        return Narrow(candidate)
    return Widen(active, candidate)


def _room(active: Proton | None, candidate: Proton | None, goal: Goal, *, beside: bool) -> Step | None:
    """What happens to the active's GPUs before the candidate is raised."""
    if active is None or goal.stopped:
        return None
    if beside and restorable(active) and candidate is not None and candidate.role is Role.CANDIDATE:
        return Retire(candidate, f"{active.name} has to serve while it waits for promotion, and needs the room")
    step = gives_way(active, candidate, vacate=goal.vacate, beside=beside)
    if step is None and active.vacated and active.tombstone is not None:
        return Exhume(active)  # there is nothing left of it to be kept
    return step


def _wait(fleet: Fleet, active: Proton, candidate: Proton, *, proven: bool) -> Step | None:
    """Behind the gate of manual promotion: a proven candidate is staged, and then left alone."""
    if set(fleet.traffic) != {active.slot}:
        return Narrow(active)  # it was promoted, the switch was interrupted, and the word was taken back
    if not proven:
        return None
    if active.tombstone is not None:
        return Exhume(active)  # it may wait for longer than a tombstone lives
    if not candidate.staged:
        return Stage(candidate)
    for other in fleet.of_role(Role.RETAINED):  # what an earlier run has left half kept is not left so for days
        if not other.condemned and other.buried and _is_endless(other):
            return Retain(other)
    old = _oldest_beyond_the_last(fleet, active)
    if old is not None and old.slot != candidate.slot:
        return Retire(old, "only the immediate predecessor is kept", slot_needed=False)
    return Sweep(fleet.strays[0]) if fleet.strays else Staged(active, candidate)


def _free_slot(fleet: Fleet, active: Proton | None) -> int:
    """Beside whatever gets traffic; a first version takes the slot that its Service already selects."""
    if active is not None:
        return active.slot + 1
    return max(fleet.traffic, default=-1) + 1 if fleet.finished else 0


def _candidate(fleet: Fleet, active: Proton | None, goal: Goal) -> Proton | None:
    """A proton with the wanted template that can take over: one on its way up, or a retained neighbour."""
    others = [p for p in _others(fleet, active) if not p.rejected and not p.vacated and p.revision not in goal.barred]
    fitting = [p for p in others if p.template == goal.template]
    neighbours = [p for p in fitting if active is None or abs(p.slot - active.slot) == 1]
    rising = [p for p in neighbours if p.role is Role.CANDIDATE]
    whole = [p for p in neighbours if not set(goal.groups) - set(p.replicas())]
    return next(reversed(rising or whole), None)


def candidate_of(fleet: Fleet, goal: Goal) -> Proton | None:
    """The proton that would take over, if it is there already: nothing new is made then."""
    return _candidate(fleet, fleet.active, goal)


def yielding(fleet: Fleet, goal: Goal) -> list[Proton]:
    """Whatever gives its GPUs to the candidate: kept versions, and what stands in its way."""
    active, candidate = fleet.active, _candidate(fleet, fleet.active, goal)
    slot = candidate.slot if candidate else _free_slot(fleet, active)
    others = [each for each in fleet.protons if each is not candidate and each is not active]
    return [each for each in others if each.role is not Role.FAILED or each.slot == slot]


def _blockers(fleet: Fleet, active: Proton | None, candidate: Proton | None, slot: int, goal: Goal) -> Iterator[Step]:
    """What has to be gone first: half-made protons of another template, and whatever sits on the slot."""
    if active is not None and len(fleet.traffic) == 2 and (candidate is None or candidate.slot not in fleet.traffic):
        yield Narrow(active)  # an interrupted switch to something that is not wanted any more
    for other in _others(fleet, active):
        if other is candidate:
            continue
        if other.role is Role.CANDIDATE:
            yield Retire(other, goal.barred.get(other.revision) or "it belongs to an update that nobody wants any more")
        elif other.slot == slot:
            yield Retire(other, "the new version needs its place")
    for dying in fleet.protons:
        if dying.condemned and dying.slot == slot:
            yield Retire(dying, "it is being deleted and holds the place of the new version")


def _others(fleet: Fleet, active: Proton | None) -> list[Proton]:
    return [p for p in fleet.protons if not p.condemned and (active is None or p.revision != active.revision)]


def _oldest_beyond_the_last(fleet: Fleet, active: Proton) -> Proton | None:
    """A retained proton that cannot be gone back to: there is a closer one, or it is no neighbour of the active."""
    retained = [p for p in _others(fleet, active) if p.role is Role.RETAINED]
    far = [p for p in retained if abs(p.slot - active.slot) != 1]
    if far:
        return far[0]
    return min(retained, key=lambda p: p.revision) if len(retained) > 1 else None
