"""What is there after a replacement? Every version with its role and its pods, and the records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from tools.cluster.client import Answer
from tools.demo.moment import Viewer

_GPU = "nvidia.com/gpu"


@dataclass(frozen=True)
class Leftovers:
    """The objects of one Workload."""

    anchor: Answer
    protons: tuple[Answer, ...]
    pods: tuple[Answer, ...]
    records: tuple[Answer, ...]

    @property
    def active(self) -> str | None:
        """The version that serves, as the Workload's Service names it."""
        return annotation(self.anchor, labels.ACTIVE)

    @property
    def address(self) -> str:
        """The Workload's Service as an object: its identity and its address in the cluster."""
        return f"{self.anchor['metadata']['uid']} {self.anchor['spec']['clusterIP']}"

    def pod_uids(self, version: str) -> frozenset[str]:
        """The pods of a version."""
        return frozenset(pod["metadata"]["uid"] for pod in self._pods(version))

    def pod_names(self, version: str) -> list[str]:
        """The names of the pods of a version."""
        return sorted(pod["metadata"]["name"] for pod in self._pods(version))

    def rows(self) -> Iterator[str]:
        """One line per version, one for the records."""
        for proton in self.protons:
            name = label(proton, labels.REVISION) or "?"
            role = "serves" if name == self.active else "is kept"
            pods = self._pods(name)
            yield f"{name} {role:<8} {len(pods)} pods, {_gpus(pods)} GPUs{_end(proton)}"
        yield f"records: {', '.join(_record(each) for each in self.records)}"

    def _pods(self, version: str) -> list[Answer]:
        return [pod for pod in self.pods if label(pod, labels.REVISION) == version]


def leftovers(viewer: Viewer) -> Leftovers:
    """Everything there is now. Raises ApiError and OSError."""
    services = viewer.objects("/api/v1", "services")
    maps = viewer.objects("/api/v1", "configmaps")
    return Leftovers(
        anchor=next(each for each in services if label(each, labels.PART) == "endpoint"),
        protons=tuple(each for each in services if label(each, labels.PART) == "proton"),
        pods=tuple(viewer.objects("/api/v1", "pods")),
        records=tuple(each for each in maps if label(each, labels.PART) == "record"),
    )


def _end(proton: Answer) -> str:
    until = annotation(proton, labels.KEEP_UNTIL)
    if until is None:
        return ""
    moment = datetime.fromisoformat(until.replace("Z", "+00:00"))
    minutes = (moment - datetime.now(UTC)).total_seconds() / 60
    return f", until {moment:%H:%M:%S} UTC (in {minutes:.0f} min)"


def _gpus(pods: Sequence[Answer]) -> int:
    containers = [container for pod in pods for container in pod["spec"]["containers"]]
    return sum(int(each.get("resources", {}).get("limits", {}).get(_GPU, 0)) for each in containers)


def _record(record: Answer) -> str:
    outcome = annotation(record, labels.OUTCOME) or annotation(record, labels.PHASE)
    return f"{label(record, labels.REVISION)} {record['data']['kind']} ({outcome})"
