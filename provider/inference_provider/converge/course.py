"""One replacement under way: what is wanted, and what happened so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.converge.tape import Tape
from inference_provider.domain.autoscaling import Scaling
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.manifests.bundle import bundle_facts
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.proton import Blueprint
from inference_provider.placement.allowance import Rules
from inference_provider.rollout.next_step import Goal
from inference_provider.rollout.phases import Phase


@dataclass
class Course:
    """Towards ``template``. Without a ``blueprint`` only what is there already can take over: nothing new is made.

    ``counts`` are the pods by group that the program wants, within ``scalings`` where load decides; ``stopped`` when
    none of them should run; ``vacate`` when there is room for one version only, and what serves is to end first.
    ``closing_words`` go into the record of a replacement that is completed.
    """

    template: str
    settings: ReplacementSettings
    facts: Mapping[str, object]
    blueprint: Blueprint | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    scalings: Mapping[str, Scaling] = field(default_factory=dict)
    port: int = 80
    stopped: bool = False
    vacate: bool = False
    #: The blueprints of which one will do, the best first, where bundles leave a choice.
    choices: tuple[Blueprint, ...] = ()
    #: Revisions that may not take over, and why: policies forbid where they run.
    barred: Mapping[int, str] = field(default_factory=dict)
    #: The policies that the Workload is under.
    rules: Rules = field(default_factory=Rules)
    proven: set[int] = field(default_factory=set)
    record: Body | None = None
    candidate: int | None = None
    switching: str | None = None
    #: Phases that it has been through, and when: what its record is told together with the next one.
    passed: list[tuple[Phase, str]] = field(default_factory=list)
    closing_words: str | None = None
    tape: Tape = field(default_factory=Tape)

    def take(self, chosen: Blueprint) -> None:
        """Go towards this one of the choices."""
        self.template, self.blueprint = chosen.template, chosen
        self.facts = {**self.facts, "bundles": bundle_facts(chosen.bundles) or None}

    @property
    def goal(self) -> Goal:
        """What ``next_step`` is asked for."""
        groups = tuple(str(group["name"]) for group in self.blueprint.groups) if self.blueprint else ()
        return Goal(
            self.template,
            atomic=self.settings.traffic_switch == "atomic",
            stopped=self.stopped,
            manual=self.settings.promotion == "manual",
            promote=self.settings.promote,
            vacate=self.vacate,
            groups=groups,
            barred=self.barred,
        )

    @property
    def room_seconds(self) -> float | None:
        """How long a candidate may wait for room alone; None: as long as the operation may take."""
        minutes = self.settings.surge_wait_minutes
        return None if minutes is None else minutes * 60

    @property
    def keep_seconds(self) -> float:
        """How long the version that is replaced lives on."""
        return max(self.settings.keep_old_version_minutes * 60, self.settings.drain_seconds)
