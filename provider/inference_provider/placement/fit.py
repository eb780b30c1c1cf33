"""Whether so many pods with so many GPUs each fit on what is free, and how to say it.

A pod's GPUs are on one node, so five free GPUs on five nodes are no place for a pod that needs two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference_provider.manifests.kinds import Body
from inference_provider.placement.capacity import NodeFree, matches
from inference_provider.placement.selector import takes
from inference_provider.placement.taints import tolerated

#: So many nodes are named in a sentence.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Demand:
    """``pods`` pods with ``gpus_per_pod`` whole GPUs each, of a model and a size where these matter.

    ``node_labels`` are what their nodes must have, ``tolerations`` what they do not mind of them, ``terms`` the
    alternatives that policies leave (None: no policy).
    """

    pods: int
    gpus_per_pod: int
    model: str | None = None
    gpu_memory_mib: int | None = None
    node_labels: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Body, ...] = ()
    terms: tuple[Body, ...] | None = None

    @property
    def gpus(self) -> int:
        return self.pods * self.gpus_per_pod


@dataclass(frozen=True, slots=True)
class Fit:
    """``gpus_free``: on matching nodes and not wanted by waiting pods. ``missing``: those of pods without room.

    ``free_on`` says the same node by node, ``nodes`` on which those pods fit that find room.
    """

    fits: bool
    gpus_needed: int
    gpus_free: int
    missing: int
    sentence: str
    free_on: Mapping[str, int] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()


def fits(request: Demand, nodes_free: Sequence[NodeFree], waiting_demands: Sequence[Demand] = ()) -> Fit:
    """Pack the request on the nodes, after the pods that are waiting already (those of them that find room).

    Yes is always a real packing; with waiting pods of other sizes, no may be a packing that was not found.
    """
    room = {node.name: node.free for node in nodes_free}
    for demand in sorted(waiting_demands, key=lambda one: one.gpus_per_pod, reverse=True):
        _pack(demand, nodes_free, room)
    own = [node for node in nodes_free if _may_run(request, node)]
    left = {node.name: room[node.name] for node in own if room[node.name] > 0}
    taken = sum(node.free for node in own) - sum(left.values())
    placed = _pack(request, nodes_free, room)
    missing = (request.pods - len(placed)) * request.gpus_per_pod
    said = f"{demand_words(request)}: {_free_words(own, left, taken=taken)}{_missing_words(request, left, missing)}"
    nodes = tuple(sorted(set(placed)))
    return Fit(missing == 0, request.gpus, sum(left.values()), missing, said, free_on=left, nodes=nodes)


def demand_words(request: Demand) -> str:
    """What is needed, for plans: "needs 4 × NVIDIA-H100-80GB-HBM3 (2 pods × 2)"."""
    size = f" with {request.gpu_memory_mib} MiB" if request.gpu_memory_mib is not None else ""
    pods = f"{request.pods} pod" if request.pods == 1 else f"{request.pods} pods"
    where = f" on {', '.join(f'{key}={value}' for key, value in sorted(request.node_labels.items()))}"
    place = (where if request.node_labels else "") + (" where policies allow it" if request.terms is not None else "")
    return f"needs {request.gpus} × {request.model or 'GPU'}{size}{place} ({pods} × {request.gpus_per_pod})"


def _may_run(demand: Demand, node: NodeFree) -> bool:
    labelled = all(node.labels.get(key) == value for key, value in demand.node_labels.items())
    allowed = demand.terms is None or takes(demand.terms, node.labels)
    known = labelled and allowed and tolerated(node.taints, demand.tolerations)
    return known and matches(node, model=demand.model, memory_mib=demand.gpu_memory_mib)


def _pack(demand: Demand, nodes: Sequence[NodeFree], room: dict[str, int]) -> list[str]:
    """Take room for as many of the demand's pods as find some; the node of each of these."""
    placed: list[str] = []
    while len(placed) < demand.pods:
        # The tightest node first: it leaves the large holes to those who need them.
        open_to = [one for one in nodes if _may_run(demand, one) and room[one.name] >= demand.gpus_per_pod]
        if not open_to:
            break
        tightest = min(open_to, key=lambda one: (room[one.name], one.name)).name
        room[tightest] -= demand.gpus_per_pod
        placed.append(tightest)
    return placed


def _free_words(own: Sequence[NodeFree], left: dict[str, int], *, taken: int) -> str:
    if not own:
        return "no usable node has such GPUs"
    waiting = f" ({taken} more wanted by waiting pods)" if taken else ""
    if not left:
        return f"none free on {len(own)} {'node' if len(own) == 1 else 'nodes'}{waiting}"
    named = ", ".join(sorted(left)[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return f"{sum(left.values())} free on {named}{more}{waiting}"


def _missing_words(request: Demand, left: dict[str, int], missing: int) -> str:
    if not missing:
        return ""
    scattered = sum(left.values()) >= request.gpus
    return f"; {missing} missing" + (f", since the {request.gpus_per_pod} of a pod must be on one node" * scattered)
