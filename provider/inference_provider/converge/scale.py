"""Changing how many pods the active proton has: in place, through the scale subresource, never by a roll."""

import asyncio
from collections.abc import Mapping

from inference_provider.converge.autoscale import make_way
from inference_provider.converge.operation import Operation
from inference_provider.converge.prove import prove
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.autoscaler import scalings_of
from inference_provider.manifests.kinds import Body
from inference_provider.rollout.autoscalers import aimed
from inference_provider.rollout.fleet import Proton


async def scale(op: Operation, proton: Proton, counts: Mapping[str, int]) -> bool:
    """Bring every group to its count and wait until all are ready; groups without one stay. False when it was so.

    Where load decides, it is brought to what is allowed of what it has.
    """
    changed, now = False, proton.replicas()
    counts = now | aimed(scalings_of(op.anchor()), counts, now=now)
    if counts == now:
        return False
    await make_way(op)
    for body in proton.deployments:
        group = label(body, labels.GROUP) or "default"
        have, want = now[group], counts[group]
        if have == want:
            continue
        op.report.status(f"scaling {proton.name} from {have} to {want} pods")
        changed |= await op.scale(body, want)
    if changed:
        await prove(op, proton.revision, groups=proton.replicas())
    return changed


async def bring_to(op: Operation, proton: Proton, counts: Mapping[str, int]) -> None:
    """Scale every group to its count, 0 where none is said, and see it done; nothing is waited for to be ready."""

    async def one(body: Body) -> None:
        want = counts.get(label(body, labels.GROUP) or "default", 0)
        if int(body["spec"].get("replicas", 1)) == want:
            return
        op.report.status(f"scaling {proton.name} to {want} pods")
        await op.scale(body, want)

    await asyncio.gather(*(one(body) for body in proton.deployments))
