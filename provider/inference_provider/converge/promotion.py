"""Manual promotion: a proven candidate is held back beside the active until somebody says its number."""

from dataclasses import replace

from inference_provider.converge import chronicle
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.next_step import Goal, Staged, candidate_of
from inference_provider.rollout.phases import Phase
from inference_provider.rollout.promoted import promoted


async def stage(op: Operation, course: Course, proton: Proton) -> None:
    """Note on a proven candidate, and in its record, that it waits."""
    await op.patch(SERVICE, proton.service, change_operations(proton.service, {labels.STAGED: op.now()}))
    await chronicle.note(op, course, Phase.AWAITING_PROMOTION)


async def catch_up(op: Operation, proton: Proton) -> None:
    """Give a candidate that has waited as many pods as the active has by now; it keeps what it has beyond that."""
    active, have = op.fleet().active, proton.replicas()
    wanted = active.strength() if active is not None else {}
    for body in proton.deployments:
        group = body["metadata"]["labels"][labels.GROUP]
        if wanted.get(group, 0) > have[group]:
            op.report.status(f"scaling {proton.name} to {wanted[group]} pods, as {active.name if active else ''} has")
            await op.scale(body, wanted[group])


async def tell(op: Operation, course: Course, end: Staged) -> None:
    """Say what waits, and how it is let through; its record says so too, where the run that staged it died."""
    if course.record is None:
        earlier = replace(course, record=await chronicle.carried_on(op, end.candidate))
        await chronicle.note(op, earlier, Phase.AWAITING_PROMOTION)
    name, asked = end.candidate.name, course.settings.promote
    other = f"replacement.promote names {asked}, which is not what waits. " if asked else ""
    op.report.info(
        f"Workload {op.namespace}/{op.workload}: {name} is ready and waits for promotion; {end.active.name} serves. "
        f'{other}`promote: "{name}"` in its replacement settings, or '
        f"`pulumi-inference promote {op.workload} -n {op.namespace}`, lets it take over"
    )


def heard(op: Operation, course: Course, goal: Goal) -> Goal:
    """The goal with what a person has said at the command line since: the candidate may take over once it is proven."""
    fleet = op.fleet()
    word, candidate = promoted(fleet.anchor), candidate_of(fleet, goal)
    if word is None or candidate is None or not goal.manual or goal.promote == candidate.name:
        return goal
    if course.closing_words is None:
        course.closing_words = word.said
        op.report.info(f"{candidate.name} is {word.said}; it takes over as soon as it is proven")
    return replace(goal, promote=candidate.name)


def listening(op: Operation, course: Course) -> Operation:
    """The operation that hears such a word wherever it waits."""

    def objection(anchor: Body) -> InferenceError | None:
        heard(op, course, course.goal)
        return op.objection(anchor) if op.objection is not None else None

    return op.objecting(objection)


def unpromoted(fleet: Fleet, course: Course) -> bool:
    """Whether another version serves, or would if it ran, and nobody has said that this one may take over."""
    active, goal = fleet.active, course.goal
    if active is None or active.template == goal.template or not goal.manual:
        return False
    candidate = candidate_of(fleet, goal)
    return candidate is None or candidate.name != goal.promote


def tell_asleep(op: Operation) -> None:
    """Say why a new version of a stopped Workload is not put into the place of the old one."""
    active = op.fleet().active
    op.report.info(
        f"Workload {op.namespace}/{op.workload} is stopped, and promotion is manual: {active.name if active else ''} "
        "stays its version. Once it is started, the new one comes up beside that and waits for promotion"
    )


def waiting(fleet: Fleet) -> Proton | None:
    """The candidate that waits for promotion."""
    return next((each for each in fleet.of_role(Role.CANDIDATE) if each.staged and not each.condemned), None)


def refuse_conflict(op: Operation, course: Course) -> None:
    """Raise before anything moves when another version waits for promotion and may not be pushed aside."""
    fleet = op.fleet()
    staged = waiting(fleet)
    back = fleet.active is not None and fleet.active.template == course.template
    if staged is None or back or staged.template == course.template or course.settings.on_conflict == "supersede":
        return
    raise InferenceError(
        f"could not update Workload {op.namespace}/{op.workload}: {staged.name} waits for promotion, and this is a "
        f"third version. Promote {staged.name} first, or put the program back to what serves, which removes it; "
        "`replacement.onConflict: supersede` removes it in favour of this one"
    )
