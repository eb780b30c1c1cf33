"""Everything that a program wants of one Workload, and who asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from inference_provider.converge.course import Course
from inference_provider.converge.supersede import Change
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.shared_roles import SharedRole
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.autoscaler import scalings_in
from inference_provider.manifests.proton import Blueprint
from inference_provider.placement.allowance import Rules, obeying


class Oversight(Protocol):
    """Knows the policies that a Workload is under. ``rules``: as they were read last; none before that."""

    @property
    def rules(self) -> Rules:
        """See above."""

    async def read(self) -> Rules:
        """Read them anew, and have the API server hold the Workload's pods to them."""


@dataclass(frozen=True)
class Wanted:
    """Everything that is wanted of one Workload, ready to be made so. ``choices``: see ``Course``.

    Policies change nothing of it before ``overseen``; ``oversight`` None: nothing does. ``gateway`` is the way through
    which people reach it.
    """

    blueprint: Blueprint
    face: Face
    counts: Mapping[str, int]
    settings: ReplacementSettings
    facts: Mapping[str, object]
    running: bool = True
    shared: tuple[SharedRole, ...] = ()
    choices: tuple[Blueprint, ...] = ()
    gateway: GatewayRoute | None = None
    oversight: Oversight | None = None

    async def overseen(self) -> "Wanted":
        """The same, where the policies of this moment allow it: for whoever holds the lock, which others may have had
        for an hour. Bundles that they forbid come last, since what runs already may have one.
        """
        if self.oversight is None:
            return self
        rules = await self.oversight.read()
        obeyed = (obeying(each, rules) for each in self.choices)
        among = tuple(sorted(obeyed, key=lambda each: each.denied is not None))
        return replace(self, blueprint=among[0] if among else obeying(self.blueprint, rules), choices=among)

    @property
    def rules(self) -> Rules:
        """The policies that it is under, as they were read last."""
        return self.oversight.rules if self.oversight is not None else Rules()

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
        course = Course(
            self.blueprint.template, self.settings, self.facts, self.blueprint, self.counts, scalings, self.face.port
        )
        course.rules = self.rules
        return course


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
