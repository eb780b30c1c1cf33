"""What a group's runtime asks of a node, in Kubernetes' words."""

from inference_provider.domain.allocation import ResourceAllocation
from inference_provider.domain.bundle import ResourceBundle, Toleration
from inference_provider.domain.quantity import memory_bytes
from inference_provider.domain.runtime import GroupRuntime
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import GPU, Hardware


def hardware_of(group: GroupRuntime, bundle: ResourceBundle | None = None, *, main: str = "") -> Hardware:
    """The hardware of one group: resources by container, and which nodes will do for all of them.

    ``bundle`` is the one that was chosen, if the group has any, and ``main`` the container that it is for.
    """
    given = {each.name: each.resource_allocation for each in group.containers if each.resource_allocation}
    given |= {main: bundle} if bundle is not None else {}
    memories = [least_mib(each.gpu_memory) for each in given.values() if each.gpu_memory]
    return Hardware(
        resources={name: _resources(allocation) for name, allocation in given.items()},
        gpu_models=tuple(sorted({each.gpu_model for each in given.values() if each.gpu_model})),
        gpu_memory_mib=max(memories, default=None),
        node_labels=dict(bundle.node_selector) if bundle else {},
        tolerations=tuple(map(_toleration, bundle.tolerations)) if bundle else (),
        env={main: dict(bundle.env)} if bundle and bundle.env else {},
    )


def least_mib(amount: str) -> int:
    """The least value of the node label (MiB). A GPU sold as 80 GB shows 81559 MiB, so 2 % less than said will do."""
    return memory_bytes(amount) * 98 // 100 // 1024**2


def _resources(allocation: ResourceAllocation) -> Body:
    """Requests and limits are the same: a GPU server that is throttled or evicted costs more than it saves."""
    named = {"cpu": allocation.cpu, "memory": allocation.memory, GPU: str(allocation.gpu) if allocation.gpu else None}
    amounts = {key: value for key, value in named.items() if value}
    return {"requests": amounts, "limits": dict(amounts)} if amounts else {}


def _toleration(given: Toleration) -> Body:
    told: Body = given.model_dump(by_alias=True, exclude_none=True)
    return told
