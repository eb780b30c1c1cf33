"""What a version has to show before it serves: nothing of it is missing, it is ready, and it stays so."""

import contextlib

from inference_provider.converge import chronicle, promotion
from inference_provider.converge.candidate import candidate_counts, raise_proton
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.converge.prove import prove
from inference_provider.converge.standing import Standing
from inference_provider.converge.warmup import warming
from inference_provider.errors import DeadlineExceeded, RolloutFailed
from inference_provider.health.budget import steady_seconds
from inference_provider.manifests.proton import Blueprint
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.phases import Phase

#: How long pods may outlive their deleted Deployment before they count as orphaned on purpose (seconds).
ORPHAN_SECONDS = 15.0


async def prove_candidate(op: Operation, course: Course, proton: Proton) -> None:
    """Wait until a candidate may take over: whole, ready, and warmed up. Raises as ``prove`` does."""
    course.record = course.record or await chronicle.carried_on(op, proton)
    await chronicle.note(op, course, Phase.INITIALIZING)
    if proton.staged:
        await promotion.catch_up(op, proton)
    whole = proton.tombstone is not None or (proton.staged and course.blueprint is None)
    if not whole and course.candidate != proton.revision:
        await _complete(op, course, proton)
    groups = [str(group["name"]) for group in course.blueprint.groups] if course.blueprint else [*proton.replicas()]
    standing = Standing() if proton.tombstone or proton.staged else _standing(op, course, proton.revision)
    await prove(op, proton.revision, groups=groups, standing=standing, room_seconds=course.room_seconds)
    course.proven.add(proton.revision)


def _standing(op: Operation, course: Course, revision: int) -> Standing:
    """What a new version has to show. Steadiness only where traffic is taken from somebody who serves."""
    fleet = op.fleet()
    proton, serves = fleet.proton(revision), fleet.active is not None and not fleet.active.vacated
    steady = max(map(steady_seconds, proton.deployments), default=0.0) if proton and serves else 0.0
    return Standing(course.settings.warmup_duration_minutes * 60, steady, warming(op, course))


async def mend(op: Operation, course: Course, proton: Proton) -> None:
    """Make what is missing of the version that serves, and wait until it is ready."""
    op.report.info(f"a Deployment of {proton.name}, which serves, was deleted by somebody else; it is made again")
    dying = op.within(ORPHAN_SECONDS, "waiting for the pods of a deleted Deployment")
    with contextlib.suppress(DeadlineExceeded):  # orphans stay, serve on, and are taken over by the new one
        await dying.until(lambda: not _orphans(op, proton.revision), waiting_for="waiting for its pods to be gone")
    candidate = course.candidate
    await _complete(op, course, proton)
    course.candidate = candidate
    await prove(op, proton.revision, groups=course.goal.groups)


def _orphans(op: Operation, revision: int) -> bool:
    """Whether pods of a group without Deployment are still there: most are on their way out, and prove nothing."""
    proton = op.fleet().proton(revision)
    return proton is not None and any(proton.pods_of(group) for group in proton.missing)


async def _complete(op: Operation, course: Course, proton: Proton) -> None:
    """Make whatever an earlier run, interrupted half-way, left out of a candidate."""
    course.candidate, blueprint = proton.revision, blueprint_of(op, course)
    counts = candidate_counts(op.fleet(), blueprint, course)
    await raise_proton(op, blueprint, revision=proton.revision, slot=proton.slot, counts=counts, port=course.port)


def blueprint_of(op: Operation, course: Course) -> Blueprint:
    """What a version is made from. Raises RolloutFailed where only what is there already could take over."""
    if course.blueprint is None:
        raise RolloutFailed(
            f"the version to go back to has ended meanwhile, and nothing else of Workload "
            f"{op.namespace}/{op.workload} has its template",
            touched=True,
        )
    return course.blueprint
