"""Who has to be there so that an engine can answer? The other groups of its version, as a router needs its workers.

Their pods listen on no port of their own, and no engine stands for them. They help from when they are ready until they
are told to end and their preStop hook is over: then they take nothing new, as an engine does. A version without one
such pod of each group cannot answer. So traffic that moved before all groups were ready, or a group that ended before
the one that is called, is noticed.
"""

import math
import time
from collections.abc import Callable, Mapping
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


def pre_stop_seconds(pod: Body) -> float:
    """How long its servers go on before they are told to end: the longest sleep of its preStop hooks."""
    hooks = [each.get("lifecycle", {}).get("preStop", {}) for each in pod["spec"]["containers"]]
    return max((float(hook.get("sleep", {}).get("seconds", 0)) for hook in hooks), default=0.0)


@dataclass(eq=False)
class Backing:
    """The pods of a Workload that nobody calls from outside, by uid."""

    clock: Callable[[], float] = time.monotonic
    _pods: dict[str, Body] = field(default_factory=dict)
    _groups: set[str] = field(default_factory=set)
    """Every group there ever was."""
    _until: dict[str, float] = field(default_factory=dict)
    """When those that were told to end take nothing new any more."""

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
            if pod["metadata"].get("deletionTimestamp"):
                self._until.setdefault(uid, self.clock() + pre_stop_seconds(pod))

    def whole(self, version: str) -> bool:
        """Whether each of the other groups has a pod of this version that helps."""
        mine = [pod for uid, pod in self._pods.items() if revision(pod) == version and self._helps(uid, pod)]
        return {pod["metadata"]["labels"][labels.GROUP] for pod in mine} >= self._groups

    def _helps(self, uid: str, pod: Body) -> bool:
        return is_ready(pod) and self.clock() < self._until.get(uid, math.inf)
