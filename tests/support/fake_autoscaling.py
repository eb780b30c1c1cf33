"""The autoscaling controller of a fake cluster: it counts, keeps bounds, and follows a load that a test makes up."""

import copy
from collections.abc import Mapping

from inference_provider.manifests.kinds import DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, Body
from tests.support.fake_cluster import FakeCluster


def autoscale(cluster: FakeCluster, autoscaler: Body, loads: Mapping[str, int]) -> None:
    """Look at one autoscaler, as the real controller does: it leaves alone what was scaled to nothing."""
    spec, meta = autoscaler["spec"], autoscaler["metadata"]
    try:
        deployment = cluster.named(DEPLOYMENT, spec["scaleTargetRef"]["name"], meta["namespace"])
    except KeyError:
        return
    if not autoscaler.get("status"):
        seen = {"conditions": [{"type": "AbleToScale", "status": "True", "reason": "SucceededGetScale"}]}
        cluster.put(HORIZONTAL_POD_AUTOSCALER, copy.deepcopy(autoscaler) | {"status": seen})
    have = int(deployment["spec"]["replicas"])
    wanted = max(spec["minReplicas"], min(loads.get(deployment["metadata"]["name"], have), spec["maxReplicas"]))
    if have not in (0, wanted):
        deployment["spec"]["replicas"] = wanted
        deployment["metadata"]["generation"] += 1
        cluster.put(DEPLOYMENT, deployment)
