"""Does every container say as much as the namespace's quotas want said? Where one does not, no pod is ever let in.

A quota of CPU or memory wants every container to say how much, or a LimitRange to say it for it. Source:
`pkg/quota/v1/evaluator/core/pods.go` of Kubernetes.
"""

from collections.abc import Mapping, Sequence

from inference_provider.manifests.kinds import Body
from inference_provider.placement.quota import asks_of_pods, covers

#: What quotas want said, and where a container says it.
_WANTED = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}


def unsaid(containers: Mapping[str, Body], quotas: Sequence[Body], limits: Sequence[Body]) -> list[str]:
    """A half-sentence for each quota and amount that containers do not say, resources by container name.

    ``limits`` are the namespace's LimitRanges.
    """
    given = {name: _defaulted(each, limits) for name, each in containers.items()}
    pod = asks_of_pods({"containers": [{"resources": each} for each in given.values()]}, 1)
    found = []
    for quota in quotas:
        hard = (quota.get("spec") or {}).get("hard") or {}
        for resource, (key, name) in _WANTED.items() if covers(quota, pod) else ():
            silent = [each for each, said in given.items() if name not in (said.get(key) or {})]
            if resource in hard and silent:
                whose = f"container{'' if len(silent) == 1 else 's'} {', '.join(sorted(silent))}"
                found.append(f"quota {quota['metadata']['name']} wants {resource} said, which {whose} does not say")
    return found


def _defaulted(resources: Body, limits: Sequence[Body]) -> Body:
    """What the API server makes of it: LimitRanges fill in what is missing, and a limit is a request, too."""
    said = {key: dict(resources.get(key) or {}) for key in ("limits", "requests")}
    items = [item for each in limits for item in (each.get("spec") or {}).get("limits") or [] if _for_containers(item)]
    requests = [said["limits"], *((item.get("default") or {}) | (item.get("defaultRequest") or {}) for item in items)]
    for more in requests:
        said["requests"] = {**more, **said["requests"]}
    for item in items:
        said["limits"] = {**(item.get("default") or {}), **said["limits"]}
    return said


def _for_containers(item: Body) -> bool:
    return bool(item.get("type") == "Container")
