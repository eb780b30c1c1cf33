"""Bringing who a Workload is shared with to what is wanted, in place, before anything rolls.

First of all, so that whoever was taken out does not keep their rights for as long as a model takes to load, and so that
a right that we lack is told before anything moves.
"""

from inference_provider.converge.claim import claim
from inference_provider.converge.look import own_sharing
from inference_provider.converge.operation import Operation
from inference_provider.converge.wanted import Wanted
from inference_provider.errors import Conflict, Forbidden, InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.kinds import SERVICE
from inference_provider.manifests.roles import noted
from inference_provider.rollout.sharing import Change, is_shared, may_not, named_of, outstanding, respec

#: What the API server says to who would grant more than they hold.
_ESCALATES = "attempting to grant RBAC permissions not currently held"


async def share(op: Operation, wanted: Wanted) -> bool:
    """Grant what is wanted and nothing else; False when it was so.

    What is noted on the Service is for those who look: grants come from the program alone, since who may promote may
    edit the note. Raises InferenceError, with nothing else changed, when we lack a right for it, and NameTaken.
    """
    service, note = op.anchor(), noted(wanted.shared, op.namespace)
    if note is None and not is_shared(service):
        return False
    # First, also that it is shared with nobody any more: whoever comes after an interruption then looks for Roles.
    change = change_operations(service, {labels.SHARED: note or "[]"})
    if change:
        await op.patch(SERVICE, service, change)
    try:
        found = () if op.fresh else await own_sharing(op.cluster, op.namespace, op.workload)
    except Forbidden as error:
        if change:
            raise _lacking(op, error) from None
        op.report.warn(f"{op.named} is to be shared as before, and nobody could see whether it is: {error.message}")
        return False
    named = named_of(op.fleet(), wanted.counts, wanted.face.port)
    done = [await _done(op, each) for each in outstanding(service, found, wanted.shared, named)]
    return bool(change) or any(done)


async def _done(op: Operation, change: Change) -> bool:
    await op.lock.sure()
    op.report.status(f"sharing {op.named}: {change.kind.name} {change.body['metadata']['name']}")
    try:
        return await _sent(op, change)
    except Forbidden as error:
        if not change.renews:
            raise _lacking(op, error) from None
        op.report.warn(
            f"{_lacking(op, error).message}. Who has the role may do as before, but cannot touch the newest revisions"
        )
        return False


async def _sent(op: Operation, change: Change) -> bool:
    """Send one change; False when somebody else was faster, who is dealt with by the next run."""
    meta = change.body["metadata"]
    try:
        match change.action:
            case "make":
                await claim(op.cluster, change.kind, change.body, report=op.report)
            case "alter":
                await op.cluster.patch(change.kind, op.namespace, meta["name"], respec(change))
            case "drop":
                await op.cluster.delete(change.kind, op.namespace, meta["name"], uid=meta["uid"])
    except Conflict:
        await op.lock.sure()
        return False
    return True


def _lacking(op: Operation, error: Forbidden) -> InferenceError:
    """Which right we lack, and what to do about it."""
    why, cure = may_not(op.namespace, escalates=_ESCALATES in error.said)
    refused = f"The API server would not {error.attempted} {error.kind} {error.name}: {error.said.rstrip('.')}"
    return InferenceError(f"could not share {op.named}: {why}. {refused}. {cure}")
