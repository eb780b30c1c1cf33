"""An engine that keeps Pulumi's rules, as far as they decide what our resources are asked to do.

Check gets the old inputs; Diff and Delete get the old outputs. What succeeded is written at once. A plain error keeps
old inputs and old outputs and ends the run. A run that is killed loses the resource it was busy with, and leaves a
pending operation that changes nothing. A replaced resource is created under its new inputs first; the old one is
marked, and deleted after everything else, in this run or a later one. An alias moves the state to another URN.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TypeVar

from inference_provider.errors import InferenceError
from inference_provider.resources import artifact, replacement, replacement_plan, workload
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Difference, Properties, World
from tests.machine.program import Declared, Program

T = TypeVar("T")

DOORS: dict[str, ModuleType] = {"artifact": artifact, "workload": workload, "replacement": replacement}


@dataclass(eq=False)
class Resource:
    """One resource as the stack's state has it."""

    kind: str
    urn: str
    id: str
    inputs: Properties
    outputs: Properties
    tainted: bool = False
    doomed: bool = False  # replaced, but not deleted yet


@dataclass
class Engine:
    """One stack. ``world`` gives the world of one call for a URN; ``deleting`` is told before every Delete."""

    deleting: Callable[[Resource], None]
    state: list[Resource] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    run: int = 0
    told: list[str] = field(default_factory=list)  # the URNs whose outputs the last run brought

    def abandon(self) -> None:
        """Whoever is still at work works for nobody any more: this engine is gone, and the next one begins."""
        self.run += 1

    def find(self, kind: str) -> Resource | None:
        """The living resource of a kind."""
        return next((each for each in self.state if each.kind == kind and not each.doomed), None)

    async def up(
        self, program: Program, world: Callable[[str], World], *, replace: frozenset[str] = frozenset()
    ) -> None:
        """Bring the stack to the program. Raises the first resource's plain error."""
        self.told.clear()
        known: dict[str, Properties] = {}
        kept: list[Resource] = []
        for declared in program.declared():
            resource = await self._step(declared, declared.inputs(known), world(declared.urn), replace)
            known[declared.kind] = {**resource.outputs, "id": resource.id}
            kept.append(resource)
            self.state = kept + [each for each in self.state if each not in kept]
        await self._delete([each for each in self.state if each not in kept], world)

    async def changes(self, program: Program, world: Callable[[str], World]) -> list[str]:
        """What a preview would show: ``kind.path`` of everything that differs."""
        known = {each.kind: {**each.outputs, "id": each.id} for each in self.state if not each.doomed}
        found = [f"delete {each.urn}" for each in self.state if each.doomed]
        for declared in program.declared():
            old = self.before(declared)
            if old is None:
                return [*found, f"create {declared.urn}"]
            news = await self._checked(declared, old, declared.inputs(known), world(declared.urn))
            difference = await _difference(old, news, world(declared.urn))
            found += [f"{declared.kind}.{path}" for path in difference.changed + difference.replaces + difference.found]
        return found

    async def foretell(self, program: Program, world: Callable[[str], World]) -> None:
        """What a preview would report, into its world, of everything that is there already."""
        known: dict[str, Properties] = {}
        for declared in program.declared():
            old, its = self.before(declared), world(declared.urn)
            if old is None:
                return
            news = await self._checked(declared, old, declared.inputs(known), its)
            known[declared.kind] = {**old.outputs, **news, "id": old.id}
            line = {"workload": plan_line, "replacement": replacement_plan.plan_line}.get(declared.kind)
            if line is not None:
                await line(its, old.outputs, news, DOORS[declared.kind].diff(old.outputs, news))

    async def refresh(self, world: Callable[[str], World]) -> None:
        """Ask every resource how it is; those that are gone leave the state."""
        for resource in [each for each in self.state if not each.doomed]:
            call = DOORS[resource.kind].read(world(resource.urn), resource.id, resource.outputs)
            outputs = await self._answer(f"reading {resource.urn}", call)
            if outputs is None:
                self.state.remove(resource)
            else:
                resource.outputs = _travelled(outputs)
        self.pending = [each for each in self.pending if each.startswith("creating")]

    async def destroy(self, world: Callable[[str], World]) -> None:
        """Delete everything, the last one first."""
        await self._delete(list(self.state), world)

    async def _delete(self, doomed: list[Resource], world: Callable[[str], World]) -> None:
        for resource in reversed(doomed):
            self.deleting(resource)
            call = DOORS[resource.kind].delete(world(resource.urn), resource.id, resource.outputs)
            await self._answer(f"deleting {resource.urn}", call)
            self.state.remove(resource)

    async def _step(self, declared: Declared, given: Properties, world: World, replace: Iterable[str]) -> Resource:
        old = self.before(declared)
        news = await self._checked(declared, old, given, world)
        if old is None:
            return await self._create(declared, news, world)
        old.urn = declared.urn
        difference = await _difference(old, news, world)
        if difference.replaces or old.tainted or declared.kind in replace:
            made = await self._create(declared, news, world)
            old.doomed = True
            return made
        if difference.changes:
            outputs = await self._answer(f"updating {old.urn}", _update(old, news, world))
            old.outputs = _travelled(outputs)
            self.told.append(old.urn)
        old.inputs = news
        return old

    async def _create(self, declared: Declared, news: Properties, world: World) -> Resource:
        call = DOORS[declared.kind].create(world, news)
        identifier, outputs = await self._answer(f"creating {declared.urn}", call)
        made = Resource(declared.kind, declared.urn, identifier, news, _travelled(outputs))
        self.state.append(made)
        self.told.append(made.urn)
        return made

    async def _checked(self, declared: Declared, old: Resource | None, given: Properties, world: World) -> Properties:
        door, news = DOORS[declared.kind], {**given, "resourceUrn": declared.urn}
        checked = await door.check(world, old.inputs if old else {}, news)
        assert not checked.faults, checked.faults
        return _travelled(checked.inputs)

    async def _answer(self, what: str, call: Awaitable[T]) -> T:
        """Wait for a call; one that is killed leaves its pending operation, and its answer reaches nobody."""
        run = self.run
        self.pending.append(what)
        try:
            answer = await call
        except InferenceError:
            self._expect(run)
            self.pending.remove(what)
            raise
        self._expect(run)
        self.pending.remove(what)
        return answer

    def _expect(self, run: int) -> None:
        if run != self.run:
            raise asyncio.CancelledError

    def before(self, declared: Declared) -> Resource | None:
        """What the state has of a declared resource."""
        living = [each for each in self.state if each.kind == declared.kind and not each.doomed]
        return next((each for each in living if each.urn in {declared.urn, *declared.aliases}), None)


def _update(old: Resource, news: Properties, world: World) -> Awaitable[Properties]:
    if old.kind == "artifact":
        return artifact.update(world, old.id, news)
    if old.kind == "workload":
        return workload.update(world, old.id, news, old.outputs)
    return replacement.update(world, old.id, news, old.outputs)


async def _difference(old: Resource, news: Properties, world: World) -> Difference:
    door = DOORS[old.kind]
    difference: Difference = door.diff(old.outputs, news)
    return difference.and_found(await door.found(world, old.id, old.outputs))


def _travelled(properties: Properties) -> Properties:
    """As JSON makes it, on the way through the engine."""
    copied: Properties = json.loads(json.dumps(properties))
    return copied
