"""A Workload's objects in memory, changed by steps exactly as the real ones are: through our builders and patches."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face, anchor, switch_operations
from inference_provider.manifests.annotations import change_operations, label
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, SERVICE, Body, Kind
from inference_provider.manifests.ownership import is_owned_by, move_operations
from inference_provider.manifests.proton import Blueprint, deployment, proton_service
from inference_provider.manifests.tombstone import tombstone
from inference_provider.rollout.fleet import Fleet, Proton, observe
from inference_provider.rollout.next_step import (
    Done,
    Entomb,
    Exhume,
    Goal,
    Mend,
    Narrow,
    Prove,
    Raise,
    Recall,
    Retain,
    Retire,
    Stage,
    Staged,
    Step,
    Sweep,
    Widen,
    next_step,
)
from inference_provider.rollout.outage import Restore, Vacate
from tests.support.blueprints import blueprint
from tests.support.json_patch import applied

#: Long enough for everything: clearing up, one replacement, clearing up again.
MANY = 30
#: What the program wants, and what must be there again after whatever happened.
PODS = 3
_PLAIN = blueprint()


class Model:
    """One Workload. ``goal`` is what the program asks for now.

    ``shapes`` are the container groups of each template; without them all have one, and no goal names any.
    """

    def __init__(self, goal: str = "A", *, shapes: Mapping[str, Blueprint] | None = None) -> None:
        self._uids = 0
        self._shapes = shapes or {}
        self.anchor = self._made(anchor("models", "llama", Face(notes={}), slot=0))
        self.services: dict[int, Body] = {}
        self.deployments: dict[tuple[int, str], Body] = {}
        self.jobs: dict[int, Body] = {}
        self.last = 0
        self.proven: set[int] = set()
        self.goal = Goal(goal, groups=self._groups(goal))

    def fleet(self) -> Fleet:
        """What is observed."""

        held = {SERVICE: self.services.values(), JOB: self.jobs.values(), DEPLOYMENT: self.deployments.values()}

        def objects(kind: Kind) -> list[Body]:
            return list(held.get(kind, ()))

        return observe(self.anchor, objects)

    def next(self) -> Step:
        """The step that is asked for now."""
        return next_step(self.fleet(), self.goal, proven=frozenset(self.proven))

    def take(self) -> Step:
        """Take one step, checking that it is a safe one."""
        step = self.next()
        self.check(step)
        self.do(step)
        return step

    def settle(self) -> list[str]:
        """Take steps until all is done; the story of it, step by step."""
        story: list[str] = []
        for _ in range(MANY):
            step = self.take()
            story.append(told(step))
            if isinstance(step, Done | Staged):
                return story
        raise AssertionError(f"never done: {story}")

    def want(
        self,
        template: str,
        *,
        atomic: bool = False,
        manual: bool = False,
        promote: str | None = None,
        vacate: bool = False,
    ) -> None:
        """The program asks for something (else); a new run has proven nothing."""
        groups = self._groups(template)
        self.goal = Goal(template, atomic=atomic, manual=manual, promote=promote, vacate=vacate, groups=groups)
        self.proven = set()

    def check(self, step: Step) -> None:
        """No step may hurt what serves."""
        fleet, active = self.fleet(), self.fleet().active
        match step:
            case Raise(slot):
                taken = {proton.slot for proton in fleet.protons}
                assert slot not in taken, f"two protons on slot {slot}"
                assert not [p for p in _kept_neighbours(fleet) if p.template == self.goal.template], "back, yet raised"
            case Retire(proton) | Retain(proton):
                assert active is None or proton.revision != active.revision, "the active is taken away"
                assert active is None or proton.slot not in fleet.traffic, "what gets traffic is taken away"
            case Vacate(proton):
                assert self.goal.vacate, "an outage that nobody asked for"
                assert active is not None
                assert proton.revision == active.revision
            case Widen(_, proton):
                self._may_get_traffic(proton)
            case Narrow(proton) if active is None or active.revision != proton.revision:
                self._may_get_traffic(proton)
            case _:
                pass

    def _may_get_traffic(self, proton: Proton) -> None:
        named = self.goal.promote == proton.name
        assert proton.revision in self.proven, "traffic for what was never proven"
        assert all(proton.replicas().values()), "traffic for nobody"
        assert self.fleet().active is None or not self.goal.manual or named, "traffic for what nobody promoted"

    def do(self, step: Step) -> None:
        """The effect of a step on the objects."""
        match step:
            case Raise(slot):
                self._raise(slot)
            case Prove(proton):
                self.proven.add(proton.revision)
            case Retire(proton):
                self.vanish(proton.revision)
                self.jobs.pop(proton.revision, None)
            case Entomb() | Exhume() | Sweep():
                self._bury(step)
            case Vacate() | Restore():
                self._give_way(step)
            case Stage(proton):
                stamp = change_operations(proton.service, {labels.STAGED: "2031-05-04T03:00:00Z"})
                self._patch(proton.revision, stamp)
            case Recall(proton):
                forget = change_operations(proton.service, {labels.KEEP_UNTIL: None})
                self._patch(proton.revision, [*move_operations(proton.service, self.anchor), *forget])
            case Retain(proton):
                until = {labels.KEEP_UNTIL: "2031-05-04T03:10:00Z", labels.STAGED: None}
                note = change_operations(proton.service, until)
                self._patch(proton.revision, [*move_operations(proton.service, self.jobs[proton.revision]), *note])
            case Widen() | Narrow():
                self._move(step)
            case Mend(proton):
                self._make(proton.revision, proton.service, proton.slot, proton.missing)
            case Done() | Staged():
                pass

    def _move(self, step: Widen | Narrow) -> None:
        if isinstance(step, Widen):
            self._switch(labels.pair(step.active.slot, step.candidate.slot), None)
        else:
            self._switch(labels.only(step.proton.slot), step.proton.name)

    def _give_way(self, step: Vacate | Restore) -> None:
        proton = step.proton
        if isinstance(step, Vacate):
            self.note_room(proton)
            self.scale(proton.revision, 0)
        else:
            self._scale_to(proton.revision, proton.strength())
            self._patch(proton.revision, change_operations(proton.service, {labels.VACATED: None}))

    def _bury(self, step: Entomb | Exhume | Sweep) -> None:
        match step:
            case Entomb(proton):
                self.entomb(proton.revision)
            case Exhume(proton):
                del self.jobs[proton.revision]
            case Sweep(job):
                del self.jobs[int(str(label(job, labels.REVISION)).removeprefix("r"))]

    def entomb(self, revision: int) -> None:
        """Make a tombstone."""
        body = tombstone(self.anchor, workload="llama", revision=revision, template="0123456789ab", seconds=7200)
        self.jobs[revision] = self._made(body)

    def keep_failed(self, revision: int) -> None:
        """A candidate failed and is kept for inspection."""
        self.entomb(revision)
        service = self.services[revision]
        notes = change_operations(service, {labels.FAILED: "out of memory"})
        self._patch(revision, [*move_operations(service, self.jobs[revision]), *notes])

    def expire(self, revision: int) -> None:
        """A tombstone's time is over: it goes, and so does what it owns."""
        job = self.jobs.pop(revision)
        if revision in self.services and is_owned_by(self.services[revision], job):
            self.vanish(revision)

    def vanish(self, revision: int) -> None:
        """A proton is gone with all that it owns."""
        self.services.pop(revision, None)
        self.deployments = {key: each for key, each in self.deployments.items() if key[0] != revision}

    def note_room(self, proton: Proton) -> None:
        """The first half of making room: what it had is noted, and nothing is scaled yet."""
        if not proton.vacated:
            note = {labels.VACATED: json.dumps(proton.replicas())}
            self._patch(proton.revision, change_operations(proton.service, note))

    def scale(self, revision: int, replicas: int) -> None:
        """Bring every group of a proton to so many pods."""
        self._scale_to(revision, {group: replicas for number, group in self.deployments if number == revision})

    def _scale_to(self, revision: int, counts: Mapping[str, int]) -> None:
        for group, count in counts.items():
            self.deployments[revision, group] = copy.deepcopy(self.deployments[revision, group])
            self.deployments[revision, group]["spec"]["replicas"] = count

    def condemn(self, revision: int) -> None:
        """A proton is being deleted, and its pods take their time."""
        self.services[revision]["metadata"]["deletionTimestamp"] = "2031-05-04T03:00:00Z"

    def _raise(self, slot: int) -> None:
        self.last += 1
        body = proton_service(self._shape(self.goal.template), self.anchor, revision=self.last, slot=slot, port=80)
        self.services[self.last] = service = self._made(body)
        self._make(self.last, service, slot, [str(each["name"]) for each in self._shape(self.goal.template).groups])

    def _make(self, revision: int, service: Body, slot: int, names: Sequence[str]) -> None:
        chosen, active = self._shape(self.goal.template), self.fleet().active
        running = active.strength() if active else {}
        for group in chosen.groups:
            if (name := str(group["name"])) in names:
                count = running.get(name) or PODS
                made = deployment(chosen, group, service, revision=revision, slot=slot, replicas=count)
                self.deployments[revision, name] = self._made(made)

    def _shape(self, template: str) -> Blueprint:
        return replace(self._shapes.get(template, _PLAIN), template=template)

    def _groups(self, template: str) -> tuple[str, ...]:
        return tuple(str(each["name"]) for each in self._shape(template).groups) if self._shapes else ()

    def _switch(self, traffic: labels.Traffic, active: str | None) -> None:
        self.anchor = applied(self.anchor, switch_operations(self.anchor, "llama", traffic, active=active))

    def _patch(self, revision: int, operations: list[Body]) -> None:
        self.services[revision] = applied(self.services[revision], operations)

    def _made(self, body: Body) -> Body:
        self._uids += 1
        made = copy.deepcopy(body)
        made["metadata"]["uid"] = f"uid-{self._uids}"
        return made


def _kept_neighbours(fleet: Fleet) -> list[Proton]:
    active = fleet.active
    kept = [p for p in fleet.protons if p.buried and not p.condemned and labels.FAILED not in _notes(p)]
    return [p for p in kept if active is None or abs(p.slot - active.slot) == 1]


def _notes(proton: Proton) -> dict[str, str]:
    return dict(proton.service["metadata"]["annotations"])


def told(step: Step) -> str:
    """A step in a word or two: "raise 1", "widen r1 r2"."""
    match step:
        case Raise(slot):
            return f"raise {slot}"
        case Widen(active, candidate):
            return f"widen {active.name} {candidate.name}"
        case Sweep(job):
            return f"sweep {label(job, labels.REVISION)}"
        case Done(active):
            return f"done {active.name}"
        case Staged(active, candidate):
            return f"staged {candidate.name} beside {active.name}"
        case _:
            return f"{type(step).__name__.lower()} {step.proton.name}"
