"""Which bundles a version is given: decided under the lock before it is made, and never again for that version."""

from inference_provider.converge.candidate import candidate_counts
from inference_provider.converge.capacity import look_at_gpus, look_at_quotas
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.bundle import bundle_notes
from inference_provider.manifests.kinds import SERVICE
from inference_provider.manifests.proton import Blueprint
from inference_provider.placement.surge import demands_of
from inference_provider.rollout.barred import barred
from inference_provider.rollout.bundles import Offer, first_with_room, looks_for_room, pinned
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.surge import quotas_met


def offer(fleet: Fleet, course: Course, among: tuple[Blueprint, ...]) -> None:
    """Let the course go towards one of these: what is there already, or else, until it is chosen, the first.

    What is there already and stands where policies forbid it does not count.
    """
    course.choices = among
    each = (*among, *([course.blueprint] if course.blueprint is not None else []))
    course.barred = barred(fleet, {one.template: one.hardware for one in each}, course.rules)
    _pin(fleet, course)


def _pin(fleet: Fleet, course: Course) -> bool:
    """Go towards what is there already with one of the course's choices; False, and towards the first, if none is."""
    if not course.choices:
        return False
    course.take(course.choices[0])
    there = pinned(fleet, course.goal, [each.template for each in course.choices])
    if there is not None:
        course.take(_of(course, there))
    return there is not None


async def choose(op: Operation, course: Course) -> None:
    """Choose for a version that is not there yet, and say why when it is not the first choice."""
    fleet = op.fleet()
    if _pin(fleet, course):
        return
    among = [each for each in course.choices if each.denied is None]
    if len(among) < 2 or not looks_for_room(course.settings.surge, fleet):
        return
    counts = candidate_counts(fleet, among[0], course)
    demands = [each for choice in among for each in demands_of(choice.hardware, counts)]
    gpus = await look_at_gpus(op.cluster, demands)
    quotas = quotas_met(await look_at_quotas(op.cluster, op.namespace), course.settings, among[0].priority)
    if gpus is None and not quotas.found:
        op.report.info(f"nobody may count free GPUs: the new version takes bundle {_offer(among[0]).said}")
        return
    offers = [_offer(each) for each in among]
    choice = first_with_room(offers, fleet, course.goal, counts=counts, gpus=gpus, quotas=quotas)
    course.take(_of(course, choice.offer.template))
    if choice.words is not None:
        op.report.info(f"the new version of Workload {op.namespace}/{op.workload} {choice.words}")


async def note_bundles(op: Operation, revision: int, blueprint: Blueprint | None) -> bool:
    """Note what the bundles of a proton are called and cost by now; False when nothing has changed."""
    proton = op.fleet().proton(revision)
    if proton is None or blueprint is None or blueprint.template != proton.template:
        return False
    change = change_operations(proton.service, bundle_notes(blueprint.bundles))
    if change:
        await op.patch(SERVICE, proton.service, change)
    return bool(change)


def _offer(blueprint: Blueprint) -> Offer:
    names = {group: each.name for group, each in blueprint.bundles.items()}
    return Offer(blueprint.template, names, blueprint.hardware)


def _of(course: Course, template: str) -> Blueprint:
    return next(each for each in course.choices if each.template == template)
