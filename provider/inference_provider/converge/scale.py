"""Changing how many pods the active proton has: in place, through the scale subresource, never by a roll."""

from collections.abc import Mapping

from inference_provider.converge.operation import Operation
from inference_provider.converge.prove import prove
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.rollout.fleet import Proton


async def scale(op: Operation, proton: Proton, counts: Mapping[str, int]) -> bool:
    """Bring every group to its count (default 1) and wait until all are ready. False when it was so already."""
    changed = False
    for body in proton.deployments:
        group = label(body, labels.GROUP) or "default"
        have, want = int(body["spec"].get("replicas", 1)), counts.get(group, 1)
        if have == want:
            continue
        op.report.status(f"scaling {proton.name} from {have} to {want} pods")
        changed |= await op.scale(body, want)
    if changed:
        await prove(op, proton.revision, groups=proton.replicas())
    return changed
