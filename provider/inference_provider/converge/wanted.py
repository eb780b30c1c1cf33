"""Everything that a program wants of one Workload, and who asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.converge.course import Course
from inference_provider.converge.supersede import Change
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.shared_roles import SharedRole
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.autoscaler import scalings_in
from inference_provider.manifests.proton import Blueprint
from inference_provider.placement.allowance import Rules


@dataclass(frozen=True)
class Wanted:
    """Everything that is wanted of one Workload, ready to be made so. ``choices``: see ``Course``.

    ``rules`` are the policies that it is under, ``gateway`` the way through which people reach it.
    """

    blueprint: Blueprint
    face: Face
    counts: Mapping[str, int]
    settings: ReplacementSettings
    facts: Mapping[str, object]
    running: bool = True
    shared: tuple[SharedRole, ...] = ()
    choices: tuple[Blueprint, ...] = ()
    rules: Rules = field(default_factory=Rules)
    gateway: GatewayRoute | None = None

    @property
    def namespace(self) -> str:
        """Where it lives."""
        return self.blueprint.namespace

    @property
    def name(self) -> str:
        """The Workload's name."""
        return self.blueprint.workload

    @property
    def templates(self) -> frozenset[str]:
        """Whatever runs with one of these is what is wanted."""
        return frozenset(each.template for each in (self.blueprint, *self.choices))

    def course(self) -> Course:
        """A fresh replacement towards this."""
        scalings = scalings_in(self.face.notes.get(labels.AUTOSCALING))
        return Course(
            self.blueprint.template, self.settings, self.facts, self.blueprint, self.counts, scalings, self.face.port
        )


def actor_of(wanted: Wanted) -> str:
    """Who asks: the person whom CI names, else the Kubernetes user."""
    return str(wanted.facts.get("person") or wanted.facts.get("actor") or "unknown")


def change_of(wanted: Wanted) -> Change:
    """The same as a change that may meet another one under way."""
    settings = wanted.settings
    supersedes = settings.on_conflict == "supersede"
    return Change(wanted.blueprint.template, _described(wanted), supersedes, settings.resume, wanted.templates)


def _described(wanted: Wanted) -> str:
    """Who asks, for others to read: ``ann (stack prod)``."""
    stack = wanted.facts.get("stack")
    return f"{actor_of(wanted)} (stack {stack})" if stack else actor_of(wanted)
