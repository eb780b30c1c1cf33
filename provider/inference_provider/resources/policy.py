"""What a Policy does on check, diff, create, read, update and delete."""

import secrets
from collections.abc import Iterator

from inference_provider.converge import policy as rule
from inference_provider.converge.operation import utc_now
from inference_provider.converge.policy import Under
from inference_provider.converge.ports import Cluster
from inference_provider.domain.faults import parse_policy
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Fault, InferenceError, InputError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.policy import policy_name, policy_of
from inference_provider.placement.allowance import is_known
from inference_provider.placement.flavors import MODELS
from inference_provider.resources.admission import let_go
from inference_provider.resources.admission_faults import noticed
from inference_provider.resources.changes import changed_paths, shown
from inference_provider.resources.ours import policy_is_theirs
from inference_provider.resources.policy_effect import bring_up_to_date, countable, take_effect, uncountable
from inference_provider.resources.policy_touches import tell, touched
from inference_provider.resources.world import (
    Checked,
    Difference,
    Properties,
    World,
    delete_seconds,
    place_of,
    resource_id,
    touches,
)

#: Inputs that the door fills in; the program cannot set them.
COMPUTED = ("resourceUrn",)
#: How long the last Workloads under a Policy may take to go when it is deleted with them (seconds).
DELETE_SECONDS = 120.0
#: What decides which policy this is: while any of it is unknown, nothing is said of it to Workloads.
_DECIDING = ("name", "namespace", "labels", "type", "locations", "flavors", "maxTokens", "resourceTypes", "sandbox")


def parse(inputs: Properties) -> PolicyInputs:
    """The model of a Policy's inputs. Raises InputError."""
    return parse_policy({key: value for key, value in inputs.items() if key not in COMPUTED})


async def check(world: World, _olds: Properties, news: Properties, *, unknown: tuple[str, ...] = ()) -> Checked:
    """Validate, and remember what this run declares: Workloads that are checked afterwards are judged by it."""
    filled = {**news, "namespace": news.get("namespace") or world.namespace}
    try:
        policy = parse(filled)
    except InputError as error:
        return Checked(filled, tuple(error.faults))
    faults = (*_faults(policy), *await uncountable(world, policy))
    if not faults and not touches(unknown, _DECIDING):
        world.declared[_id(world, policy)] = policy
    return Checked(filled, faults)


def _faults(policy: PolicyInputs) -> Iterator[Fault]:
    """What could never be held to: flavors that nobody knows."""
    for index, flavor in enumerate(policy.flavors):
        if not is_known(flavor):
            known = f"{', '.join(MODELS)}, or a name of GPU Feature Discovery (NVIDIA-L4)"
            said = known if flavor.type == "gpu" else "cpu"
            yield Fault(
                f"flavors[{index}].name", f"{flavor.name!r} is no {flavor.type} that nodes are known by: write {said}"
            )


def _id(world: World, policy: PolicyInputs) -> str:
    return resource_id(policy.namespace or world.namespace, policy.name)


def diff(olds: Properties, news: Properties) -> Difference:
    """What differs. ``olds`` are the outputs of the last run, which repeat its inputs."""
    old, new = _shown(olds), _shown(news)
    replaces = tuple(key for key in ("name", "namespace") if old.get(key) != new.get(key))
    return Difference(tuple(changed_paths(old, new)), replaces)


def _shown(properties: Properties) -> dict[str, object]:
    known = {field.alias or key for key, field in PolicyInputs.model_fields.items()}
    given = {key: value for key, value in properties.items() if key in known and value is not None}
    try:
        return shown(parse(given))
    except InputError:  # written by another release: compare it as it stands
        return given


