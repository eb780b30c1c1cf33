"""Whether there is room for one version more, and who would have to give way for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.capacity import free_gpus
from inference_provider.placement.fit import Demand, Fit, fits
from inference_provider.placement.quota import Ask, shortages
from inference_provider.placement.waiting import waiting_demands


class Room(StrEnum):
    """Where a version finds its GPUs, from the least harm to the most."""

    FREE = "free"  # as things are
    KEPT = "kept"  # once what yields to it is gone: kept versions, and what nobody wants any more
    ACTIVE = "active"  # once what serves has ended, too
    NONE = "none"  # not even then


@dataclass(frozen=True)
class Gpus:
    """Everything that says where GPUs are free: nodes that have some, the pods on them, and pods without a node."""

    nodes: Sequence[Body]
    bound: Sequence[Body]
    unbound: Sequence[Body]


@dataclass(frozen=True)
class Judged:
    """``sentence`` counts the GPUs of what yields as free: "needs 4 × … (2 pods × 2): 2 free on gpu-1; 2 missing".

    ``without_active`` counts those of what serves, too.
    """

    room: Room
    sentence: str
    without_active: str
    #: Whether it is a quota of the namespace that is in the way: pushing out others then helps nobody.
    by_quota: bool = False


@dataclass(frozen=True)
class Budget:
    """The quotas of a namespace, and what of them is asked for; ``yielding`` and ``active`` are the pods themselves."""

    quotas: Sequence[Body] = ()
    asks: Sequence[Ask] = ()
    yielding: Sequence[Body] = ()
    active: Sequence[Body] = ()

    def short(self) -> dict[Room, list[str]]:
        """What is missing as things are, when what yields is gone, and when what serves has ended, too."""
        ending: dict[Room, Sequence[Body]] = {
            Room.FREE: (),
            Room.KEPT: self.yielding,
            Room.ACTIVE: [*self.yielding, *self.active],
        }
        found = {room: shortages(self.asks, self.quotas, ending=pods) for room, pods in ending.items()}
        return {room: [each.sentence for each in missing] for room, missing in found.items()}


def demands_of(hardware: Mapping[str, Hardware], pods: Mapping[str, int]) -> list[Demand]:
    """What so many more pods of each group take; nothing for groups without GPUs, or that have all their pods."""
    return [
        Demand(
            pods[name],
            each.gpus,
            each.gpu_models[0] if each.gpu_models else None,
            each.gpu_memory_mib,
            each.node_labels,
            each.tolerations,
            each.terms,
        )
        for name, each in hardware.items()
        if each.gpus and pods.get(name, 0) > 0
    ]


def judge(
    demands: Sequence[Demand],
    gpus: Gpus | None,
    *,
    ours: Collection[str] = (),
    yielding: Collection[str] = (),
    active: Collection[str] = (),
    budget: Budget | None = None,
) -> Judged:
    """Where all the demands find room together: on nodes, whichever where ``gpus`` is None, and in quotas.

    ``ours`` are uids of the very pods that make up the demand, ``yielding`` of pods that give way to it, ``active``
    of those that serve.
    """
    beside = frozenset(yielding)
    ends: dict[Room, frozenset[str]] = {
        Room.FREE: frozenset(),
        Room.KEPT: beside,
        Room.ACTIVE: beside | frozenset(active),
    }
    found = {room: fits_together(demands, gpus, ours=ours, ending=away) if gpus else [] for room, away in ends.items()}
    short = (budget or Budget()).short()
    fitting = (each for each, fit in found.items() if all(one.fits for one in fit) and not short[each])
    said = {each: _said(found[each], short[each]) for each in (Room.KEPT, Room.ACTIVE)}
    return Judged(next(fitting, Room.NONE), said[Room.KEPT], said[Room.ACTIVE], by_quota=bool(short[Room.KEPT]))


def as_known(judged: Judged, gpus: Gpus | None) -> Judged | None:
    """None where nobody may look at nodes, and no quota says no."""
    return None if gpus is None and judged.room is Room.FREE else judged


def _said(found: Sequence[Fit], short: Sequence[str]) -> str:
    """What does not fit; all of it when everything does."""
    amiss = [*(each.sentence for each in found if not each.fits), *short]
    return "; ".join(amiss or [each.sentence for each in found])


def fits_together(
    demands: Sequence[Demand], gpus: Gpus, *, ours: Collection[str] = (), ending: Collection[str] = ()
) -> list[Fit]:
    """One answer for each demand: whether it fits beside those before it, when the pods ``ending`` are gone."""
    free = free_gpus(gpus.nodes, [pod for pod in gpus.bound if _uid(pod) not in ending], tainted=True)
    left = [pod for pod in gpus.unbound if _uid(pod) not in ours and _uid(pod) not in ending]
    waiting = waiting_demands(left)
    return [fits(demand, free, (*waiting, *demands[:index])) for index, demand in enumerate(demands)]


def _uid(pod: Body) -> str:
    return str(pod["metadata"]["uid"])
