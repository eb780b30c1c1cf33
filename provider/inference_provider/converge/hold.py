"""Writing, honouring and lifting what a person has said against the program."""

from inference_provider.converge.operation import Operation
from inference_provider.errors import Cancelled, InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.hold import Hold, hold_of


async def put(op: Operation, hold: Hold | None) -> None:
    """Write the hold on the Workload's Service; None lifts it."""
    service = op.anchor()
    change = change_operations(service, {labels.HOLD: hold.written() if hold else None})
    if change:
        await op.patch(SERVICE, service, change)


def tell(op: Operation, hold: Hold) -> None:
    """Warn that what is wanted is withheld, and say what lifts that."""
    advice = hold.advice(op.namespace, op.workload)
    op.report.warn(f"Workload {op.namespace}/{op.workload} stays as it is: {hold.said}. {advice}")


async def announce(op: Operation, hold: Hold | None) -> None:
    """Write or lift a hold without holding the lock, for whoever has it to see."""
    service = op.anchor()
    same = {"op": "test", "path": "/metadata/uid", "value": service["metadata"]["uid"]}
    change = change_operations(service, {labels.HOLD: hold.written() if hold else None})
    if change:
        await op.unfenced(SERVICE, service, [same, *change])


async def in_force(op: Operation, template: str, *, resume: str | None) -> Hold | None:
    """The hold that withholds this template, if there is one; every other is lifted.

    ``resume`` is the revision whose hold the program lifts.
    """
    hold = hold_of(op.anchor())
    if hold is None:
        return None
    active = op.fleet().active
    serving = active.template if active else None
    if hold.withholds(template, serving=serving, resume=resume):
        return hold
    await put(op, None)
    if not hold.is_void(template, serving=serving):
        op.report.info(f"the hold on Workload {op.namespace}/{op.workload} is lifted: {hold.said}")
    return None


def called_off(op: Operation, template: str) -> Operation:
    """The operation that ends with Cancelled when somebody cancels the replacement by this template meanwhile.

    What the operation objects to by itself counts as well; nothing does once the template has taken over.
    """

    def objection(anchor: Body) -> InferenceError | None:
        hold, active = hold_of(anchor), op.fleet().active
        if active is not None and active.template == template:
            return None  # it has taken over: too late to be called off
        if hold is not None and hold.kind == "cancel" and hold.template == template:
            return Cancelled(hold.said)
        return op.objection(anchor) if op.objection is not None else None

    return op.objecting(objection)
