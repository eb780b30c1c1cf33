"""What is said of one pod: how it is, where it runs, on which GPUs, since when?"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError
from inference_provider.health.pod import assess_pod
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import NODE, Body
from inference_provider.manifests.pod import GPU_PRODUCT
from inference_provider.placement.gpu_requests import gpus_of


@dataclass(frozen=True)
class PodSeen:
    """One pod and how it is; ``said`` does not repeat its name, ``reason`` is one of health's words.

    ``node`` is empty while it has none, ``model`` (of its ``gpus``) while nobody can say; ``since`` is when it was made
    (RFC 3339).
    """

    name: str
    ready: bool
    said: str
    node: str
    reason: str = ""
    gpus: int = 0
    model: str = ""
    since: str | None = None
    restarts: int = 0


def pod_seen(pod: Body) -> PodSeen:
    """One pod, without the model of its GPUs, which its node knows."""
    verdict = assess_pod(pod)
    containers = (pod.get("status") or {}).get("containerStatuses") or []
    return PodSeen(
        name=str(pod["metadata"]["name"]),
        ready=verdict.ready,
        said=verdict.message,
        node=str((pod.get("spec") or {}).get("nodeName") or ""),
        reason=verdict.reason.value,
        gpus=gpus_of(pod),
        since=pod["metadata"].get("creationTimestamp"),
        restarts=sum(int(each.get("restartCount") or 0) for each in containers),
    )


async def models_of(cluster: Cluster, nodes: Iterable[str]) -> dict[str, str]:
    """Which GPUs nodes have, as their label says; nothing of those that we may not, or cannot, look at."""
    named = sorted(filter(None, nodes))
    found = await asyncio.gather(*(_model(cluster, each) for each in named))
    return dict(zip(named, found, strict=True))


async def _model(cluster: Cluster, node: str) -> str:
    try:
        body = await cluster.find(NODE, None, node)
    except ClusterError:
        return ""
    return (label(body, GPU_PRODUCT) if body else None) or ""
