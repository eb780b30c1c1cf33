"""What does the cluster show of the Workload at one moment? Read from its objects; nothing is taken from the product.

``Gets traffic`` means: the pod stands in an EndpointSlice of the Workload's Service, ready.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference_provider.manifests import labels
from inference_provider.manifests.anchor import endpoint
from tools.cluster.client import Answer, ApiClient

COLUMNS = ("time", "r1 ready", "r1 traffic", "r2 ready", "r2 traffic", "endpoint")
_WIDTHS = (7, 8, 10, 8, 10, 0)
_SHOWN = ("r1", "r2")


@dataclass(frozen=True)
class Version:
    """The pods of one version."""

    pods: int = 0
    ready: int = 0
    traffic: int = 0

    def cells(self) -> tuple[str, str]:
        """Its two cells of a row."""
        if not self.pods:
            return "-", "-"
        return f"{self.ready} of {self.pods}", f"{self.traffic} pods" if self.traffic else "no"


@dataclass(frozen=True)
class Moment:
    """One look at the cluster."""

    endpoint: str = "-"
    versions: Mapping[str, Version] = field(default_factory=dict)

    @property
    def serving(self) -> int:
        """Pods behind the endpoint, of whichever version."""
        return sum(version.traffic for version in self.versions.values())

    def row(self, seconds: float) -> str:
        """Its row of the table."""
        cells = [cell for name in _SHOWN for cell in self.versions.get(name, Version()).cells()]
        return _aligned((f"{seconds:5.1f} s", *cells, self.endpoint))


def heading() -> str:
    """The table's first row."""
    return _aligned(COLUMNS)


def _aligned(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


@dataclass(frozen=True)
class Viewer:
    """Looks at one Workload through plain GET requests."""

    client: ApiClient
    namespace: str
    workload: str

    def look(self) -> Moment:
        """One look. Raises ApiError and OSError."""
        slices = self.objects("/apis/discovery.k8s.io/v1", "endpointslices")
        services = {each["metadata"]["name"]: each for each in self.objects("/api/v1", "services")}
        pods = self.objects("/api/v1", "pods")
        return moment_of(self.workload, services.get(self.workload), slices, pods)

    def objects(self, group: str, plural: str) -> list[Answer]:
        """All objects of a kind that belong to the Workload."""
        path = f"{group}/namespaces/{self.namespace}/{plural}?labelSelector={labels.WORKLOAD}%3D{self.workload}"
        found: list[Answer] = self.client.request("GET", path)["items"]
        return found


def moment_of(workload: str, service: Answer | None, slices: Sequence[Answer], pods: Sequence[Answer]) -> Moment:
    """The moment that these objects show; ``slices`` must be the older look, or a pod in them might be unknown."""
    if service is None:
        return Moment()
    meta = service["metadata"]
    reached = _reached(workload, slices)
    names = sorted({pod["metadata"]["labels"][labels.REVISION] for pod in pods})
    versions = {name: _version(name, pods, reached) for name in names}
    return Moment(endpoint(meta["namespace"], workload, service["spec"]["ports"][0]["port"]), versions)


def _version(name: str, pods: Sequence[Answer], reached: frozenset[str]) -> Version:
    mine = [pod for pod in pods if pod["metadata"]["labels"][labels.REVISION] == name]
    return Version(
        pods=len(mine),
        ready=sum(_is_ready(pod) for pod in mine),
        traffic=sum(pod["metadata"]["uid"] in reached for pod in mine),
    )


def _reached(workload: str, slices: Sequence[Answer]) -> frozenset[str]:
    mine = [each for each in slices if each["metadata"]["labels"].get("kubernetes.io/service-name") == workload]
    return frozenset(
        each["targetRef"]["uid"]
        for part in mine
        for each in part.get("endpoints") or []
        if each["conditions"].get("ready") is not False
    )


def _is_ready(pod: Answer) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
