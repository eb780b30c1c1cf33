"""Which policies is a Workload under? Those that it names, and those of its namespace that choose it.

Of those about tokens also: is there anybody who counts them?
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from inference_provider.converge.gateway import missing_gateway
from inference_provider.converge.ports import Cluster
from inference_provider.domain.countries import country
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.kubernetes_words import is_label_value
from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs, chosen
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Forbidden
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.gateway import route_of
from inference_provider.manifests.kinds import CONFIG_MAP, NODE, Body, Kind
from inference_provider.manifests.labels import ARTIFACT_TYPE
from inference_provider.manifests.policy import (
    REGIONS_MAP,
    SELECTOR,
    is_policy,
    named_by,
    policy_name,
    policy_of,
    rule_of,
    tags_of,
)
from inference_provider.placement.allowance import UNSEEN, Rules
from inference_provider.placement.regions import Atlas
from inference_provider.placement.shared_names import matters, told_by
from inference_provider.resources.world import Properties, World


@dataclass(frozen=True)
class Whom:
    """What decides which policies a Workload is under, and whether its tokens can be counted. ``artifact_type`` None:
    it is not known yet.
    """

    namespace: str
    name: str
    tags: Mapping[str, str]
    named: tuple[str, ...]
    artifact_type: str | None
    route: GatewayRoute | None = None


@dataclass(frozen=True)
class _Held:
    """The ConfigMaps of policies by id (namespace/name); and of those that nobody may read, a sentence."""

    maps: dict[str, Body]
    unread: dict[str, str]


def asking(model: WorkloadInputs, namespace: str, artifact_type: str | None) -> Whom:
    """The Workload of a program."""
    named = tuple(each.place(namespace) for each in model.policies)
    return Whom(namespace, model.name, model.tags, named, artifact_type, model.service.gateway)


def standing(anchor: Body) -> Whom:
    """A Workload as its Service notes it."""
    meta, kind = anchor["metadata"], annotation(anchor, ARTIFACT_TYPE)
    return Whom(meta["namespace"], meta["name"], tags_of(anchor), named_by(anchor), kind, route_of(anchor))


def because(place: str, rules: Rules, whom: Whom) -> str | None:
    """Why a Workload is under a policy, in a few words; None of one that nobody can read."""
    if place in whom.named:
        return "named by the Workload"
    policy = next((each for each in rules.policies if f"{each.namespace}/{each.name}" == place), None)
    if policy is None:
        return None
    tags = [f"{key}={value}" for key, value in sorted(policy.labels.items())]
    by = [f"tags {', '.join(tags)}"] if tags else []
    by += [f"artifact type {whom.artifact_type or 'unknown'}"] if policy.resource_types else []
    return f"chosen by {' and '.join(by)}" if by else "for the whole namespace"


def references(anchor: Body) -> list[Properties]:
    """The policies that a Workload names, as its program would say them."""
    return [_reference(each, anchor["metadata"]["namespace"]) for each in named_by(anchor)]


def _reference(place: str, namespace: str) -> Properties:
    theirs, _, name = place.partition("/")
    local = theirs == namespace
    return {"refType": "localPolicy", "name": name} if local else {"refType": "remotePolicy", "id": place}


async def in_force(world: World, whom: Whom) -> Rules:
    """The rules as the cluster has them, read anew. What is named and not there, or may not be read, allows nothing.

    Nobody says what the engine does first, so one that this run declares counts before it is made; and while it is
    something else than what is there, both count.
    """
    cluster = await world.connect()
    elsewhere = await _elsewhere(whom, cluster.find)
    try:
        there = _by_id(await cluster.list(CONFIG_MAP, whom.namespace, labels=SELECTOR))
    except Forbidden as error:
        said = f"the policies of namespace {whom.namespace} cannot be read: {error.message}"
        return Rules(broken=(said, *elsewhere.unread.values()))
    coming = _coming(world.declared, _read(there | elsewhere.maps))
    return await _standing(world, whom, replace(elsewhere, maps=there | elsewhere.maps), coming=coming)


def _coming(declared: Mapping[str, PolicyInputs], there: Mapping[str, PolicyInputs | None]) -> list[PolicyInputs]:
    """The rules that take another's place in this run."""
    both = ((policy, there.get(place)) for place, policy in sorted(declared.items()))
    return [policy for policy, now in both if now is not None and rule_of(policy) != rule_of(now)]


async def lately(world: World, whom: Whom) -> Rules:
    """The same as it was a moment ago: for what runs, and for many who ask at once."""
    return await _standing(world, whom, await _known(await world.connect(), whom))


async def _standing(world: World, whom: Whom, held: _Held, *, coming: Iterable[PolicyInputs] = ()) -> Rules:
    known = {**world.declared, **_read(held.maps)}
    absent = (place for place in whom.named if place not in known and place not in held.unread)
    missing = (f"Policy {place} is named, and not in this cluster" for place in absent)
    rules = await _rules(await world.connect(), whom, known, coming)
    return replace(rules, broken=(*held.unread.values(), *rules.broken, *missing))


async def foreseen(world: World, whom: Whom) -> Rules:
    """The same as it was a moment ago, with what this run's program says of policies in place of what is there.

    One that is named and not there may still be made by this run, and is left out.
    """
    cluster = await world.connect()
    held = await _known(cluster, whom)
    rules = await _rules(cluster, whom, {**_read(held.maps), **world.declared})
    unread = (said for place, said in held.unread.items() if place not in world.declared)
    return replace(rules, broken=(*unread, *rules.broken))


