"""What a Workload's Service shows to people and to later runs, changed in place."""

from collections.abc import Collection
from dataclasses import replace

from inference_provider.converge.operation import Operation
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face, revise
from inference_provider.manifests.autoscaler import renoted
from inference_provider.manifests.kinds import SERVICE


async def show(op: Operation, face: Face, groups: Collection[str]) -> bool:
    """Change what differs; False when nothing does. ``groups`` are the container groups of the program."""
    service = op.anchor()
    note = renoted(service, face.notes.get(labels.AUTOSCALING), groups)
    operations = revise(service, replace(face, notes={**face.notes, labels.AUTOSCALING: note}))
    if operations:
        await op.patch(SERVICE, service, operations)
    return bool(operations)
