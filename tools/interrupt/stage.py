"""Where does a replacement stand, and who serves? Kept up to date by watch streams on one Workload's namespace.

Everything is read from objects, nothing from the product's own judgement: `serving` are the ready endpoints in the
EndpointSlices of the Workload's Service, and the moments of a replacement are told by the objects that it leaves.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from inference_provider.manifests import labels
from tools.cluster.client import ApiClient
from tools.interrupt.streams import Object, watched

_KINDS = {
    "Service": "/api/v1/namespaces/{}/services",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Pod": "/api/v1/namespaces/{}/pods",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Lease": "/apis/coordination.k8s.io/v1/namespaces/{}/leases",
}


@dataclass
class Stage:
    """One Workload as its objects show it now, and what was seen of its traffic since ``mark``."""

    workload: str
    fewest: int | None = None
    """Fewest ready endpoints that its Service had since the mark."""
    moves: list[float] = field(default_factory=list)
    """When (monotonic seconds) the Service's selector changed since the mark."""
    _objects: dict[str, dict[str, Object]] = field(default_factory=lambda: {kind: {} for kind in _KINDS})
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def of(self, kind: str) -> dict[str, Object]:
        """The objects of a kind by name."""
        with self._changed:
            return dict(self._objects[kind])

    def hear(self, kind: str, event: str, body: Object) -> None:
        """Take in one event."""
        name = body["metadata"]["name"]
        with self._changed:
            before = self._objects[kind].get(name)
            if event == "DELETED":
                self._objects[kind].pop(name, None)
            else:
                self._objects[kind][name] = body
            if kind == "EndpointSlice":
                self.fewest = self.serving() if self.fewest is None else min(self.fewest, self.serving())
            elif (kind, name) == ("Service", self.workload) and before and _selector(before) != _selector(body):
                self.moves.append(time.monotonic())
            self._changed.notify_all()

    def serving(self) -> int:
        """Ready endpoints of the Workload's Service."""
        return sum(
            each["conditions"].get("ready") is not False
            for part in self.of("EndpointSlice").values()
            if part["metadata"]["labels"].get("kubernetes.io/service-name") == self.workload
            for each in part.get("endpoints") or []
        )

    def mark(self) -> int:
        """Forget what was seen of traffic, and return how many endpoints serve now."""
        with self._changed:
            self.fewest, self.moves = self.serving(), []
            return self.fewest

    def until(self, holds: Callable[["Stage"], bool], *, within: float) -> bool:
        """Wait until something is seen; False when it was not within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self), timeout=within)

    @property
    def anchor(self) -> Object | None:
        """The Workload's Service."""
        return self.of("Service").get(self.workload)

    @property
    def active(self) -> str | None:
        """The revision that the anchor names as serving, such as r3."""
        return note(self.anchor, labels.ACTIVE) if self.anchor else None

    def proton(self, revision: str) -> Object | None:
        """A revision's own Service."""
        return self.of("Service").get(f"{self.workload}-{revision}")

    def pods(self, revision: str) -> list[Object]:
        """A revision's pods."""
        return [pod for pod in self.of("Pod").values() if pod["metadata"]["labels"].get(labels.REVISION) == revision]


def _selector(service: Object) -> object:
    return service["spec"].get("selector")


def note(body: Object, key: str) -> str | None:
    """One annotation."""
    found: str | None = (body["metadata"].get("annotations") or {}).get(key)
    return found


@contextmanager
def watching(client: ApiClient, namespace: str, workload: str) -> Iterator[Stage]:
    """Keep a stage up to date during the block. The namespace holds this one Workload."""
    stage = Stage(workload)
    with watched(client, {kind: path.format(namespace) for kind, path in _KINDS.items()}, stage.hear):
        stage.mark()
        yield stage
