"""Removing what was made of a Workload that never came to be."""

import contextlib

from inference_provider.converge.deadline import Deadline
from inference_provider.converge.gone import all_gone
from inference_provider.converge.ports import Cluster
from inference_provider.errors import Conflict, InferenceError, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import (
    CONFIG_MAP,
    DEPLOYMENT,
    JOB,
    POD,
    POD_DISRUPTION_BUDGET,
    SERVICE,
    Body,
)

#: Time for it (seconds); the operation's own budget may be spent by then.
TIDY_SECONDS = 180.0
#: Everything that a Workload's Service owns beside its Lease, itself included.
OWNED = (SERVICE, DEPLOYMENT, POD, JOB, CONFIG_MAP, POD_DISRUPTION_BUDGET)


async def unmade(cluster: Cluster, service: Body, error: InferenceError, *, epoch: str | None) -> InferenceError:
    """Remove everything of a Workload that was never finished; whatever its Service owns goes with it.

    The lock is given back by now: only what still carries our ``epoch`` is ours to remove.
    """
    meta = service["metadata"]
    namespace, name = meta["namespace"], meta["name"]
    tidy = Deadline.after(f"removing what was made of Workload {namespace}/{name}", TIDY_SECONDS)
    try:
        if not await _deleted(cluster, service, tidy, epoch=epoch):
            return RolloutFailed(f"{error.message}. Somebody else carries on with it", detail=error.detail)
        await all_gone(cluster, OWNED, namespace, f"{labels.WORKLOAD}={name}", tidy, lease=name)
    except InferenceError as second:
        said = f"{error.message}. What was made could not be removed: {second.message}"
        return RolloutFailed(said, touched=True, detail=error.detail)
    return RolloutFailed(f"{error.message}. Nothing of this first try is left", detail=error.detail)


async def _deleted(cluster: Cluster, service: Body, deadline: Deadline, *, epoch: str | None) -> bool:
    """Delete the anchor that we made; False when somebody else has taken it over since."""
    meta = service["metadata"]
    while (found := await cluster.find(SERVICE, meta["namespace"], meta["name"])) is not None:
        now = found["metadata"]
        if now["uid"] != meta["uid"] or annotation(found, labels.EPOCH) != epoch:
            return False
        with contextlib.suppress(Conflict):  # it has changed since we looked
            version = now["resourceVersion"]
            await cluster.delete(SERVICE, now["namespace"], now["name"], uid=now["uid"], resource_version=version)
            return True
        deadline.check(f"deleting Service {now['name']}")
    return True
