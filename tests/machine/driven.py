"""A Workload that a Replacement drives: it comes, goes, is made anew, and hands the wheel back."""

from dataclasses import replace
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from inference_provider.rollout.hold import hold_of
from tests.machine.drawn import COMMANDS, STRIKES
from tests.machine.ground import Strike
from tests.machine.machine import AnyLife
from tests.machine.people import fleets
from tests.machine.program import Change

BY_REPLACEMENT = Change(driver="external", replacing=True)
BY_NOBODY = Change(driver="external", replacing=False)
BY_ITSELF = Change(driver="artifact", replacing=False)
CANCEL = next(each for each in COMMANDS if each.name == "cancel")
START = next(each for each in COMMANDS if each.name == "start")
DRIVERS = st.sampled_from([BY_REPLACEMENT, BY_NOBODY, BY_ITSELF])


class Driven(AnyLife):
    """What it runs is said by a Replacement, mostly."""

    first: ClassVar[Change] = BY_REPLACEMENT

    @rule(change=DRIVERS, image=st.sampled_from(["", "v1", "v2"]), strike=st.none() | STRIKES)
    def somebody_else_drives(self, change: Change, image: str, strike: Strike | None) -> None:
        """At once with another version, or without."""
        self._turn(replace(replace(self.program, **change), image=image or self.program.image))
        self._up(strike)

    @rule(image=st.sampled_from(["v1", "v2", "slow"]), strike=STRIKES, again=st.none() | STRIKES)
    def a_replacement_is_taken_out_amid_its_work(self, image: str, strike: Strike, again: Strike | None) -> None:
        """Nothing of what it had begun is left, and what serves goes on."""
        self._turn(replace(replace(self.program, **BY_REPLACEMENT), image=image))
        self._up(strike)
        self._turn(replace(self.program, **BY_NOBODY))
        if again is not None:
            self._up(again)
        self._settle()

    @rule(how=st.sampled_from(["forced", "tainted"]), strike=st.none() | STRIKES)
    def the_replacement_is_made_anew(self, how: str, strike: Strike | None) -> None:
        """By ``--replace``, or because it is tainted: the new one is made before the old one is deleted."""
        resource = self.ground.engine.find("replacement")
        if resource is not None and how == "tainted":
            resource.tainted = True
        self._up(strike, forced=frozenset({"replacement"} if how == "forced" else ()))

    @precondition(lambda self: self.program.driver == "artifact")
    @rule(image=st.sampled_from(["v1", "v2"]))
    def a_replacement_takes_the_wheel_without_asking(self, image: str) -> None:
        """It is refused, whatever it names."""
        self._settle()
        said = self.ground.up(replace(self.program, image=image, replacing=True))
        assert "its own program drives it" in said or self.program.inline, said
        self._look()

    def _settle(self) -> None:
        """What serves is made whole by whoever knows its version; what nobody knows of any more, a person cancels.

        That is a version of a Replacement whose creation was killed, and which the program then dropped.
        """
        self.ground.thaw()
        if not self.program.rules and any(each.active and each.active.missing for each in fleets(self.ground.cluster)):
            self._turn(replace(self.program, **BY_REPLACEMENT))
        for fleet in fleets(self.ground.cluster):
            hold = hold_of(fleet.anchor)  # a Replacement of another version lifts that of a stop, and starts nothing
            if hold is not None and hold.kind == "stop":
                self._order(START)
        if not self.program.replacing and self.ground.engine.find("replacement") is None:
            self._order(CANCEL)
        super()._settle()
