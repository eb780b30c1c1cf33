"""One stack, many runs, whatever strikes them: rules of the state machine, and what must hold after each."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from inference_provider.rollout.hold import hold_of
from tests.machine.drawn import CHANGES, COMMANDS, PACES, REQUESTS, STRIKES, Command
from tests.machine.ground import Ground, Strike
from tests.machine.hands import DEEDS, lay
from tests.machine.people import broken, fleets
from tests.machine.program import Change, Program
from tests.machine.well import remains, unwell
from tests.support.fake_seasons import Pace


class AnyLife(RuleBasedStateMachine):
    """What may happen to one stack."""

    #: What its program says besides, from its beginning.
    first: ClassVar[Change] = {}
    #: One node with so many GPUs for each; without any, whatever wants one gets it.
    nodes: ClassVar[tuple[int, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.program = Program()
        self.earlier = [self.program]
        self.unseen = False

    @initialize(pace=PACES, inline=st.booleans(), strike=st.none() | STRIKES)
    def a_stack_is_made(self, pace: Pace, strike: Strike | None, *, inline: bool) -> None:
        """Its first run may be struck already."""
        self.ground = Ground(pace, *self.nodes)
        self.program = replace(Program(inline=inline and "driver" not in self.first), **self.first)
        self.earlier = [self.program]
        self._up(strike)

    @rule(change=CHANGES, strike=st.none() | STRIKES)
    def the_program_changes(self, change: Change, strike: Strike | None) -> None:
        """And is brought about, or not."""
        self._turn(replace(self.program, **change))
        self._up(strike)

    @rule(strike=st.none() | STRIKES)
    def the_program_is_reverted(self, strike: Strike | None) -> None:
        """To what it was before."""
        before = self.earlier[-2] if len(self.earlier) > 1 else self.program
        self._turn(replace(before, name=self.program.name, logical=self.program.logical, aliased=self.program.aliased))
        self._up(strike)

    @rule(
        image=st.sampled_from(["v1", "v2", "v3", "slow"]),
        strike=STRIKES,
        then=st.sampled_from(["same", "reverted", "other"]),
        again=st.none() | STRIKES,
    )
    def a_roll_is_struck(self, image: str, strike: Strike, then: str, again: Strike | None) -> None:
        """And the next run goes on with it, back, or elsewhere; it may be struck too, but then all is made well."""
        before = self.program
        self._turn(replace(before, image=image))
        self._up(strike)
        if then != "same":
            self._turn(before if then == "reverted" else replace(before, image="v4"))
        if again is not None:
            self._up(again)
        self._settle()

    @rule(image=st.sampled_from(["v1", "v2", "v3"]), stale=st.none() | st.integers(1, 9), strike=st.none() | STRIKES)
    def a_version_is_staged_and_promoted(self, image: str, stale: int | None, strike: Strike | None) -> None:
        """By the number that waits, or by another one; the run that promotes may be struck."""
        self._turn(replace(self.program, image=image, promotion="manual"))
        self._settle()
        waiting = self._candidate()
        self._turn(replace(self.program, promote=waiting if stale is None else f"r{stale}"))
        self._up(strike)

    @rule(strike=st.none() | STRIKES)
    def the_same_program_runs(self, strike: Strike | None) -> None:
        """Once more."""
        self._up(strike)

    @rule(strike=st.none() | STRIKES)
    def the_state_is_refreshed(self, strike: Strike | None) -> None:
        """With or without a break."""
        self.ground.refresh(self.program, strike)
        self._look()

    @rule(what=st.sampled_from(["artifact", "workload"]), strike=st.none() | STRIKES)
    def a_resource_is_replaced_by_force(self, what: str, strike: Strike | None) -> None:
        """With ``--replace``."""
        self._up(strike, forced=frozenset({what}))

    @rule(what=st.sampled_from(["artifact", "workload"]), strike=st.none() | STRIKES)
    def a_resource_is_tainted(self, what: str, strike: Strike | None) -> None:
        """It stays so until a run replaces it."""
        resource = self.ground.engine.find(what)
        if resource is not None:
            resource.tainted = True
        self._up(strike)

    @rule(name=st.sampled_from(["chat", "talk"]), strike=st.none() | STRIKES)
    def the_workload_is_renamed(self, name: str, strike: Strike | None) -> None:
        """Another one is made, then the old one is deleted. (Killed and then named otherwise, it would be lost.)"""
        self._settle()
        self._turn(replace(self.program, name=name))
        self._up(strike)
        self._settle()

    @rule(logical=st.sampled_from(["chat", "speech"]), strike=st.none() | STRIKES)
    def the_resource_gets_another_urn(self, logical: str, strike: Strike | None) -> None:
        """By an alias. (A first creation that was killed belongs to the old one, and is refused.)"""
        self._settle()
        aliased = self.program.aliased | {self.program.logical}
        self._turn(replace(self.program, logical=logical, aliased=aliased))
        self._up(strike)
        self._settle()

    @rule(deed=st.sampled_from(DEEDS))
    def somebody_has_his_hands_in_it(self, deed: str) -> None:
        """Between two runs."""
        self.ground.do(lambda: lay(self.ground, deed))
        self.unseen = self.unseen or "scaled" in deed

    @rule(deed=st.sampled_from(DEEDS), change=CHANGES, at=REQUESTS, sent=st.booleans())
    def somebody_has_his_hands_in_a_run(self, deed: str, change: Change, at: int, *, sent: bool) -> None:
        """While it runs; what it makes of it may be an error."""
        self._turn(replace(self.program, **change))
        self.ground.up(self.program, strike=Strike("struck", at, sent), foreign=lambda: lay(self.ground, deed))
        self.unseen = self.unseen or "scaled" in deed
        self._look()
        self.ground.pass_time(10.0)  # for the garbage collector

    @precondition(lambda self: self.ground.frozen)
    @rule(change=CHANGES, at=REQUESTS, sent=st.booleans())
    def a_frozen_process_wakes_up_in_a_run(self, change: Change, at: int, *, sent: bool) -> None:
        """Its last request arrives; it must do no harm."""
        self._turn(replace(self.program, **change))
        self.ground.up(self.program, strike=Strike("struck", at, sent), foreign=self.ground.open_gates)
        self.ground.thaw()
        self._look()

    @precondition(lambda self: self.ground.frozen)
    @rule()
    def a_frozen_process_wakes_up(self) -> None:
        """Between two runs."""
        self.ground.expect(self.program.pods)
        self.ground.thaw()
        self._look()

    @rule(seconds=st.sampled_from([5.0, 400.0, 4000.0]))
    def time_passes(self, seconds: float) -> None:
        """Kept versions end."""
        self.ground.expect(self.program.pods)
        self.ground.pass_time(seconds)
        self._look()

    @rule(strike=STRIKES)
    def a_destroy_is_struck(self, strike: Strike) -> None:
        """Half of it may be gone; a frozen one may come to its end after the next refresh."""
        self.ground.destroy(strike)
        self.unseen = self.unseen or strike.how == "frozen"

    @rule(command=st.sampled_from(COMMANDS), strike=st.none() | STRIKES)
    def a_person_gives_an_order(self, command: Command, strike: Strike | None) -> None:
        """At the command line; it may be refused."""
        self._order(command, strike)

    @rule(command=st.sampled_from(COMMANDS), change=CHANGES, at=REQUESTS, sent=st.booleans())
    def a_person_gives_an_order_in_a_run(self, command: Command, change: Change, at: int, *, sent: bool) -> None:
        """To cancel it, mostly; everything else waits for the lock, or is refused."""
        self._turn(replace(self.program, **change))
        name = self.program.name

        def act() -> None:
            if command.stops:
                self.ground.witness.floors = {}
            self.ground.beside(lambda world: command.act(world, "models", name))

        self.ground.up(self.program, strike=Strike("struck", at, sent), foreign=act)
        self._look()

    @rule()
    def one_run_makes_it_well(self) -> None:
        """With fair weather, from whatever there is."""
        self._settle()

    def teardown(self) -> None:
        """In the end one run makes it well, and a destroy leaves nothing."""
        if not hasattr(self, "ground"):
            return
        try:
            self._settle()
            self._end()
        finally:
            self.ground.close()

    def _candidate(self) -> str:
        """What the stack knows as the last version that was made."""
        resource = self.ground.engine.find("replacement")
        if resource is not None:
            return str(resource.outputs.get("revision") or "")
        resource = self.ground.engine.find("workload")
        rollout = resource.outputs.get("rollout") if resource is not None else None
        return str(rollout["revision"]) if isinstance(rollout, dict) else ""

    def _turn(self, program: Program) -> None:
        self.program = program
        if program != self.earlier[-1]:
            self.earlier.append(program)

    def _up(self, strike: Strike | None, *, forced: frozenset[str] = frozenset()) -> None:
        self.ground.up(self.program, strike=strike, replace=forced)
        self._look()

    def _order(self, command: Command, strike: Strike | None = None) -> str:
        name = self.program.name
        said = self.ground.command(lambda world: command.act(world, "models", name), strike, stops=command.stops)
        self._look()
        return said

    def _settle(self) -> None:
        ground = self.ground
        ground.thaw()
        if self.program.fails:
            self._turn(replace(self.program, image="v1", second=self.program.second and "v1"))
        if any(map(broken, fleets(ground.cluster))):  # nobody lets what waits beside it wait any longer
            self._turn(replace(self.program, promotion="automatic"))
        self._refresh_if_asked()
        said = ground.up(self.program)
        assert said == "done", said
        self._look()
        hold = self._hold()
        found = unwell(ground, self.program, held=hold is not None)
        assert not found, found
        if hold is not None:
            self._lift(hold)

    def _refresh_if_asked(self) -> None:
        """A count that somebody changed is seen by a refresh only; after a broken delete the engine asks for one."""
        if self.unseen or any(each.startswith("deleting") for each in self.ground.engine.pending):
            self.unseen = False
            self.ground.pass_time(10.0)
            assert self.ground.refresh(self.program) == "done"

    def _hold(self) -> Mapping[str, object] | None:
        if self.program.driver == "external":  # a Replacement comes after the Workload, and may have lifted it
            found = [hold_of(each.anchor) for each in fleets(self.ground.cluster)]
            return next((asdict(each) for each in found if each is not None), None)
        resource = self.ground.engine.find("workload")
        held = resource.outputs.get("held") if resource is not None else None
        return held if isinstance(held, dict) else None

    def _lift(self, hold: Mapping[str, object]) -> None:
        """What is held is let go, and comes about."""
        command = next(each for each in COMMANDS if each.name == ("start" if hold["kind"] == "stop" else "resume"))
        lifted = self._order(command)
        assert lifted == "done", lifted
        said = self.ground.up(self.program)
        assert said == "done", said
        self._look()
        found = unwell(self.ground, self.program)
        assert not found, found

    def _end(self) -> None:
        said = self.ground.destroy()
        assert said == "done", said
        self._look()
        self.ground.pass_time(200.0)
        left = remains(self.ground.cluster)
        assert not left, left

    def _look(self) -> None:
        wrongs, self.ground.witness.wrongs = self.ground.witness.wrongs, []
        assert not wrongs, wrongs