async def found(world: World, identifier: str, olds: Properties) -> tuple[str, ...]:
    """What the cluster says and the stack does not know; nothing when we cannot look."""
    namespace, name = place_of(identifier)
    try:
        held = await rule.find(await world.connect(), namespace, name)
    except InferenceError:
        return ()
    if held is None:
        return ("its ConfigMap is not in this cluster, so it is made again",)
    if _changed(held, olds):
        return ("somebody changed its ConfigMap",)
    if policy_name(held) is None:
        return ("somebody took the labels off its ConfigMap, by which it is found for Workloads",)
    if olds.get("incarnation") and annotation(held, labels.INCARNATION) != olds["incarnation"]:
        return ("it was made anew, and the stack does not know of that",)
    if world.urn and annotation(held, labels.URN) not in (None, world.urn):
        return ("it carries the URN that it had before it was renamed",)
    return await _unheld(world, held)


async def _unheld(world: World, held: Body) -> tuple[str, ...]:
    """What somebody did to that by which the API server holds to the policy."""
    policy = policy_of(held)
    try:
        cluster = await world.connect()
        if policy is None:
            return ()
        seen = await rule.under(cluster, policy)
        said = await noticed(cluster, policy, seen)
    except InferenceError:
        return ()
    return (said,) if said else ()


def _changed(held: Body, olds: Properties) -> bool:
    """Whether the rule is another one than the stack knows; no, where another release wrote what the stack knows."""
    there = policy_of(held)
    try:
        return there is None or _rule(there) != _rule(parse(_own(olds)))
    except InputError:
        return False


def _own(properties: Properties) -> Properties:
    known = {field.alias or key for key, field in PolicyInputs.model_fields.items()}
    return {key: value for key, value in properties.items() if key in known and value is not None}


def _rule(policy: PolicyInputs) -> dict[str, object]:
    return policy.model_dump(exclude={"name", "namespace", "force_delete", "timeouts"})


async def announce(world: World, known: Properties, unknown: tuple[str, ...]) -> str | None:
    """What the creation of a Policy does to Workloads that are there already."""
    if touches(unknown, _DECIDING):
        return None
    return await touched(world, [_placed(world, known)])


async def foretell(world: World, olds: Properties, news: Properties, difference: Difference) -> str | None:
    """Which Workloads a change touches: those under the rule as it was, and those under it as it will be."""
    if difference.replaces or touches(difference.unknown, _DECIDING):
        return None
    place = f"{news.get('namespace') or world.namespace}/{news.get('name')}"
    mended = f"Policy {place} is put right: {'; '.join(difference.found)}" if difference.found else None
    try:
        both = [_placed(world, _own(each)) for each in (olds, news)]
    except InputError:  # of another release
        return mended
    whom = await touched(world, both) if difference.changed else None
    return ". ".join(each for each in (mended, whom) if each) or None


async def create(world: World, inputs: Properties) -> tuple[str, Properties]:
    """Make the Policy. Raises NameTaken, ClusterErrors."""
    policy = _placed(world, inputs)
    cluster = await world.connect()
    await countable(world, policy)
    namespace = policy.namespace or world.namespace
    who = await _who(world, cluster)
    notes = {**_notes(world), labels.INCARNATION: secrets.token_hex(8), labels.CREATOR: who, labels.UPDATER: who}
    held = await rule.make(cluster, namespace, policy, notes=notes, report=world.report)
    await take_effect(world, policy)
    await tell(world, policy)
    return resource_id(namespace, policy.name), await _outputs(cluster, inputs, held, policy)


def _placed(world: World, inputs: Properties) -> PolicyInputs:
    """The model with the namespace that counts."""
    return parse({**inputs, "namespace": inputs.get("namespace") or world.namespace})


def _notes(world: World) -> dict[str, str]:
    return {labels.URN: world.urn, labels.STACK: world.facts.get("stack", ""), labels.UPDATED_AT: utc_now()}


async def _who(world: World, cluster: Cluster) -> str:
    return str(world.facts.get("person") or await cluster.whoami())


