"""How does a simulated node get lost, and found again?"""

import time

from tools.cluster.client import ApiClient
from tools.cluster.faults import FROZEN, NODE_LOST
from tools.cluster.node_stages import LEASES, NOBODY
from tools.cluster.state import Cluster, ClusterError

_PATIENCE = 20.0


def lose_node(lost: Cluster, node: str) -> None:
    """The node stops reporting, becomes NotReady (unknown), and its pods freeze, no longer ready, as they are.

    A real node controller needs 40 s to notice; here all of it has happened when this returns.

    Raises:
        ClusterError: kwok did not let go of the node.
        tools.cluster.client.ApiError: there is no such node.
    """
    client = lost.client()
    _annotate(client, node, {NODE_LOST: "true"})
    _wait_until_let_go(client, node)
    # kwok may work on for a while on the pods of a node that it has let go of: each is told to stay as it is. And the
    # node controller marks pods only when it was the one to declare the node lost.
    for namespace, name in _pods_on(client, node):
        _tell_pod(client, namespace, name, frozen="true")
        _mark_not_ready(client, namespace, name)


def find_node(found: Cluster, node: str) -> None:
    """The lost node reports again within some ten seconds, and its pods go on.

    After their load time they are ready; those that were deleted meanwhile vanish.
    """
    client = found.client()
    for namespace, name in _pods_on(client, node):
        _tell_pod(client, namespace, name, frozen=None)
    _annotate(client, node, {NODE_LOST: None})
    client.request("DELETE", _lease(node))


def _pods_on(client: ApiClient, node: str) -> list[tuple[str, str]]:
    pods = client.request("GET", f"/api/v1/pods?fieldSelector=spec.nodeName={node}")["items"]
    return [(pod["metadata"]["namespace"], pod["metadata"]["name"]) for pod in pods]


def _tell_pod(client: ApiClient, namespace: str, name: str, *, frozen: str | None) -> None:
    body = {"metadata": {"annotations": {FROZEN: frozen}}}
    path = f"/api/v1/namespaces/{namespace}/pods/{name}"
    client.request("PATCH", path, body=body, content_type="application/merge-patch+json")


def _annotate(client: ApiClient, node: str, annotations: dict[str, str | None]) -> None:
    body = {"metadata": {"annotations": annotations}}
    client.request("PATCH", f"/api/v1/nodes/{node}", body=body, content_type="application/merge-patch+json")


def _lease(node: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{LEASES}/leases/{node}"


def _wait_until_let_go(client: ApiClient, node: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while client.request("GET", _lease(node))["spec"]["holderIdentity"] != NOBODY:
        if time.monotonic() > deadline:
            raise ClusterError(f"Node {node} was asked to get lost, and still reported after {_PATIENCE:.0f} s.")
        time.sleep(0.05)


def _mark_not_ready(client: ApiClient, namespace: str, name: str) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    condition = {"type": "Ready", "status": "False", "lastTransitionTime": now}
    path = f"/api/v1/namespaces/{namespace}/pods/{name}/status"
    body = {"status": {"conditions": [condition]}}
    client.request("PATCH", path, body=body, content_type="application/strategic-merge-patch+json")