async def narrowed(cluster: Cluster, rules: Rules, whom: Whom) -> Rules:
    """What is left of rules that were read while it was not known what the Workload serves."""
    left = tuple(each for each in rules.policies if _concerns(each, whom))
    if len(left) == len(rules.policies):
        return rules
    return replace(rules, policies=left, atlas=await atlas_of(cluster, left))


async def _known(cluster: Cluster, whom: Whom) -> _Held:
    there = _by_id(await cluster.known_all(CONFIG_MAP, whom.namespace, labels=SELECTOR))
    elsewhere = await _elsewhere(whom, cluster.known)
    return replace(elsewhere, maps=there | elsewhere.maps)


def _by_id(maps: Iterable[Body]) -> dict[str, Body]:
    return {f"{each['metadata']['namespace']}/{name}": each for each in maps if (name := policy_name(each))}


async def _elsewhere(whom: Whom, read: Callable[[Kind, str | None, str], Awaitable[Body | None]]) -> _Held:
    """The named policies of other namespaces, as far as they are there."""
    found, unread = dict[str, Body](), dict[str, str]()
    for place in whom.named:
        namespace, _, name = place.partition("/")
        if namespace == whom.namespace:
            continue
        try:
            body = await read(CONFIG_MAP, namespace, policy_map_name(name))
        except Forbidden as error:
            unread[place] = (
                f"Policy {place} cannot be read: {error.message.rstrip('.')}. Workload {whom.namespace}/{whom.name} "
                f"names Policy {place} (`policies`), so whoever plans or changes it has to read that one, too; to be "
                f"shared with in namespace {whom.namespace} does not give that"
            )
            continue
        if body is not None and is_policy(body, name):
            found[place] = body
    return _Held(found, unread)


def _read(maps: Mapping[str, Body]) -> dict[str, PolicyInputs | None]:
    return {place: policy_of(body) for place, body in maps.items()}


async def _rules(
    cluster: Cluster, whom: Whom, known: Mapping[str, PolicyInputs | None], coming: Iterable[PolicyInputs] = ()
) -> Rules:
    """Whom a policy chooses that cannot be read is not known either, so it counts for everybody."""
    unreadable = [place for place, policy in known.items() if policy is None]
    among = (*(known[place] for place in sorted(known)), *coming)
    policies = [policy for policy in among if policy is not None and _concerns(policy, whom)]
    broken = tuple(
        f"Policy {place} cannot be read: a newer release of pulumi-inference made it, or somebody changed its ConfigMap"
        for place in sorted(unreadable)
    )
    counting = any(each.type == "maxTokens" for each in policies)
    uncounted = await why_uncounted(cluster, whom.route) if counting else UNSEEN
    return Rules(tuple(policies), await atlas_of(cluster, policies), broken, uncounted=uncounted)


async def why_uncounted(cluster: Cluster, route: GatewayRoute | None) -> str | None:
    """Why nobody counts a Workload's tokens; None when a gateway does. Raises ClusterErrors when nobody can say."""
    if route is None:
        return (
            "its requests go through no gateway that could count them: lead them through an Envoy AI Gateway by "
            "`service.gateway`, or set `sandbox` in the policy to be warned instead"
        )
    several = {"parent": len(route.parent_refs), "host name": len(route.hostnames)}
    for what, count in several.items():
        if count > 1:
            return (
                f"its gateway would count them apart for each {what}, so {count} times as many would pass: keep one "
                f"{what} in `service.gateway`"
            )
    return await missing_gateway(cluster)


def _concerns(policy: PolicyInputs, whom: Whom) -> bool:
    """Whether a Workload names a policy, or is chosen by it."""
    if whom.named and f"{policy.namespace}/{policy.name}" in whom.named:
        return True
    return policy.namespace == whom.namespace and chosen(policy, artifact_type=whom.artifact_type, tags=whom.tags)


async def atlas_of(cluster: Cluster, policies: Iterable[PolicyInputs]) -> Atlas:
    """The cluster's own regions: for the policies of each namespace as that says them, where they ask for countries.
    What nobody says of a name that clouds share, its nodes may tell.
    """
    asking = [each for each in policies if any(place.type != "location" for place in each.locations)]
    namespaces = sorted({each.namespace for each in asking if each.namespace})
    told = told_by(await known_nodes(cluster) or ()) if matters(asking) else {}
    return Atlas(theirs={each: {**told, **_own(await _regions_map(cluster, each))} for each in namespaces})


async def known_nodes(cluster: Cluster) -> list[Body] | None:
    """Every node as it was a moment ago; None where nobody may look. All are asked for: many Workloads ask at once."""
    try:
        return await cluster.known_all(NODE, None)
    except Forbidden:
        return None


def _own(held: Body | None) -> dict[str, str]:
    """Which country each region is in, as a ConfigMap says it; "" for what is no country. Words that no node can be
    labelled with are left out.
    """
    said = ((held or {}).get("data") or {}).items()
    return {region: country(str(code)) or "" for region, code in said if is_label_value(region)}


async def _regions_map(cluster: Cluster, namespace: str) -> Body | None:
    """Mostly there is none, which only a list remembers: else each of a thousand Workloads would ask again."""
    try:
        found = await cluster.known_all(CONFIG_MAP, namespace, fields=f"metadata.name={REGIONS_MAP}")
    except Forbidden:  # of another namespace, where one may read what one knows by name
        return await cluster.known(CONFIG_MAP, namespace, REGIONS_MAP)
    return found[0] if found else None
