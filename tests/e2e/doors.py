"""Both doors at once: one story, told through each of them side by side, and compared word by word.

Each door has a stack and a namespace of its own. After every command of the CLI, both have to show the same exit code,
the same counts of resources and the same state; at the end the same objects in the cluster. What Pulumi lets only one
of them do is left out here, by name: `_ONLY_DYNAMIC`, and the commands that a story says are `apart`.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference_provider.manifests import labels
from tests.e2e.stack import Run, Stack
from tests.support.namespaces import fresh_namespace
from tools.cluster import Cluster
from tools.cluster.client import ApiClient
from tools.interrupt.stage import Stage, watching

#: What a dynamic provider is given as inputs because Pulumi tells it no other way; the guide says why.
_ONLY_DYNAMIC = frozenset({"__provider", "resourceUrn"})
#: How many operations there were: one more where only the plugin has something to carry on.
_COUNTED = labels.EPOCH
#: Differs in each life, and has to be the same as often and as long through both doors.
_STAMPS = frozenset({"incarnation", "token"})
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_POD = re.compile(r"(-r\d+-[a-z0-9]{6,10})-[a-z0-9]{5}\b")
_FAMILY = re.compile(r"(pulumi-python:dynamic/inference|inference:index):")
#: What both namespaces hold in the end is there within this, on any machine (seconds).
PATIENCE = 30.0
_NAMED = {
    "Job": "apis/batch/v1/{}/jobs",
    "Lease": "apis/coordination.k8s.io/v1/{}/leases",
    "ConfigMap": "api/v1/{}/configmaps",
    "Pod": "api/v1/{}/pods",
}


@dataclass(frozen=True)
class Moment:
    """What one command came to."""

    command: str
    code: int
    counts: tuple[str, ...]
    state: Mapping[str, object]


@dataclass
class Door(Stack):
    """A stack of one door that remembers what each of its commands came to."""

    client: ApiClient | None = None
    heard: list[object] = field(default_factory=list)
    apart: frozenset[str] = frozenset()
    _stamps: list[object] = field(default_factory=list)

    @property
    def cluster(self) -> ApiClient:
        """The cluster that its namespace is in."""
        assert self.client is not None
        return self.client

    def run(self, *arguments: str) -> Run:
        """Any command of the CLI."""
        done = super().run(*arguments)
        counts = () if "counts" in self.apart else tuple(_counts(done))
        state = {} if "state" in self.apart else self._state()
        self.heard.append(Moment(self._plain(" ".join(arguments)), done.code, counts, state))
        return done

    def remember(self, said: object) -> None:
        """Something else that has to be the same through both doors."""
        self.heard.append(self._compared(said))

    @contextmanager
    def on_its_own(self, *what: str) -> Iterator[None]:
        """During the block the other door may show other ``counts`` or another ``state``: Pulumi makes it so."""
        before, self.apart = self.apart, frozenset(what)
        yield
        self.apart = before

    def watched(self) -> AbstractContextManager[Stage]:
        """What happens to its Workload during the block."""
        return watching(self.cluster, self.namespace, "chat")

    def items(self, path: str) -> list[dict[str, Any]]:
        """Everything under an API path, in which {} stands for its namespace."""
        place = path.format(f"namespaces/{self.namespace}")
        found: list[dict[str, Any]] = self.cluster.request("GET", f"/{place}")["items"]
        return found

    def pods(self, revision: str) -> set[str]:
        """The uids of a revision's pods."""
        living = [each["metadata"] for each in self.items("api/v1/{}/pods")]
        return {meta["uid"] for meta in living if meta["labels"].get(labels.REVISION) == revision}

    def objects(self) -> object:
        """What is in its namespace, so far as it is ours: names, and all that is asked of Deployments and Services."""
        named = {kind: sorted(each["metadata"]["name"] for each in self.items(path)) for kind, path in _NAMED.items()}
        deployments = [
            {"labels": each["metadata"].get("labels"), "spec": each["spec"]}
            for each in self.items("apis/apps/v1/{}/deployments")
        ]
        services = [_service(each) for each in self.items("api/v1/{}/services")]
        return self._compared({**named, "Deployment": deployments, "Service": services})

    def _state(self) -> Mapping[str, object]:
        resources = [each for each in self.resources() if not each["type"].startswith("pulumi:providers:")]
        return {
            self._plain(each["urn"]): {
                "id": self._compared(each.get("id")),
                "inputs": self._compared(each.get("inputs", {})),
                "outputs": self._compared(each.get("outputs", {})),
                "unfinished": len(each.get("initErrors") or []),
            }
            for each in resources
        }

    def _compared(self, value: object, name: str = "") -> object:
        """A value without what differs in each life; nothing is told from null, as in the protocol itself."""
        if isinstance(value, Mapping):
            left_out = {*_ONLY_DYNAMIC, _COUNTED}
            kept = {key: each for key, each in value.items() if each is not None and key not in left_out}
            return {self._plain(key): self._compared(each, key) for key, each in kept.items()}
        if isinstance(value, list):
            return [self._compared(each) for each in value]
        if name.rpartition("/")[2] in _STAMPS:
            if value not in self._stamps:
                self._stamps.append(value)
            return f"(number {self._stamps.index(value)})"
        return self._plain(value) if isinstance(value, str) else value

    def _plain(self, text: str) -> str:
        there = _POD.sub(r"\1-(pod)", _TIME.sub("(a time)", text))
        return _FAMILY.sub("", there).replace(self.namespace, "(namespace)")


