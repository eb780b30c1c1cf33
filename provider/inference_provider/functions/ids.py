"""Which resources of a kind are in the cluster, by the ids that take them over (`pulumi import`)?"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from pydantic import Field

from inference_provider.converge.ports import Cluster
from inference_provider.domain.fields import Text, Truth
from inference_provider.functions.asked import Somewhere
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.artifact import is_head
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body
from inference_provider.manifests.ownership import is_condemned
from inference_provider.manifests.policy import SELECTOR, policy_name
from inference_provider.resources.registry import ARTIFACT, POLICY, REPLACEMENT, WORKLOAD
from inference_provider.resources.world import World, resource_id


class IdsQuery(Somewhere):
    """Where to look."""

    all_namespaces: Annotated[
        Truth, Field(description="Whether to look in every namespace, for which one needs the right. Default false.")
    ] = False
    search: Annotated[Text | None, Field(description="Text that the id contains, in upper or lower case.")] = None


async def ids(world: World, token: str, query: IdsQuery) -> list[str]:
    """All of them, in order. Raises Forbidden where they may not be listed."""
    namespace = None if query.all_namespaces else query.place(world)
    found = await _LISTS[token](await world.connect(), namespace)
    named = sorted(resource_id(str(each["metadata"]["namespace"]), _name(each)) for each in found)
    return [each for each in named if (query.search or "").casefold() in each.casefold()]


async def _anchors(cluster: Cluster, namespace: str | None) -> list[Body]:
    services = await cluster.list(SERVICE, namespace, labels=f"{labels.PART}=endpoint")
    return [each for each in services if is_anchor(each, _name(each)) and not is_condemned(each)]


async def _driven(cluster: Cluster, namespace: str | None) -> list[Body]:
    """The Workloads that a Replacement drives: it has no object of its own."""
    return [each for each in await _anchors(cluster, namespace) if annotation(each, labels.DRIVER) == "external"]


async def _heads(cluster: Cluster, namespace: str | None) -> list[Body]:
    """Artifacts that were declared by themselves; one that is written inside a Workload comes and goes with it."""
    heads = await cluster.list(CONFIG_MAP, namespace, labels=f"{labels.PART}=artifact-head")
    own = [each for each in heads if is_head(each, _name(each)) and annotation(each, labels.INLINE_OF) is None]
    return [each for each in own if not is_condemned(each)]


async def _policies(cluster: Cluster, namespace: str | None) -> list[Body]:
    maps = await cluster.list(CONFIG_MAP, namespace, labels=SELECTOR)
    return [each for each in maps if policy_name(each) and not is_condemned(each)]


def _name(body: Body) -> str:
    return label(body, labels.ARTIFACT) or label(body, labels.POLICY) or str(body["metadata"]["name"])


_LISTS: Mapping[str, Callable[[Cluster, str | None], Awaitable[list[Body]]]] = {
    ARTIFACT.token: _heads,
    WORKLOAD.token: _anchors,
    REPLACEMENT.token: _driven,
    POLICY.token: _policies,
}
