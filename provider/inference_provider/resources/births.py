"""What stands in the way of a Workload that is not there yet? Said in the preview of its creation."""

from collections.abc import Sequence

from inference_provider.converge.capacity import look_at_quotas
from inference_provider.converge.ports import Cluster
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import InferenceError, InputError
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.priority import priority_class_name
from inference_provider.placement.allowance import Rules
from inference_provider.placement.quota import Count, object_shortages, shortages
from inference_provider.resources.bundle_words import every_choice, hardware_on
from inference_provider.resources.sharing_rights import unshared_at_birth
from inference_provider.resources.workload import parse
from inference_provider.resources.world import Properties, World, touches
from inference_provider.rollout.surge import quotas_met

#: Stands for the version that a preview does not know yet.
_SOME = "0" * 12


async def announce(world: World, news: Properties, unknown: tuple[str, ...]) -> str | None:
    """Warn of quotas that leave too little for its first pods, and of rights to share it that are missing.

    ``unknown`` are paths that a preview does not know yet. There is never a line about what goes well.
    """
    model = _model(world, news, unknown)
    if model is None or not model.running:
        return None
    namespace = model.namespace or world.namespace
    named = f"Workload {namespace}/{model.name}"
    try:
        cluster = await world.connect()
        roles = () if touches(unknown, ("sharedRoles",)) else [each.role for each in model.shared_roles]
        groups = [each.name for each in model.runtime.container_groups]
        refused = await unshared_at_birth(cluster, namespace, model.name, roles, port=model.service.port, groups=groups)
        short = await _short(cluster, namespace, model)
    except InferenceError:
        return None
    if refused is not None:
        world.report.warn(f"{named} will be refused, as it could not be shared: {refused}")
    if short:
        refuses = model.replacement.surge == "require"
        fate = "be refused, as `replacement.surge` is `require`" if refuses else "wait for room"
        world.report.warn(f"{named} will {fate}: it {'; '.join(each.sentence for each in short)}")
    return None


def _model(world: World, news: Properties, unknown: tuple[str, ...]) -> WorkloadInputs | None:
    """The inputs, though the version may not be known yet; None when the hardware or the place is not."""
    if touches(unknown, ("runtime", "name", "namespace")):
        return None
    namespace = str(news.get("namespace") or world.namespace)
    some = {} if news.get("artifact") or news.get("artifactId") else {"artifactId": f"{namespace}/some@{_SOME}"}
    try:
        return parse({**news, **some, "namespace": namespace})
    except InputError:
        return None


async def _short(cluster: Cluster, namespace: str, model: WorkloadInputs) -> list[Count]:
    """What the quotas leave too little of: nothing where one of its bundles will do."""
    found = await look_at_quotas(cluster, namespace, lately=True)
    return _of_quotas(model, found) if found else []


def _of_quotas(model: WorkloadInputs, found: Sequence[Body]) -> list[Count]:
    quotas = quotas_met(found, model.replacement, priority_class_name(model.importance))
    counts = {each.name: model.runtime.replicas(each.name) for each in model.runtime.container_groups}
    every = [
        shortages(quotas.asks(hardware_on(model, chosen, Rules()), counts), found) for chosen in every_choice(model)
    ]
    objects = object_shortages(max(1, len(counts)), found, warmed=model.replacement.warmup is not None)
    return [*objects, *(every[0] if all(every) else [])]
