"""Who is told that a version has got its number: the history of every Workload that it serves in."""

from inference_provider.converge import numbered
from inference_provider.converge.artifact import Version
from inference_provider.converge.numbered import Numbered
from inference_provider.converge.ports import Cluster
from inference_provider.domain.reference import VersionId
from inference_provider.manifests.artifact import number_of
from inference_provider.manifests.kinds import Body
from inference_provider.resources.world import World


async def tell_of_number(world: World, cluster: Cluster, head: Body, version: Version) -> None:
    """Write the number of a locked version into those histories. What cannot be written is a warning."""
    number = number_of(head, version.content_hash)
    if version.status != "locked" or number is None:
        return
    facts = {
        **world.facts,
        "actor": await cluster.whoami(),
        "artifactId": str(VersionId(version.namespace, version.name, version.content_hash)),
        "content": version.content,
        "images": dict(version.images),
    }
    told = Numbered(version.namespace, version.name, version.content_hash, number, facts)
    await numbered.tell_workloads(cluster, told, report=world.report)
