"""Pods as placement makes them for made-up hardware, and the nodes that a scheduler could take for them."""

import random
from collections.abc import Sequence

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware, pod_spec
from inference_provider.placement.selector import takes
from tests.support.admitted import terms_of
from tests.support.earth import Node


def pods_with(chance: random.Random) -> Hardware:
    """Pods that take GPUs, of a model or of any, or none; some ask for a node pool, too."""
    gpus = chance.random() < 0.8
    model = chance.choice([None, None, "NVIDIA-H100-80GB-HBM3", "Tesla-T4"]) if gpus else None
    resources = {"server": {"limits": {"nvidia.com/gpu": "1"}}} if gpus else {}
    pool = {"pool": "a"} if chance.random() < 0.2 else {}
    return Hardware(resources, gpu_models=(model,) if model else (), node_labels=pool)


def pod(hardware: Hardware) -> Body:
    """The pod that is made of it."""
    group = {"name": "default", "containers": [{"name": "server", "image": "example/v", "primary": True, "port": 80}]}
    return pod_spec(
        group, hardware=hardware, secret=None, priority=None, drain_seconds=1, storage=None, spread_over={"app": "x"}
    )


def lands(body: Body, nodes: Sequence[Node]) -> list[Node]:
    """The nodes that a scheduler could take for a pod."""
    selected = body.get("nodeSelector", {}).items()
    asked = terms_of(body)
    return [node for node in nodes if selected <= node.labels.items() and (asked is None or takes(asked, node.labels))]
