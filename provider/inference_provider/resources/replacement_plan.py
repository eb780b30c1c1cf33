"""One line that says what a Replacement will do to people's GPUs: the same as a Workload that rolls by itself."""

from inference_provider.converge.external import ASLEEP
from inference_provider.converge.stop import stopped_counts
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.policy import tags_of
from inference_provider.resources.changes import shown
from inference_provider.resources.gateway import noted_service
from inference_provider.resources.plan_unseen import unseen
from inference_provider.resources.policies_in_force import references
from inference_provider.resources.preview import plan_line as workload_line
from inference_provider.resources.replacement import SETTINGS, runtime_of
from inference_provider.resources.workload_outputs import version_of
from inference_provider.resources.world import Difference, Properties, World, place_of
from inference_provider.rollout.fleet import Fleet


async def first_line(world: World, news: Properties, unknown: tuple[str, ...]) -> str | None:
    """What the creation of one will do; None when its version serves already, or its Workload is not there yet."""
    fleet = await _driven(world, str(news.get("workloadId") or ""))
    if fleet is None or fleet.active is None or version_of(fleet.active) == news.get("candidateArtifactId"):
        return None
    now: Properties = {"activeArtifactId": version_of(fleet.active)}
    return await _line(world, fleet, now, news, difference=Difference(("candidateArtifactId",)).and_perhaps(unknown))


async def plan_line(world: World, olds: Properties, news: Properties, difference: Difference) -> str | None:
    """What rolls, GPUs needed and free; None when there is nothing to say."""
    identifier = str(news.get("workloadId") or "")
    if difference.replaces or not identifier:
        return None
    if difference.found:
        world.report.info(f"Replacement of Workload {identifier} is put right: {'; '.join(difference.found)}")
    fleet = await _driven(world, identifier)
    return None if fleet is None else await _line(world, fleet, olds, news, difference=difference)


async def _driven(world: World, identifier: str) -> Fleet | None:
    """The Workload. The same run may give it another driver before us: so this warns, and the real run refuses."""
    if not identifier:
        return None
    namespace, name = place_of(identifier)
    try:
        fleet = (await world.workloads(namespace)).get(name)
    except InferenceError as error:
        for said in unseen(error):
            world.report.warn(f"Workload {identifier}: {said}")
        return None
    if fleet is not None and not fleet.external:
        world.report.warn(
            f"Workload {identifier} is driven by its own program so far; this will be refused unless the same "
            "run sets `replacement.driver: external` on it"
        )
    return fleet


async def _line(
    world: World, fleet: Fleet, olds: Properties, news: Properties, *, difference: Difference
) -> str | None:
    """What the Workload does, as it would say so itself."""
    if fleet.active is None:
        return None
    identifier = str(news.get("workloadId"))
    try:
        runtime = news.get("runtime") or shown(await runtime_of(await world.connect(), fleet))
    except InferenceError:
        return None
    namespace, name = place_of(identifier)
    other = version_of(fleet.active) != news.get("candidateArtifactId")
    if news.get("promotion") == "manual" and other and stopped_counts(fleet.anchor) is not None:
        return f"Workload {identifier} would not be changed, but this refused: {ASLEEP}"
    now = {"activeArtifactId": olds.get("activeArtifactId"), "revision": fleet.active.name}
    as_workload = {
        "name": name,
        "namespace": namespace,
        "artifactId": news.get("candidateArtifactId"),
        "replacement": {key: value for key, value in news.items() if key in SETTINGS},
        "runtime": runtime,
        "importance": annotation(fleet.anchor, labels.IMPORTANCE) or "low",
        "running": stopped_counts(fleet.anchor) is None,
        "tags": tags_of(fleet.anchor),
        "policies": references(fleet.anchor),
        **noted_service(fleet.anchor),
    }
    changed = tuple("artifactId" if each == "candidateArtifactId" else each for each in difference.changed)
    unknown = tuple("artifactId" if each == "candidateArtifactId" else each for each in difference.unknown)
    return await workload_line(world, now, as_workload, Difference(changed, (), unknown))
