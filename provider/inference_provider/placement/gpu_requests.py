"""How many GPUs one pod takes, counted as the scheduler does."""

from inference_provider.manifests.kinds import Body

#: The extended resource of whole GPUs; others (MIG slices, other makers) are named by the caller.
GPU = "nvidia.com/gpu"


def gpus_of(pod: Body, *, resource: str = GPU) -> int:
    """The pod's effective request.

    Containers and staying init containers (``restartPolicy: Always``) run together, so they add up. Other init
    containers run alone beside the staying ones before them, so of these only the greediest moment counts.
    """
    spec = pod.get("spec") or {}
    staying = peak = 0
    for container in spec.get("initContainers") or []:
        wanted = _request(container, resource)
        peak = max(peak, staying + wanted)
        if container.get("restartPolicy") == "Always":
            staying += wanted
    return max(peak, staying + sum(_request(one, resource) for one in spec.get("containers") or []))


def holds_gpus(pod: Body) -> bool:
    """Whether the pod's GPUs are taken: until it is gone or its containers have ended for good."""
    return (pod.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}


def _request(container: Body, resource: str) -> int:
    resources = container.get("resources") or {}
    # The API server copies a limit of an extended resource to the request; a template may still lack it.
    wanted = (resources.get("requests") or {}).get(resource) or (resources.get("limits") or {}).get(resource) or 0
    return int(wanted)
