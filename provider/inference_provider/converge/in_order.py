"""What does a Workload put right of what serves, while somebody else says which version that is?

Its traffic, its Deployments, tombstones that keep nothing, and the end of a kept version that a Replacement was killed
before it set: it may have left its program since. Whatever else a Replacement has begun is its own.
"""

from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.converge.replace import perform
from inference_provider.rollout.fleet import Proton, Role
from inference_provider.rollout.next_step import Exhume, Goal, Mend, Narrow, Retain, Sweep, next_step


async def put_in_order(op: Operation, course: Course) -> Proton | None:
    """The active, with all of its parts and its traffic; None when there is none.

    ``course`` leads to what serves; without a blueprint it does not know how to make a part that is gone.
    """
    while (active := op.fleet().active) is not None and not course.stopped:
        groups = course.goal.groups if active.template == course.template else ()
        step = next_step(op.fleet(), Goal(active.template, groups=groups))
        rising = [each for each in op.fleet().of_role(Role.CANDIDATE) if not each.condemned]
        if not isinstance(step, Mend) and (rising or not isinstance(step, Narrow | Exhume | Retain | Sweep)):
            return active
        await perform(op, course, step)
    return active
