"""Simulated GPU clusters: a real control plane on loopback, simulated nodes and pods."""

from tools.cluster.life import create, delete
from tools.cluster.nodes import DEFAULT_NODES, Gpu, NodeSpec
from tools.cluster.outage import find_node, lose_node
from tools.cluster.state import Cluster, ClusterError, cluster, names

__all__ = [
    "DEFAULT_NODES",
    "Cluster",
    "ClusterError",
    "Gpu",
    "NodeSpec",
    "cluster",
    "create",
    "delete",
    "find_node",
    "lose_node",
    "names",
]
