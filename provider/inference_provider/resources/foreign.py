"""What of a kind in a namespace is not ours?"""

from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import Body, Kind


async def foreign(cluster: Cluster, kind: Kind, namespace: str) -> list[Body]:
    """The objects of others (ours may be many, and are not sent); none when we may not look."""
    try:
        return await cluster.list(kind, namespace, labels=f"app.kubernetes.io/managed-by!={labels.MANAGED_BY}")
    except ClusterError:
        return []