async def _outputs(cluster: Cluster, inputs: Properties, held: Body, policy: PolicyInputs) -> Properties:
    """What the stack says of a Policy: its inputs, and what was observed."""
    seen: Under = await rule.under(cluster, policy)
    return {
        **inputs,
        "namespace": policy.namespace,
        "workloads": seen.ids,
        "createdAt": annotation(held, labels.CREATED_AT),
        "updatedAt": annotation(held, labels.UPDATED_AT),
        "creator": annotation(held, labels.CREATOR),
        "updater": annotation(held, labels.UPDATER),
        "incarnation": annotation(held, labels.INCARNATION),
    }


async def read(world: World, identifier: str, properties: Properties) -> Properties | None:
    """The Policy as it is; None only when it is definitely gone."""
    namespace, name = place_of(identifier)
    cluster = await world.connect()
    held = await rule.find(cluster, namespace, name)
    if held is None:
        return None
    there = policy_of(held)
    if there is None:
        raise InferenceError(
            f"could not read Policy {identifier}: a newer release of pulumi-inference made it, or somebody changed its "
            "ConfigMap. Change it in the program and run `pulumi up`: that writes it anew"
        )
    return await _outputs(cluster, {**properties, **_visible(properties, there)}, held, there)


def _visible(properties: Properties, there: PolicyInputs) -> Properties:
    """The rule as the cluster has it, where that is not what the stack says: somebody else has changed it."""
    own = {"name": there.name, "namespace": there.namespace}
    old, new = _shown({**properties, **own}), shown(there)
    beside = ("name", "namespace", "forceDelete", "timeouts")
    return {key: value for key, value in _plain(there).items() if key not in beside and old.get(key) != new.get(key)}


def _plain(policy: PolicyInputs) -> Properties:
    return policy.model_dump(mode="json", by_alias=True)


async def update(world: World, identifier: str, inputs: Properties, _olds: Properties) -> Properties:
    """Write the rule anew, made again where it is gone. No pod is touched."""
    policy = _placed(world, inputs)
    namespace, name = place_of(identifier)
    cluster = await world.connect()
    held = await rule.find(cluster, namespace, name)
    notes = {**_notes(world), labels.UPDATER: await _who(world, cluster)}
    if held is None:
        world.report.info(f"Policy {identifier} was gone and is made again")
        return (await create(world, inputs))[1]
    born = annotation(held, labels.INCARNATION) or secrets.token_hex(8)
    await countable(world, policy)
    was = policy_of(held)
    before = [await rule.under(cluster, was)] if was is not None and was.type == "maxTokens" else []
    written = await rule.rewrite(cluster, held, policy, notes={**notes, labels.INCARNATION: born})
    await take_effect(world, policy, *before)
    await tell(world, policy)
    return await _outputs(cluster, inputs, written, policy)


async def delete(world: World, identifier: str, properties: Properties) -> None:
    """Remove the Policy once no Workload is under it. Raises InUse naming them when the time is over."""
    namespace, name = place_of(identifier)
    incarnation = properties.get("incarnation")
    cluster = await world.connect()
    held = await rule.find(cluster, namespace, name)
    if held is None:  # a run that was cut off between the two has left the other
        await _forgotten(world, cluster, namespace, name)
    if held is None or (not incarnation and await policy_is_theirs(world, identifier)):
        return
    if incarnation and annotation(held, labels.INCARNATION) != incarnation:
        world.report.info(f"Policy {identifier} was created anew since; it is left alone")
        return
    world.declared.pop(identifier, None)
    forced = bool(properties.get("forceDelete"))
    there = policy_of(held) or _placed(world, _own(properties))
    policy = there.model_copy(update={"force_delete": forced})
    seconds = delete_seconds(properties, DELETE_SECONDS)
    await rule.remove(cluster, held, policy, seconds=seconds, report=world.report)
    if there.type == "maxTokens":
        await bring_up_to_date(world, there, await rule.under(cluster, there))
    await _forgotten(world, cluster, namespace, name)


async def _forgotten(world: World, cluster: Cluster, namespace: str, name: str) -> None:
    said = await let_go(cluster, namespace, name)
    if said is not None:
        world.report.warn(said)
