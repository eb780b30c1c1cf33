"""Bringing a Workload's autoscalers to what is wanted: what serves has one for each group that load scales.

Nobody else has any. What is wanted stands on the Workload's Service, so whoever carries on after an interruption does
the same again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from inference_provider.converge.claim import claim
from inference_provider.converge.operation import Operation
from inference_provider.domain.autoscaling import Scaling
from inference_provider.errors import ClusterError, Conflict, DeadlineExceeded, Forbidden, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.autoscaler import belongs_to, group_of, has_looked, respec, scalings_of
from inference_provider.manifests.kinds import HORIZONTAL_POD_AUTOSCALER, Body
from inference_provider.rollout.autoscalers import Alter, Change, Drop, Make, aimed, outstanding
from inference_provider.rollout.fleet import Proton

#: How long the cluster's controller may take to look at a new autoscaler (seconds); it looks every 15 s as a rule.
LOOK_SECONDS = 30.0


async def check_rights(op: Operation, scalings: Mapping[str, Scaling]) -> None:
    """Raise Forbidden before anything moves when load is to scale a group and we may not touch autoscalers."""
    if scalings:
        await own_autoscalers(op)


async def grown(op: Operation, revision: int, scalings: Mapping[str, Scaling]) -> bool:
    """Give a candidate as many pods as load has given the active while it was starting; False when it has them."""
    fleet = op.fleet()
    active, candidate, done = fleet.active, fleet.proton(revision), False
    led = scalings_of(fleet.anchor)
    if active is None or candidate is None or active.revision == revision or active.vacated:
        return False
    wanted = aimed(scalings, active.replicas(), now=active.replicas())
    for body in candidate.deployments:
        group = group_of(body)
        have, want = int(body["spec"].get("replicas", 1)), wanted.get(group, 0)
        if group in led and 0 < have < want:
            op.report.status(
                f"scaling {candidate.name} from {have} to {want} pods: {active.name} has got more meanwhile"
            )
            done |= await op.scale(body, want)
    return done


async def make_way(op: Operation) -> None:
    """Remove the autoscalers that nobody wants (any more), and change the bounds of the others, so that none of them
    takes back what is scaled next.
    """
    await _made_way(op, outstanding(op.fleet(), await _found(op)))


async def _made_way(op: Operation, changes: Sequence[Change]) -> None:
    await _drop(op, [each.found for each in changes if isinstance(each, Drop)])
    now = [each for each in changes if isinstance(each, Alter) and not each.relaxes]
    for each in now:
        await _respec(op, each)


async def take_away(op: Operation, proton: Proton) -> None:
    """Remove the autoscalers of a proton that does not serve any more, or is to have no pods."""
    if scalings_of(op.anchor()):
        await _drop(op, [each for each in await _found(op) if belongs_to(each, proton.service)])


async def settle(op: Operation) -> bool:
    """Do everything that is outstanding; False when that was nothing.

    A new autoscaler keeps the pods that there are until the cluster's controller has counted them, since one that may
    end pods is not to do that before it has measured the ones that have just taken over. Raises RolloutFailed when the
    API server refuses it, and LockLost.
    """
    try:
        return await _settled(op)
    except ClusterError as error:
        active = op.fleet().active
        serves = f"{active.name} serves, with the pods that it has now" if active else "nothing serves"
        said = f"{error.message}. So load does not scale Workload {op.namespace}/{op.workload} as is wanted; {serves}"
        raise RolloutFailed(f"{said}. Mend the cause and run `pulumi up` again", touched=True) from error


async def _settled(op: Operation) -> bool:
    changes = outstanding(op.fleet(), await _found(op))
    if not changes:
        return False
    await _made_way(op, changes)
    makes = [each for each in outstanding(op.fleet(), await _found(op)) if isinstance(each, Make)]
    for make in makes:
        await op.lock.sure()
        op.report.status(f"autoscaling: {make.body['metadata']['name']} is scaled by load from now on")
        await claim(op.cluster, HORIZONTAL_POD_AUTOSCALER, make.body)
    return await _altered(op) or bool(makes) or any(not isinstance(each, Alter) or not each.relaxes for each in changes)


async def _altered(op: Operation) -> bool:
    """Change what is not as wanted, each as soon as it is safe; what never gets safe is left to the next run."""
    loop = asyncio.get_running_loop()
    until, done = loop.time() + LOOK_SECONDS, set[str]()
    while alters := await _to_alter(op, but=done):  # each once: somebody else's admission rules may put it back
        safe = [each for each in alters if not each.relaxes or has_looked(each.found)]
        for each in safe:
            await _respec(op, each)
            done.add(each.found["metadata"]["name"])
        if not safe and not await _waited(op, until=until):
            _tell(op, alters)
            break
    return bool(done)


async def _to_alter(op: Operation, *, but: Collection[str]) -> list[Alter]:
    changes = outstanding(op.fleet(), await _found(op))
    return [each for each in changes if isinstance(each, Alter) and each.found["metadata"]["name"] not in but]


async def _respec(op: Operation, change: Alter) -> None:
    await op.lock.sure()
    name = change.found["metadata"]["name"]
    try:
        await op.cluster.patch(HORIZONTAL_POD_AUTOSCALER, op.namespace, name, respec(change.found, change.wanted))
    except Conflict:  # it is another one by now: looked at again
        await op.lock.sure()


async def _waited(op: Operation, *, until: float) -> bool:
    """Wait a moment for the cluster's controller; False when there is no more time for that."""
    if asyncio.get_running_loop().time() >= until:
        return False
    try:
        await op.pause(op.mirror.version, waiting_for="waiting for the autoscaling controller to look")
    except DeadlineExceeded:
        return False
    return True


def _tell(op: Operation, alters: list[Alter]) -> None:
    names = " and ".join(str(each.found["metadata"]["name"]) for each in alters)
    op.report.warn(
        f"the cluster's controller has not looked at HorizontalPodAutoscaler {names} for {LOOK_SECONDS:g} s, so "
        "it ends none of the pods that there are. Once it runs, the next `pulumi up` takes that back"
    )


async def _drop(op: Operation, unwanted: list[Body]) -> None:
    for each in unwanted:
        meta = each["metadata"]
        await op.lock.sure()
        try:
            await op.cluster.delete(HORIZONTAL_POD_AUTOSCALER, op.namespace, meta["name"], uid=meta["uid"])
        except Conflict:  # somebody has made another one of that name: not the one that was meant
            await op.lock.sure()


async def _found(op: Operation) -> tuple[Body, ...]:
    """The Workload's own autoscalers. Who may not look has none, unless some are wanted: then Forbidden is raised."""
    if op.fresh and not scalings_of(op.anchor()):
        return ()  # nobody has made any of a Workload that was made this moment
    try:
        return await own_autoscalers(op)
    except Forbidden:
        if scalings_of(op.anchor()):
            raise
        return ()


async def own_autoscalers(op: Operation) -> tuple[Body, ...]:
    """Those that carry the Workload's name and ours. They are few, and asked for: nothing waits for them to change."""
    chosen = f"{labels.WORKLOAD}={op.workload},app.kubernetes.io/managed-by={labels.MANAGED_BY}"
    return tuple(await op.cluster.list(HORIZONTAL_POD_AUTOSCALER, op.namespace, labels=chosen))
