"""Driving a Workload from outside of its own program: a Replacement begins, goes on, or is called off."""

from inference_provider.converge import hold as holds
from inference_provider.converge.begin import begin
from inference_provider.converge.course import Course
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.promotion import refuse_conflict
from inference_provider.converge.replace import drive
from inference_provider.converge.stop import stopped_counts
from inference_provider.converge.surge import decide
from inference_provider.converge.workload import Wanted, ours
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.fleet import Fleet, Role


async def replace(cluster: Cluster, wanted: Wanted, *, seconds: float, report: Reporter) -> Fleet:
    """Bring a Workload to the version that a Replacement names; nothing else of it changes.

    Raises NotFound, LockHeld, RolloutFailed (the old version serves on), DeadlineExceeded, and InferenceError when the
    Workload is driven by its own program, or was never made.
    """
    deadline = Deadline.after(f"replacing the version of Workload {wanted.namespace}/{wanted.name}", seconds)
    service = await ours(cluster, wanted.namespace, wanted.name)
    check_driver(service)
    async with begin(cluster, service, deadline, report) as op:
        check_driver(op.anchor())
        course = wanted.course()
        hold = await holds.in_force(op, course.template, resume=wanted.settings.resume)
        if hold is not None:
            said = hold.advice(op.namespace, op.workload)
            op.report.warn(f"Workload {op.namespace}/{op.workload} stays as it is: {hold.said}. {said}")
            return op.fleet()
        refuse_conflict(op, course)
        course.stopped = stopped_counts(op.anchor()) is not None
        await decide(op, course)
        await drive(op, course)
        return op.fleet()


def check_driver(service: Body) -> None:
    """Raise InferenceError unless the Workload is there to be driven by a Replacement."""
    meta = service["metadata"]
    named = f"Workload {meta['namespace']}/{meta['name']}"
    if annotation(service, labels.DRIVER) != "external":
        raise InferenceError(
            f"could not replace the version of {named}: its own program drives it. Set `replacement.driver: external` "
            "on the Workload first, or change its `artifactId` instead"
        )
    if annotation(service, labels.INCARNATION) is None:
        raise InferenceError(
            f"could not replace the version of {named}: its first creation never came to its end. "
            "`pulumi up` of the Workload first"
        )


async def call_off(
    cluster: Cluster, namespace: str, name: str, revision: str, *, seconds: float, report: Reporter
) -> bool:
    """Remove a candidate of this very revision, traffic staying where it is; False when it is none any more."""
    found = await cluster.find(SERVICE, namespace, name)
    if found is None:
        return False
    deadline = Deadline.after(f"calling off {revision} of Workload {namespace}/{name}", seconds)
    async with begin(cluster, found, deadline, report) as op:
        active = op.fleet().active
        if active is None or revision not in _rising(op):
            return False
        await drive(op, Course(active.template, ReplacementSettings(), {}))
        return True


def _rising(op: Operation) -> list[str]:
    return [each.name for each in op.fleet().of_role(Role.CANDIDATE)]
