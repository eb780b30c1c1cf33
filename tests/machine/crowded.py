"""A cluster whose GPUs are few: other people take them and leave, before a run and in the middle of it."""

from dataclasses import replace
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import rule

from inference_provider.manifests.kinds import DEPLOYMENT, SERVICE
from inference_provider.rollout.fleet import Role
from tests.machine.drawn import REQUESTS, STRIKES
from tests.machine.ground import Strike
from tests.machine.machine import AnyLife
from tests.machine.people import crowd, fleets, go
from tests.machine.program import Change

WAYS = st.sampled_from(["require", "wait", "preempt", "recreate"])
HARDWARE: st.SearchStrategy[Change] = st.one_of(
    WAYS.map(lambda way: Change(surge=way)),
    st.sampled_from([1, 2]).map(lambda gpus: Change(gpus=gpus)),
    st.sampled_from(["low", "high"]).map(lambda importance: Change(importance=importance)),
)
#: GPUs that other people leave free, and how important they are: below all of ours, or above.
LEFT = st.integers(min_value=0, max_value=6)
RANKS = st.sampled_from([0, 2_000_000])
#: How a run on a full cluster may end: well, or in one of these sentences.
SENTENCES = ("there is no room for", "There was no room", "took", "waits beside", "time was up", "no room for both")


class FewGpus(AnyLife):
    """Three nodes with eight GPUs each: enough for two versions, as long as nobody else comes."""

    first: ClassVar[Change] = {"gpus": 1}
    nodes: ClassVar[tuple[int, ...]] = (8, 8, 8)

    @rule(change=HARDWARE, strike=st.none() | STRIKES)
    def the_hardware_changes(self, change: Change, strike: Strike | None) -> None:
        """Or what is done when there is none."""
        self._turn(replace(self.program, **change))
        self._up(strike)

    @rule(left=LEFT, rank=RANKS)
    def people_take_gpus(self, left: int, rank: int) -> None:
        """Between two runs."""
        self.ground.do(lambda: crowd(self.ground.cluster, left=left, rank=rank))

    @rule()
    def people_leave(self) -> None:
        """All of them."""
        self.ground.do(lambda: go(self.ground.cluster))

    @rule(image=st.sampled_from(["v1", "v2", "v3"]), surge=WAYS, left=LEFT, at=REQUESTS, leave=st.booleans())
    def people_come_or_go_in_a_run(self, image: str, surge: str, left: int, at: int, *, leave: bool) -> None:
        """Nobody could have announced an outage that only they made necessary."""
        self._turn(replace(self.program, image=image, surge=surge))

        def act() -> None:
            if surge == "recreate":
                self.ground.witness.floors = {}
            if leave:
                go(self.ground.cluster)
            else:
                crowd(self.ground.cluster, left=left, rank=0)

        self.ground.up(self.program, strike=Strike("struck", at, sent=True), foreign=act)
        self._look()

    @rule(image=st.sampled_from(["v2", "v3", "v4"]), surge=WAYS, left=st.integers(0, 2), rank=RANKS)
    def a_version_finds_a_full_cluster(self, image: str, surge: str, left: int, rank: int) -> None:
        """From order and automatic promotion on: it takes over, or what serves goes on, and the sentence says why."""
        self._turn(replace(self.program, promotion="automatic", running=True))
        self._settle()
        self.ground.do(lambda: crowd(self.ground.cluster, left=left, rank=rank))
        self._turn(replace(self.program, image=image, surge=surge))
        before = self._bodies()
        said = self.ground.up(self.program)
        self._look()
        assert said == "done" or surge != "recreate", said
        assert said == "done" or "room" in said, said
        if surge == "require" and said != "done":
            assert "Nothing was changed" in said, said
            assert before == self._bodies(), "something was changed"

    def _bodies(self) -> set[tuple[object, ...]]:
        """What a refusal must not touch: every Service of a version, and how many pods each Deployment has."""
        cluster = self.ground.cluster
        return {
            (kind.name, each["metadata"]["uid"], each["spec"].get("replicas"), str(each["spec"].get("selector")))
            for kind in (SERVICE, DEPLOYMENT)
            for each in cluster.all_of(kind)
        }

    def _settle(self) -> None:
        """Other people have gone, and so has what failed and was kept: then there is room."""
        self.ground.thaw()
        self.ground.do(lambda: go(self.ground.cluster), patience=120.0)
        if any(each.of_role(Role.FAILED) for each in fleets(self.ground.cluster)):
            self.ground.pass_time(4000.0)
        super()._settle()