def _counts(run: Run) -> Iterator[str]:
    """The lines below `Resources:`."""
    _, _, after = run.text.partition("\nResources:\n")
    for line in after.splitlines():
        if not line.startswith("    "):
            return
        yield line.strip()


def _service(body: Mapping[str, Any]) -> dict[str, object]:
    meta, spec = body["metadata"], body["spec"]
    kept = {"name": meta["name"], "labels": meta.get("labels"), "annotations": meta.get("annotations")}
    return {**kept, "selector": spec.get("selector"), "ports": spec["ports"], "type": spec["type"]}


Story = Callable[[Door], None]


@dataclass(frozen=True)
class Doors:
    """A fresh stack of each door."""

    both: tuple[Door, Door]

    def tell(self, story: Story) -> None:
        """Let the story happen through both doors at the same time, then compare what was heard step by step.

        The ``objects`` in the end are not compared when the story says that they are ``apart``.
        """
        with ThreadPoolExecutor(len(self.both)) as side_by_side:
            told = [side_by_side.submit(story, door) for door in self.both]
        faults = [(door, error) for door, each in zip(self.both, told, strict=True) if (error := each.exception())]
        for door, error in faults:
            error.add_note(f"Through the {door.door} door; what the CLI said is in {door.transcript}")
            raise error
        dynamic, plugin = self.both
        assert plugin.heard == dynamic.heard
        if "objects" not in dynamic.apart | plugin.apart:
            self._end_alike()

    def _end_alike(self) -> None:
        dynamic, plugin = self.both
        deadline = time.monotonic() + PATIENCE
        while (here := plugin.objects()) != (there := dynamic.objects()) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert here == there


@contextmanager
def opened(folder: Path, parts: Path, cluster: Cluster) -> Iterator[Doors]:
    """Both doors, each with a stack and a namespace of its own, for the time of the block."""
    client = cluster.client()
    with fresh_namespace(client) as first, fresh_namespace(client) as second:
        dynamic, plugin = (
            Door(folder / door, parts, cluster.kubeconfig, namespace, door=door, client=client)
            for door, namespace in (("dynamic", first), ("plugin", second))
        )
        with ThreadPoolExecutor(2) as side_by_side:
            for each in [side_by_side.submit(door.start) for door in (dynamic, plugin)]:
                each.result()
        yield Doors((dynamic, plugin))
