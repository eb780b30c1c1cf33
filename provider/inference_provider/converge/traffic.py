"""Moving traffic: one patch at a time, each followed by a look at who really gets requests."""

import asyncio
from collections.abc import Callable

from inference_provider.converge.operation import Operation
from inference_provider.errors import DeadlineExceeded, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import switch_operations
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.fleet import Fleet, Proton
from inference_provider.rollout.switch import SETTLE_SECONDS, narrowed, ready_pod_uids, widened

#: EndpointSlices follow within milliseconds; when they have not after this long, something is broken (seconds).
FOLLOW_SECONDS = 60.0


async def widen(op: Operation, active: Proton, candidate: Proton) -> None:
    """Send traffic to both, and wait until every ready pod of both gets it."""
    op.report.status(f"switching: {active.name} and {candidate.name} both get traffic")
    await _select(op, labels.pair(active.slot, candidate.slot), active=None)

    def both(fleet: Fleet) -> bool:
        ready = _serving(fleet, candidate.revision)
        if not ready:
            raise RolloutFailed(f"{candidate.name} lost all its ready pods before it took over", touched=True)
        return widened(op.slices(), candidate=ready, active=_serving(fleet, active.revision))

    await _followed(op, both, f"{active.name} and {candidate.name} to get traffic")
    await _settled(op)


def settle_seconds(op: Operation) -> float:
    """How long both stay in traffic, for this Workload's type of Service."""
    return SETTLE_SECONDS.get(op.anchor()["spec"].get("type", "ClusterIP"), 0.0)


async def _settled(op: Operation) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + settle_seconds(op)
    while loop.time() < until:
        await op.pause(op.mirror.version, waiting_for="waiting for load balancers to follow")


def may_take_over(op: Operation, proton: Proton) -> bool:
    """Whether as many pods of every group as are wanted are ready right now; proven a moment ago is not enough."""
    now = op.fleet().proton(proton.revision)
    # Without a Deployment its pods are on their way out, however ready they still are.
    if now is None or not _answering_deployments(now):
        return False
    ready = {group: len(ready_pod_uids(now.pods_of(group))) for group in now.replicas()}
    return all(ready[group] >= max(1, wanted) for group, wanted in now.replicas().items())


async def narrow(op: Operation, proton: Proton, *, old: Proton | None) -> None:
    """Send traffic to one proton only, name it active in the same patch, and wait until only its pods get it.

    With ``old`` (the one that served until now) a proton that loses all its ready pods meanwhile gives the traffic
    back at once, and RolloutFailed is raised. Without, it is the active itself: if it is broken, nobody could serve,
    and nothing is waited for.
    """
    op.report.status(f"switching: {proton.name} alone gets traffic")
    await _select(op, labels.only(proton.slot), active=proton.name)

    def alone(fleet: Fleet) -> bool:
        serving = _serving(fleet, proton.revision)
        own = frozenset(pod["metadata"]["uid"] for pod in _answering(fleet, proton.revision))
        if not serving and old is not None and _serving(fleet, old.revision):
            raise RolloutFailed(f"{proton.name} lost all its ready pods while it took over", touched=True)
        return not serving or narrowed(op.slices(), wanted=serving, own=own)

    try:
        await _followed(op, alone, f"{proton.name} alone to get traffic")
    except RolloutFailed:
        if old is not None:
            await _select(op, labels.only(old.slot), active=old.name)
        raise


async def _select(op: Operation, traffic: labels.Traffic, *, active: str | None) -> None:
    anchor = op.anchor()
    await op.patch(SERVICE, anchor, switch_operations(anchor, op.workload, traffic, active=active))


async def _followed(op: Operation, look: Callable[[Fleet], bool], what: str) -> None:
    waiting = op.within(min(FOLLOW_SECONDS, op.deadline.left()), "the traffic switch")
    try:
        await waiting.until(lambda: look(op.fleet()), waiting_for=f"waiting for {what}")
    except DeadlineExceeded:
        raise RolloutFailed(
            f"EndpointSlices of Service {op.namespace}/{op.workload} did not follow: waited for {what}", touched=True
        ) from None


def _serving(fleet: Fleet, revision: int) -> frozenset[str]:
    """Uids of the ready pods of a proton that can get traffic."""
    return ready_pod_uids(_answering(fleet, revision))


def _answering(fleet: Fleet, revision: int) -> list[Body]:
    """The pods of a proton's primary group, ready or not."""
    proton = fleet.proton(revision)
    pods = proton.pods if proton else ()
    return [pod for pod in pods if labels.SERVES in pod["metadata"]["labels"]]


def _answering_deployments(proton: Proton) -> list[Body]:
    """The Deployments whose pods get traffic: that of the primary group."""
    made = [(each, each["spec"]["template"]["metadata"].get("labels") or {}) for each in proton.deployments]
    return [each for each, carried in made if labels.SERVES in carried]
