"""Who has to be there so that an engine can answer? The other groups of its version, as a router needs its workers.

Their pods listen on no port of their own, and no engine stands for them. A version without one ready pod of each such
group cannot answer: so traffic that moved before all groups were ready, or a group that ended too early, is noticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.manifests import labels
from tools.traffic.watching import Body


def listens(pod: Body) -> bool:
    """Whether one of its containers says on which port it answers."""
    return any(container.get("ports") for container in pod["spec"]["containers"])


def revision(pod: Body) -> str:
    """Whose pod it is."""
    return str(pod["metadata"]["labels"].get(labels.REVISION, "?"))


def is_ready(pod: Body) -> bool:
    """What its condition says; a pod that ends is ready as long as its servers go on."""
    conditions = pod.get("status", {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


@dataclass(eq=False)
class Backing:
    """The pods of a Workload that nobody calls from outside, by uid."""

    _pods: dict[str, Body] = field(default_factory=dict)
    _groups: set[str] = field(default_factory=set)
    """Every group there ever was."""

    def told(self, pods: Mapping[str, Body]) -> None:
        """These are all pods now."""
        self._pods.clear()
        for uid, pod in pods.items():
            self.see(uid, pod)

    def see(self, uid: str, pod: Body) -> None:
        """One of them, as it is now. Pods of Jobs belong to no group, and back nobody."""
        group = pod["metadata"]["labels"].get(labels.GROUP)
        if group is not None and not listens(pod):
            self._pods[uid] = pod
            self._groups.add(group)

    def whole(self, version: str) -> bool:
        """Whether each of the other groups has a ready pod of this version."""
        mine = [pod for pod in self._pods.values() if revision(pod) == version and is_ready(pod)]
        return {pod["metadata"]["labels"][labels.GROUP] for pod in mine} >= self._groups

    def versions(self) -> set[str]:
        """The versions of those that are there now."""
        return {revision(pod) for pod in self._pods.values()}
