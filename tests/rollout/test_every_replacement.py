"""Whatever happens between two steps, in whatever order: what serves goes on serving, and the end is clean."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inference_provider.rollout.fleet import Proton, Role
from tests.rollout.model import PODS, Model

WHICH = st.integers(min_value=0, max_value=9)
TEMPLATES = st.sampled_from("ABCD")


class AnyReplacement(RuleBasedStateMachine):
    """One Workload, many runs: interrupted, reverted, hurt from outside."""

    @initialize()
    def a_workload_serves(self) -> None:
        """It begins with one version that serves."""
        self.model = Model("A")
        self.model.settle()

    @rule()
    def a_step_is_taken(self) -> None:
        """The run goes on."""
        self.model.take()

    @rule(template=TEMPLATES, atomic=st.booleans())
    def a_new_run_begins(self, template: str, *, atomic: bool) -> None:
        """Interrupted, with the same goal or another one."""
        self.model.want(template, atomic=atomic)

    @rule(template=TEMPLATES, vacate=st.booleans())
    def a_run_goes_through(self, template: str, *, vacate: bool) -> None:
        """From whatever is there; also where there is room for one version only."""
        self.model.want(template, vacate=vacate)
        self.model.settle()
        self._is_clean()

    @rule(template=TEMPLATES, promote=st.none() | st.integers(min_value=1, max_value=12))
    def a_run_begins_that_may_end_what_serves_first(self, template: str, promote: int | None) -> None:
        """Interrupted sooner or later."""
        named = None if promote is None else f"r{promote}"
        self.model.want(template, vacate=True, manual=promote is not None, promote=named)

    @precondition(lambda self: self.model.goal.vacate)
    @rule()
    def a_run_ends_amid_making_room(self) -> None:
        """What it had is noted, and nothing is scaled yet."""
        active = self.model.fleet().active
        if active is not None and active.template != self.model.goal.template:
            self.model.note_room(active)

    @rule(template=TEMPLATES, promote=st.none() | st.integers(min_value=1, max_value=12))
    def a_run_with_manual_promotion_goes_through(self, template: str, promote: int | None) -> None:
        """It ends with what is wanted in its place, or waiting beside what serves: never with anything half done."""
        before = self.model.fleet().active
        self.model.want(template, manual=True, promote=None if promote is None else f"r{promote}")
        story = self.model.settle()
        fleet = self.model.fleet()
        if not story[-1].startswith("staged"):
            self._is_clean()
            return
        assert (fleet.active, before) != (None, None)
        assert fleet.active is not None
        assert before is None or fleet.active.revision == before.revision, "nobody said that it may take over"
        assert fleet.traffic == (fleet.active.slot,)
        assert fleet.active.tombstone is None
        assert not fleet.active.vacated, "nobody serves while a version waits for promotion"
        waiting = [each for each in fleet.of_role(Role.CANDIDATE) if not each.condemned]
        assert [(each.template, each.staged) for each in waiting] == [(template, True)]

    @precondition(lambda self: self.model.jobs)
    @rule(which=WHICH)
    def a_tombstone_expires(self, which: int) -> None:
        """Also one that owns nothing yet."""
        revisions = sorted(self.model.jobs)
        self.model.expire(revisions[which % len(revisions)])

    @rule(which=WHICH)
    def a_proton_beside_the_active_is_deleted(self, which: int) -> None:
        """By somebody else, with its pods."""
        self._to_one(which, lambda proton: self.model.vanish(proton.revision))

    @rule(which=WHICH)
    def a_proton_beside_the_active_begins_to_die(self, which: int) -> None:
        """By somebody else; its pods take their time."""
        self._to_one(which, lambda proton: self.model.condemn(proton.revision))

    @rule(which=WHICH)
    def a_candidate_fails_and_is_kept(self, which: int) -> None:
        """As ``onFailure: keep`` does it."""
        rising = [
            proton
            for proton in self.model.fleet().of_role(Role.CANDIDATE)
            if proton.tombstone is None and not proton.condemned and proton.slot not in self.model.fleet().traffic
        ]
        if rising and self.model.fleet().active is not None:
            self.model.keep_failed(rising[which % len(rising)].revision)

    @rule()
    def the_active_is_deleted(self) -> None:
        """By somebody else: an outage, but not the end."""
        active = self.model.fleet().active
        if active is not None:
            self.model.vanish(active.revision)

    @invariant()
    def the_active_gets_traffic(self) -> None:
        """At every moment."""
        fleet = self.model.fleet()
        assert fleet.active is None or fleet.active.slot in fleet.traffic

    @invariant()
    def no_two_protons_share_a_slot(self) -> None:
        """Their pods could not be told apart."""
        slots = [proton.slot for proton in self.model.fleet().protons]
        assert len(slots) == len(set(slots))

    def _is_clean(self) -> None:
        fleet = self.model.fleet()
        assert fleet.active is not None
        assert fleet.active.template == self.model.goal.template
        assert fleet.active.tombstone is None
        assert (fleet.active.vacated, fleet.active.replicas()) == (False, {"default": PODS})
        assert fleet.traffic == (fleet.active.slot,)
        assert not fleet.strays
        living = [proton for proton in fleet.protons if not proton.condemned]
        assert not [proton for proton in living if proton.role is Role.CANDIDATE]
        kept = [proton for proton in living if proton.role is Role.RETAINED]
        assert len(kept) <= 1
        assert all(any(proton.replicas().values()) for proton in kept), "what has no pods is no way back"
        assert all(abs(proton.slot - fleet.active.slot) == 1 for proton in kept)

    def _to_one(self, which: int, hurt: Callable[[Proton], None]) -> None:
        fleet = self.model.fleet()
        beside = [proton for proton in fleet.protons if proton.role is not Role.ACTIVE and not proton.condemned]
        if beside:
            hurt(beside[which % len(beside)])


AnyReplacement.TestCase.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
TestAnyReplacement = AnyReplacement.TestCase
