"""Looks at the fake cluster after every single change, and writes down what must never be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from inference_provider.health.endpoints import ready_uids
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import DEPLOYMENT, ENDPOINT_SLICE, POD, SERVICE, Body
from inference_provider.manifests.ownership import is_condemned
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.switch import ready_pod_uids
from tests.support.fake_cluster import FakeCluster


@dataclass
class Witness:
    """``floors``: how many pods each Workload must serve with at least, by name."""

    cluster: FakeCluster
    floors: dict[str, int] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    _actives: dict[tuple[str, str], str] = field(default_factory=dict)
    _last: dict[str, str] = field(default_factory=dict)

    def look(self) -> None:
        """Called after every change."""
        for anchor in anchors(self.cluster):
            name = anchor["metadata"]["name"]
            serving = self.serving(name)
            if serving < self.floors.get(name, 0):
                said = f"{name} served with {serving} pods, not {self.floors[name]}, after {self.cluster.calls[-3:]}"
                self._note(said)
                self.floors[name] = serving
            active = annotation(anchor, labels.ACTIVE)
            if active is not None:
                self._took_over(anchor, active)
                self._actives[anchor["metadata"]["uid"], active] = name
        for service in self.cluster.all_of(SERVICE):
            if label(service, labels.PART) == "proton":
                self._number(service)
        gone = set(self.floors) - {each["metadata"]["name"] for each in anchors(self.cluster)}
        for name in gone:
            if self.floors.pop(name) > 0:
                self._note(f"the Service of {name} was deleted, after {self.cluster.calls[-3:]}")

    def serving(self, name: str) -> int:
        """How many ready pods really get a Workload's traffic now."""
        return sum(self._ready(name).values())

    def _ready(self, name: str) -> Counter[str]:
        """The same by version."""
        slices = [
            each for each in self.cluster.all_of(ENDPOINT_SLICE) if label(each, "kubernetes.io/service-name") == name
        ]
        listed = ready_uids(slices)
        pods = [each for each in self.cluster.all_of(POD) if each["metadata"]["uid"] in listed]
        return Counter(label(each, labels.REVISION) or "" for each in pods if ready_pod_uids([each]))

    def expect(self, wanted: int) -> None:
        """From now on nobody may serve with fewer pods than now, or than are wanted if that is less.

        Where a switch was interrupted and two versions serve, either may end.
        """
        living = [each for each in anchors(self.cluster) if not is_condemned(each)]
        names = [each["metadata"]["name"] for each in living if self._serves(each)]
        self.floors = {name: min([wanted, *self._ready(name).values()]) for name in names if self._ready(name)}

    def _took_over(self, anchor: Body, active: str) -> None:
        """Traffic goes to a version only when every group of it is whole; not when somebody else had his hands in."""
        meta = anchor["metadata"]
        before = self._last.get(meta["uid"])
        self._last[meta["uid"]] = active
        if before in (None, active) or not self.floors.get(meta["name"]):
            return
        for made in self.cluster.all_of(DEPLOYMENT):
            if (label(made, labels.WORKLOAD), label(made, labels.REVISION)) != (meta["name"], active):
                continue
            pods = [each for each in self.cluster.all_of(POD) if owner_uid(each) == made["metadata"]["uid"]]
            ready = len(ready_pod_uids(pods))
            if ready < made["spec"]["replicas"]:
                self._note(f"{active} took over from {before} with {ready} ready pods of {made['metadata']['name']}")

    def _serves(self, anchor: Body) -> bool:
        """Whether a version is active, and not stopped: what serves without having been proven is not promised."""
        meta, active = anchor["metadata"], annotation(anchor, labels.ACTIVE)
        there = self.cluster.stored((SERVICE.name, meta["namespace"], f"{meta['name']}-{active}")) is not None
        hold = hold_of(anchor)
        ends = hold is not None and hold.kind == "stop"  # ordered, and interrupted before anything was scaled
        return there and not ends and annotation(anchor, labels.STOPPED) is None

    def forgive(self, floors: dict[str, int]) -> None:
        """Somebody else has had his hands in it: what is gone now, of what had to serve before, is not our fault."""
        self.floors = {name: min(floor, self.serving(name)) for name, floor in floors.items()}

    def served(self, anchor: Body) -> Sequence[str]:
        """The revisions that were ever active in an anchor's life."""
        return [revision for uid, revision in self._actives if uid == anchor["metadata"]["uid"]]

    def _number(self, service: Body) -> None:
        owner = label(service, labels.WORKLOAD) or ""
        anchor = self.cluster.stored((SERVICE.name, service["metadata"]["namespace"], owner))
        if anchor is None:
            return
        key = (str(anchor["metadata"]["uid"]), label(service, labels.REVISION) or "")
        uid = service["metadata"]["uid"]
        first = self._numbers.setdefault(key, uid)
        if first != uid and owner_uid(service) == key[0]:
            self._note(f"{service['metadata']['name']} was made twice: a number was used again")
            self._numbers[key] = uid

    def _note(self, said: str) -> None:
        if said not in self.wrongs:
            self.wrongs.append(said)


def anchors(cluster: FakeCluster) -> list[Body]:
    """The Services of all Workloads."""
    return [each for each in cluster.all_of(SERVICE) if label(each, labels.PART) == "endpoint"]


def owner_uid(body: Body) -> str:
    """The uid of an object's owner."""
    return str((body["metadata"].get("ownerReferences") or [{}])[0].get("uid"))
