"""What do policies say of the version that a program wants? One that they do not allow is refused by check."""

from collections.abc import Iterable
from dataclasses import replace

from inference_provider.converge import artifact as contents
from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import artifact_content_name
from inference_provider.domain.reference import VersionId
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, InferenceError
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, allowance, rulings
from inference_provider.placement.standing import nowhere
from inference_provider.resources.gateway import is_unknown
from inference_provider.resources.plan_unseen import unjudged
from inference_provider.resources.policies_in_force import Whom, asking, foreseen, known_nodes, narrowed
from inference_provider.resources.workload_blueprint import readable
from inference_provider.resources.world import World, touches

#: Inputs of a Workload that decide which policies there are.
CHOOSING = ("name", "namespace", "tags", "policies")
#: Inputs that decide which policies there are, or what they are asked.
DECIDING = (*CHOOSING, "artifactId", "artifact", "runtime")


async def faults(world: World, model: WorkloadInputs, *, unknown: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    """Why policies refuse the version that is wanted; nothing while it is not known, or where nobody can look.

    The version is judged once more, by then with everything known, before it is made. What would only be warned of is.
    """
    if touches(unknown, DECIDING) or is_unknown(unknown):
        return ()
    try:
        said, rules = await _judged(world, model)
    except InferenceError as error:
        for told in unjudged(error):
            world.report.warn(told)
        return ()
    for each in rules.policies:
        denied = said.get(f"{each.namespace}/{each.name}")
        if each.sandbox and denied is not None:
            world.report.warn(f"{denied}; {each.name} is a sandbox, so that is only said")
    binding = {f"{each.namespace}/{each.name}" for each in rules.binding} | {""}
    return tuple(Fault(_path(model, place, world), why) for place, why in said.items() if place in binding)


def _path(model: WorkloadInputs, place: str, world: World) -> str:
    """The reference that names the policy; the whole list where the policy chose the Workload by itself."""
    named = [each.place(model.namespace or world.namespace) for each in model.policies]
    return f"policies[{named.index(place)}]" if place in named else "policies"


async def _judged(world: World, model: WorkloadInputs) -> tuple[dict[str, str], Rules]:
    """By policy, why it does not allow the version; and the rules themselves."""
    namespace = model.namespace or world.namespace
    cluster = await world.connect()
    possible = await foreseen(world, asking(model, namespace, None))
    if not (possible.policies or possible.broken):  # as for most Workloads: nothing else is read
        return {}, possible
    kind, groups = await _content(cluster, model, namespace)
    whom = asking(model, namespace, kind)
    rules = _sure(await narrowed(cluster, possible, whom), whom)
    hardware = hardware_of_model(model, groups, rules)
    said = {each.policy: each.denied for each in rulings(rules, hardware) if each.denied is not None}
    said |= {"": rules.broken[0]} if rules.broken else {}
    placed = any(each.type == "location" for each in rules.binding)
    if not said and placed and (why := nowhere(rules, await known_nodes(cluster) or ())) is not None:
        said = {next(f"{each.namespace}/{each.name}" for each in rules.binding if each.type == "location"): why}
    return said, rules


def _sure(rules: Rules, whom: Whom) -> Rules:
    """Without policies that choose by what is served, while nobody knows what that is."""
    if whom.artifact_type is not None:
        return rules
    sure = [each for each in rules.policies if not each.resource_types or f"{each.namespace}/{each.name}" in whom.named]
    return replace(rules, policies=tuple(sure))


async def _content(cluster: Cluster, model: WorkloadInputs, namespace: str) -> tuple[str | None, list[str]]:
    """What a version serves (None: not known yet), and its container groups, as far as anybody can tell."""
    if model.artifact is not None:
        return model.artifact.type, model.artifact.spec.group_names
    version = VersionId.parse(str(model.artifact_id))
    held = await cluster.known(CONFIG_MAP, namespace, artifact_content_name(version.name, version.content))
    given = [each.name for each in model.runtime.container_groups]
    if held is not None:
        content = readable(held, version)
        return str(content.get("type")), [str(each["name"]) for each in content["containerGroups"]]
    head = await contents.known_head(cluster, version.namespace, version.name)
    return (str(head["data"]["type"]) if head is not None else None), given


def hardware_of_model(model: WorkloadInputs, groups: Iterable[str], rules: Rules) -> dict[str, Hardware]:
    """What the pods of each group are given: of several bundles the first that the rules allow, else the first."""
    found: dict[str, Hardware] = {}
    for name in groups:
        group = model.runtime.group(name)
        among = [hardware_of(group, each) for each in group.resource_bundles] or [hardware_of(group)]
        allowed = (each for each in among if len(among) == 1 or allowance(rules, each).denied is None)
        found[name] = next(allowed, among[0])
    return found
