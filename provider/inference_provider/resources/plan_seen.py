"""What does a plan look at? The Workload as the cluster has it now, and what is wanted of it."""

from dataclasses import dataclass, field

from inference_provider.converge.stop import stopped_counts
from inference_provider.domain.autoscaling import Scaling
from inference_provider.domain.bundle import Chosen
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, confine
from inference_provider.rollout.autoscalers import aimed
from inference_provider.rollout.barred import barred
from inference_provider.rollout.fleet import Fleet, Proton
from inference_provider.rollout.next_step import Goal, candidate_of


@dataclass(frozen=True)
class Seen:
    """What the cluster has, and what is wanted: the inputs, the content of the version, its template. None: unknown.

    ``bundles`` are those of the version that is wanted, ``rules`` the policies that it is under; ``unseen`` warns that
    the cluster could not be asked.
    """

    model: WorkloadInputs | None
    fleet: Fleet | None = None
    content: Body | None = None
    template: str | None = None
    bundles: Chosen = field(default_factory=dict)
    external: bool = False
    unseen: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)

    @property
    def goal(self) -> Goal:
        """As an update would have it."""
        settings = self.model.replacement if self.model is not None else None
        return Goal(
            self.template or "",
            manual=settings is not None and settings.promotion == "manual",
            promote=settings.promote if settings is not None else None,
            groups=tuple(self.groups) if self.content is not None else (),
            barred=self.barred,
        )

    @property
    def barred(self) -> dict[int, str]:
        """Which versions that are there do not take over because of policies, and why."""
        return barred(self.fleet, {self.template: self.hardware}, self.rules) if self.fleet and self.template else {}

    @property
    def groups(self) -> list[str]:
        """The container groups: of the content, or, where that is not known, those that the runtime names."""
        if self.content is not None:
            return [str(each["name"]) for each in self.content["containerGroups"]]
        return [each.name for each in self.model.runtime.container_groups] if self.model is not None else []

    @property
    def hardware(self) -> dict[str, Hardware]:
        """What the pods of each group are given."""
        runtime = self.model.runtime if self.model is not None else None
        if runtime is None:
            return {}
        given = {each: hardware_of(runtime.group(each), self.bundles.get(each)) for each in self.groups}
        return {each: confine(self.rules, one) for each, one in given.items()}

    @property
    def wanted(self) -> dict[str, int]:
        """Pods by group, as the program says; where load decides, as many as there are, within its bounds."""
        runtime = self.model.runtime if self.model is not None else None
        counts = {each: runtime.replicas(each) for each in self.groups} if runtime is not None else {}
        before = stopped_counts(self.fleet.anchor) if self.fleet is not None else None
        now = before or (self.active.strength() if self.active is not None else {})
        return aimed(self.scalings, counts, now=now)

    @property
    def scalings(self) -> dict[str, Scaling]:
        """Between which counts load decides, by group."""
        return self.model.runtime.scalings if self.model is not None else {}

    @property
    def active(self) -> Proton | None:
        """What serves."""
        return self.fleet.active if self.fleet is not None else None

    @property
    def stopped(self) -> bool:
        """Whether it is stopped; not by an order that was interrupted while every group had its pods."""
        if self.fleet is None or stopped_counts(self.fleet.anchor) is None:
            return False
        counts = self.active.replicas() if self.active is not None else {}
        return not counts or not all(counts.values())

    @property
    def runs(self) -> bool:
        """Whether it should run."""
        return self.model is None or self.model.running

    @property
    def candidate(self) -> Proton | None:
        """What would take over, if it is there already."""
        return candidate_of(self.fleet, self.goal) if self.fleet is not None and self.template else None
