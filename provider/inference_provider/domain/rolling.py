"""What rolls: the template, which is everything that enters the pods, and nothing else.

Not in it: replica counts, autoscaling, names for people, tags, importance, service and replacement settings.
``rolling_table`` says the same property by property; a test holds the two together.
"""

from collections.abc import Mapping

from inference_provider.domain.artifact import ArtifactSpec
from inference_provider.domain.canonical import digest12
from inference_provider.domain.content import spec_of
from inference_provider.domain.rolling_table import TABLE, Effect, Entry, entry_for
from inference_provider.domain.runtime import ResourceAllocation, Runtime
from inference_provider.errors import Fault

__all__ = ["TABLE", "Effect", "Entry", "check_runtime", "entry_for", "template_hash", "template_of"]


def template_of(
    content: Mapping[str, object], runtime: Runtime, *, service_account: str | None = None
) -> dict[str, object]:
    """Everything that enters the pods: the content, what each of its containers is given, the service account."""
    resources = {
        group.name: {
            container.name: given
            for container in group.containers
            if (given := _resources(runtime.group(group.name).allocation(container.name)))
        }
        for group in spec_of(content).container_groups
    }
    template: dict[str, object] = {
        "content": dict(content),
        "resources": {name: r for name, r in resources.items() if r},
    }
    if service_account:
        template["serviceAccount"] = service_account
    return template


def template_hash(content: Mapping[str, object], runtime: Runtime, *, service_account: str | None = None) -> str:
    """The 12 hex digits of the template: pods with another one have to be replaced."""
    return digest12(template_of(content, runtime, service_account=service_account))


def check_runtime(content_or_spec: ArtifactSpec | Mapping[str, object], runtime: Runtime) -> list[Fault]:
    """Every group or container that the runtime names and the artifact does not have."""
    spec = content_or_spec if isinstance(content_or_spec, ArtifactSpec) else spec_of(content_or_spec)
    containers = {group.name: [container.name for container in group.containers] for group in spec.container_groups}
    faults = []
    for index, group in enumerate(runtime.container_groups):
        path = f"runtime.containerGroups[{index}]"
        if group.name not in containers:
            have = ", ".join(f"`{name}`" for name in containers)
            faults.append(Fault(f"{path}.name", f"the artifact has no container group `{group.name}`; it has {have}"))
            continue
        faults += [Fault(f"{path}.autoscaling", reason) for reason in group.unasked(containers[group.name])]
        for position, override in enumerate(group.containers):
            if override.name not in containers[group.name]:
                have = ", ".join(f"`{name}`" for name in containers[group.name])
                reason = f"the artifact's group `{group.name}` has no container `{override.name}`; it has {have}"
                faults.append(Fault(f"{path}.containers[{position}].name", reason))
    return faults


def _resources(allocation: ResourceAllocation) -> dict[str, object]:
    """The allocation in canonical amounts; no GPUs and no mention of GPUs are the same."""
    given: dict[str, object] = allocation.model_dump(by_alias=True, exclude_none=True)
    return {key: value for key, value in given.items() if value != 0}
