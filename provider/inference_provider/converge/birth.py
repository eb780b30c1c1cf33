"""How a Workload comes into the world: its Service is claimed, its first version proven, its incarnation stamped."""

from dataclasses import replace

from inference_provider.converge.begin import FIRST_EPOCH, begin
from inference_provider.converge.claim import obtain, taken
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.operation import utc_now
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.unmade import unmade
from inference_provider.converge.wanted import Wanted
from inference_provider.converge.workload import born, bring_about, finished
from inference_provider.errors import InferenceError, LockHeld, LockLost, NameTaken, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import anchor, is_anchor
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.fleet import Fleet


async def create(cluster: Cluster, wanted: Wanted, *, seconds: float, report: Reporter) -> Fleet:
    """Make a Workload and wait until it serves. A failure removes what this call made.

    Raises NameTaken, RolloutFailed, DeadlineExceeded, or what the API server said.
    """
    deadline = Deadline.after(f"creating Workload {wanted.namespace}/{wanted.name}", seconds, option="create")
    service, fresh = await _claim_anchor(cluster, wanted, report)
    epoch = annotation(service, labels.EPOCH)
    try:
        async with begin(cluster, service, deadline, report, fresh=fresh) as op:
            epoch = op.epoch
            await bring_about(op, wanted)
            return await born(op, wanted)
    except (LockHeld, LockLost):
        raise  # somebody else is making it: what is there is theirs
    except InferenceError as error:
        if finished(service):
            raise  # it served before this call: nothing of it is ours to remove
        raise await unmade(cluster, service, error, epoch=epoch) from error


async def _claim_anchor(cluster: Cluster, wanted: Wanted, report: Reporter) -> tuple[Body, bool]:
    """The anchor, made now (True) or by an earlier run of the same resource (False).

    That run was killed, or its answer got lost, or the engine was told to make the resource anew.
    """
    notes = {
        **wanted.face.notes,
        labels.EPOCH: FIRST_EPOCH,
        labels.LAST_REVISION: "1",
        labels.UNDER_WAY: "r1",
        labels.DRIVER: wanted.settings.driver,
        labels.CREATED_AT: utc_now(),
    }
    body = anchor(wanted.namespace, wanted.name, replace(wanted.face, notes=notes), slot=0)
    try:
        found, made = await obtain(cluster, SERVICE, body, report=report)
    except NotFound as error:
        raise NotFound(
            "create",
            kind="Service",
            namespace=wanted.namespace,
            name=wanted.name,
            status=404,
            said=error.said,
            advice=f"Create namespace {wanted.namespace} first, or name another one",
        ) from None
    urn = wanted.face.notes.get(labels.URN)
    same = annotation(found, labels.URN) == urn
    if made or (is_anchor(found, wanted.name) and same and (urn or not finished(found))):
        return found, made
    raise NameTaken(taken(SERVICE, found))
