"""Node pools and taints: a demand finds room on its own nodes only."""

from typing import Any

import pytest

from inference_provider.placement.fit import Demand, fits
from inference_provider.placement.surge import Gpus, fits_together
from inference_provider.placement.taints import tolerated
from inference_provider.placement.waiting import outstanding, waiting_demands

Body = dict[str, Any]
RESERVED: Body = {"key": "reserved", "value": "search", "effect": "NoSchedule"}


def node(name: str, *, taints: tuple[Body, ...] = (), **labels: str) -> Body:
    return {
        "metadata": {"name": name, "labels": {"nvidia.com/gpu.product": "H100", **labels}},
        "spec": {"taints": list(taints)},
        "status": {"allocatable": {"nvidia.com/gpu": "8"}, "conditions": [{"type": "Ready", "status": "True"}]},
    }


def waiting(uid: str, gpus: int, **spec: object) -> Body:
    container = {"resources": {"limits": {"nvidia.com/gpu": str(gpus)}}}
    return {"metadata": {"uid": uid, "name": uid, "namespace": "shop"}, "spec": {"containers": [container], **spec}}


def place(demand: Demand, *nodes: Body, unbound: tuple[Body, ...] = ()) -> str:
    """Where it fits, or what is missing."""
    (found,) = fits_together([demand], Gpus(nodes, [], unbound))
    return found.sentence


def test_a_pool_is_told_by_its_labels() -> None:
    demand = Demand(1, 8, "H100", node_labels={"pool": "search"})

    assert place(demand, node("a"), node("b", pool="search")) == (
        "needs 8 × H100 on pool=search (1 pod × 8): 8 free on b"
    )
    assert place(demand, node("a")).endswith("no usable node has such GPUs; 8 missing")


def test_a_tainted_node_is_for_those_who_tolerate_it() -> None:
    plain, hardened = Demand(1, 8), Demand(1, 8, tolerations=({"key": "reserved", "operator": "Exists"},))

    assert "no usable node" in place(plain, node("a", taints=(RESERVED,)))
    assert place(hardened, node("a", taints=(RESERVED,))).endswith("8 free on a")
    assert fits(plain, []).missing == 8


@pytest.mark.parametrize(
    ("toleration", "enough"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "reserved", "operator": "Exists"}, True),
        ({"key": "reserved", "value": "search"}, True),
        ({"key": "reserved", "value": "search", "effect": "NoSchedule"}, True),
        ({"key": "reserved", "value": "search", "effect": "NoExecute"}, False),
        ({"key": "reserved", "value": "other"}, False),
        ({"key": "reserved"}, False),
        ({"key": "else", "operator": "Exists"}, False),
    ],
)
def test_a_toleration_is_read_as_the_scheduler_reads_it(toleration: Body, *, enough: bool) -> None:
    assert tolerated([RESERVED], [toleration]) == enough


def test_who_waits_for_another_pool_takes_nothing_from_ours() -> None:
    elsewhere = waiting("w", 8, nodeSelector={"pool": "batch"})
    ours = waiting("o", 8, nodeSelector={"pool": "search"})

    demand = Demand(1, 8, node_labels={"pool": "search"})
    nodes = (node("a", pool="search"), node("b", pool="batch", taints=(RESERVED,)))

    assert place(demand, *nodes, unbound=(elsewhere,)).endswith("8 free on a")
    assert place(demand, *nodes, unbound=(ours,)).endswith(
        "none free on 1 node (8 more wanted by waiting pods); 8 missing"
    )


def test_what_a_waiting_pod_asks_of_its_node_is_read_from_it() -> None:
    chosen = {"pool": "search", "nvidia.com/gpu.product": "H100"}
    tolerations = [{"key": "reserved", "operator": "Exists"}]
    pod = waiting("w", 2, nodeSelector=chosen, tolerations=tolerations)

    expected = Demand(1, 2, "H100", None, {"pool": "search"}, tuple(tolerations))
    assert waiting_demands([pod]) == (expected,)
    assert outstanding([pod], {}) == expected
