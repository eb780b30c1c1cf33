"""Which revision number a new version gets: one that nothing has ever borne, and nothing that is still there bears."""

from inference_provider.converge import chronicle, record
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import DEPLOYMENT, POD, SERVICE
from inference_provider.manifests.revision import is_former, number_of


async def number_for(op: Operation, course: Course) -> int:
    """The number of a version that is about to be raised.

    A Workload that was deleted and made anew counts on where the records that it left end, or from 1 again where it
    left none. Pods of its earlier life may still be ending: their number is passed over, or they would be taken for
    the new version's.
    """
    number = await _first(op) or await next_number(op, course)
    while _borne(op, number):
        number = await next_number(op, course)
    return number


async def _first(op: Operation) -> int | None:
    """The first proton's number, which was taken when the anchor was made; None where it has been used."""
    fleet, keys = op.fleet(), (labels.ACTIVE, labels.LAST_REVISION, labels.UNDER_WAY)
    notes = tuple(annotation(fleet.anchor, key) for key in keys)
    if fleet.protons or notes != (None, "1", "r1"):
        return None
    named = await record.under_name(op)
    if any(number_of(each) == 1 and record.is_own(each, fleet.anchor) for each in named):
        return None
    above = max((number_of(each) for each in named if is_former(each)), default=0)
    return await record.take_number(op, above=above) if above else 1


def _borne(op: Operation, number: int) -> bool:
    bodies = [body for kind in (SERVICE, DEPLOYMENT, POD) for body in op.mirror.objects(kind)]
    return any(label(body, labels.REVISION) == f"r{number}" for body in bodies)


async def next_number(op: Operation, course: Course) -> int:
    """The next revision number; what an interrupted run had begun under the last one ends here."""
    await chronicle.finish(op, course)
    return await record.take_number(op)
