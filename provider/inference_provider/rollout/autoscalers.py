"""Which autoscalers should there be, and which are there? Only what serves has any.

A candidate has none: with fewer pods allowed than it starts with, an autoscaler would end some at once. A kept version
has none either: nobody sends it anything, so it would shrink, and going back would bring back less than there was.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inference_provider.domain.autoscaling import Scaling
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.autoscaler import autoscaler, counts_in, group_of, same_but_least, scalings_of
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import is_condemned
from inference_provider.rollout.fleet import Fleet, Proton


@dataclass(frozen=True)
class Make:
    """One is missing. ``body`` allows no fewer pods than there are now; that is taken back as soon as it is safe."""

    body: Body

    @property
    def said(self) -> str:
        """What is not in order."""
        return f"the autoscaler of {_whose(self.body)} is gone"


@dataclass(frozen=True)
class Alter:
    """One is there and not as wanted. ``relaxes``: it only has to allow fewer pods than it does."""

    found: Body
    wanted: Body

    @property
    def relaxes(self) -> bool:
        """Whether pods could be ended by it too early."""
        return counts_in(self.wanted)[0] < counts_in(self.found)[0] and same_but_least(self.found, self.wanted)

    @property
    def said(self) -> str:
        """What is not in order."""
        have, want = counts_in(self.found), counts_in(self.wanted)
        if have == want:
            return f"the autoscaler of {_whose(self.found)} goes by other metrics than are wanted"
        return f"the autoscaler of {_whose(self.found)} allows {have[0]} to {have[1]} pods, not {want[0]} to {want[1]}"


@dataclass(frozen=True)
class Drop:
    """One is there that should not be."""

    found: Body

    @property
    def said(self) -> str:
        """What is not in order."""
        return f"an autoscaler of {_whose(self.found)} is there that nobody wants"


Change = Make | Alter | Drop


def outstanding(fleet: Fleet, found: tuple[Body, ...]) -> tuple[Change, ...]:
    """What has to be done to a Workload's own autoscalers; what nobody wants goes first."""
    wanted = {each["metadata"]["name"]: (each, scaling) for each, scaling in _scaled(fleet)}
    there = {each["metadata"]["name"]: each for each in found if not is_condemned(each)}
    drops = [Drop(body) for name, body in there.items() if name not in wanted]
    makes = [Make(_pinned(*wanted[name])) for name in wanted if name not in there]
    pairs = [(there[name], autoscaler(*wanted[name])) for name in wanted if name in there]
    alters = [Alter(body, want) for body, want in pairs if not _same(body, want)]
    return (*drops, *makes, *alters)


def _same(found: Body, wanted: Body) -> bool:
    return counts_in(found) == counts_in(wanted) and same_but_least(found, wanted)


def aimed(scalings: Mapping[str, Scaling], counts: Mapping[str, int], *, now: Mapping[str, int]) -> dict[str, int]:
    """Pods by group: as many as wanted where that is fixed; as many as there are ``now`` where load decides it,
    within its bounds.
    """
    return {
        group: scalings[group].bounded(now.get(group) or count) if group in scalings else count
        for group, count in counts.items()
    }


def _scaled(fleet: Fleet) -> list[tuple[Body, Scaling]]:
    """The Deployments that load scales; none while nothing of the Workload is to run."""
    active, scalings = fleet.active, scalings_of(fleet.anchor)
    if active is None or not _runs(active) or annotation(fleet.anchor, labels.STOPPED) is not None:
        return []
    return [(each, scalings[group_of(each)]) for each in active.deployments if group_of(each) in scalings]


def _runs(active: Proton) -> bool:
    return not active.condemned and not active.vacated and any(active.replicas().values())


def _pinned(deployment: Body, scaling: Scaling) -> Body:
    return autoscaler(deployment, scaling, least=scaling.bounded(int(deployment["spec"].get("replicas", 1))))


def _whose(body: Body) -> str:
    """``r2``, with its group where that says something."""
    revision, group = label(body, labels.REVISION) or body["metadata"]["name"], group_of(body)
    return revision if group == "default" else f"{group} of {revision}"
