"""What rolls: the template, which is everything that enters the pods, and nothing else.

Not in it: replica counts, autoscaling, names for people, tags, importance, service and replacement settings.
``rolling_table`` says the same property by property; a test holds the two together.
"""

from collections.abc import Mapping

from inference_provider.domain.artifact import ArtifactSpec
from inference_provider.domain.bundle import Chosen, main_container
from inference_provider.domain.canonical import digest12
from inference_provider.domain.content import spec_of
from inference_provider.domain.rolling_table import TABLE, Effect, Entry, entry_for
from inference_provider.domain.runtime import Runtime
from inference_provider.errors import Fault

__all__ = ["TABLE", "Effect", "Entry", "check_runtime", "entry_for", "template_hash", "template_of"]


def template_of(
    content: Mapping[str, object],
    runtime: Runtime,
    *,
    bundles: Chosen | None = None,
    service_account: str | None = None,
) -> dict[str, object]:
    """Everything that enters the pods: the content, what each of its containers is given, the service account.

    ``bundles`` are those that were chosen; the others of the lists, their order, names and prices make no difference.
    """
    resources = {
        group.name: {
            container.name: given
            for container in group.containers
            if (given := runtime.group(group.name).allocation(container.name).said())
        }
        for group in spec_of(content).container_groups
    }
    template: dict[str, object] = {
        "content": dict(content),
        "resources": {name: r for name, r in resources.items() if r},
    }
    if bundles:
        template["bundles"] = {group: bundle.said() for group, bundle in bundles.items()}
    if service_account:
        template["serviceAccount"] = service_account
    return template


def template_hash(
    content: Mapping[str, object],
    runtime: Runtime,
    *,
    bundles: Chosen | None = None,
    service_account: str | None = None,
) -> str:
    """The 12 hex digits of the template: pods with another one have to be replaced."""
    return digest12(template_of(content, runtime, bundles=bundles, service_account=service_account))


def check_runtime(content_or_spec: ArtifactSpec | Mapping[str, object], runtime: Runtime) -> list[Fault]:
    """Every group or container that the runtime names and the artifact does not have."""
    spec = content_or_spec if isinstance(content_or_spec, ArtifactSpec) else spec_of(content_or_spec)
    containers = {group.name: [container.name for container in group.containers] for group in spec.container_groups}
    mains = {group.name: main_container(group) for group in spec.container_groups}
    faults = []
    for index, group in enumerate(runtime.container_groups):
        path = f"runtime.containerGroups[{index}]"
        if group.name not in containers:
            have = ", ".join(f"`{name}`" for name in containers)
            faults.append(Fault(f"{path}.name", f"the artifact has no container group `{group.name}`; it has {have}"))
            continue
        for position, override in enumerate(group.containers):
            if override.name not in containers[group.name]:
                have = ", ".join(f"`{name}`" for name in containers[group.name])
                reason = f"the artifact's group `{group.name}` has no container `{override.name}`; it has {have}"
                faults.append(Fault(f"{path}.containers[{position}].name", reason))
            elif group.resource_bundles and override.name == mains[group.name] and override.resource_allocation:
                reason = f"the group's `resourceBundles` say what `{override.name}` is given; keep one of the two"
                faults.append(Fault(f"{path}.containers[{position}].resourceAllocation", reason))
    return faults
