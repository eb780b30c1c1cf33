"""Ending what serves to make room for the next version, and bringing it back when that was in vain.

The one exception to "the old one keeps serving". What it had is written on its own Service before anything is
scaled, and stays there until it serves again: whoever carries on after an interruption reads it there.
"""

import json

from inference_provider.converge.operation import Operation
from inference_provider.converge.prove import prove
from inference_provider.converge.scale import bring_to
from inference_provider.health.budget import ready_seconds
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.kinds import SERVICE
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.outage import Restore, Vacate, is_empty


async def give_way(op: Operation, step: Vacate | Restore) -> None:
    """Make room, or take it back."""
    if isinstance(step, Vacate):
        await vacate(op, step.proton)
    else:
        await restore(op, step.proton)


async def vacate(op: Operation, proton: Proton) -> None:
    """Scale a proton to nothing, and return when its last pod is gone: only then are its GPUs free."""
    if not proton.vacated:
        counts = json.dumps(proton.replicas(), sort_keys=True)
        await op.patch(SERVICE, proton.service, change_operations(proton.service, {labels.VACATED: counts}))
        op.report.info(f"{proton.name} makes room for the new version: nobody serves until that is ready")
    await bring_to(op, proton, {})

    def gone() -> bool:
        now = op.fleet().proton(proton.revision)
        return now is None or is_empty(now)

    op.report.status(f"{proton.name} makes room: its last pods end")
    await op.until(gone, waiting_for=f"waiting for the last pods of {proton.name} to end, whose GPUs are needed")


async def restore(op: Operation, proton: Proton) -> None:
    """Give a proton the pods that it had, and wait until all are ready. Raises as ``prove`` does."""
    op.report.status(f"bringing {proton.name} back: it had made room for another version")
    counts = {group: max(1, count) for group, count in proton.strength().items()}
    await bring_to(op, proton, counts)
    await prove(op, proton.revision, groups=counts)
    await forget(op, proton)


async def forget(op: Operation, proton: Proton) -> None:
    """Strike the note of what a proton had before it made room, if there is one."""
    now = op.fleet().proton(proton.revision)
    if now is not None and now.vacated:
        await op.patch(SERVICE, now.service, change_operations(now.service, {labels.VACATED: None}))


def restore_seconds(proton: Proton) -> float:
    """How long bringing it back may take, as its own probes allow; nothing when it has not made room."""
    return max(map(ready_seconds, proton.deployments), default=0.0) if proton.vacated else 0.0
