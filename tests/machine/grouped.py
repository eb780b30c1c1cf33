"""A Workload of several container groups: one is new, one goes, one is scaled, one never gets ready."""

from dataclasses import replace
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.drawn import STRIKES
from tests.machine.ground import Strike
from tests.machine.machine import AnyLife
from tests.machine.program import Change

#: Without an image there is no second group.
GROUPS: st.SearchStrategy[Change] = st.one_of(
    st.sampled_from(["", "w1", "w2", "slow", "bad-never"]).map(lambda image: Change(second=image)),
    st.integers(min_value=1, max_value=3).map(lambda count: Change(companions=count)),
)


class ManyGroups(AnyLife):
    """What serves has another group beside it, mostly."""

    first: ClassVar[Change] = {"second": "w1"}

    @rule(change=GROUPS, strike=st.none() | STRIKES)
    def a_group_changes(self, change: Change, strike: Strike | None) -> None:
        """Alone."""
        self._turn(replace(self.program, **change))
        self._up(strike)

    @rule(image=st.sampled_from(["v1", "v2"]), change=GROUPS, strike=st.none() | STRIKES)
    def both_groups_change(self, image: str, change: Change, strike: Strike | None) -> None:
        """In one replacement."""
        self._turn(replace(replace(self.program, **change), image=image))
        self._up(strike)
