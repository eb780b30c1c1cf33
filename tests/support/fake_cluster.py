"""An API server in memory: optimistic concurrency, JSON patches with tests, owners whose things go with them.

It satisfies ``converge.ports.Cluster``. Nothing happens by itself here: ``fake_controllers`` brings pods to life.
"""

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inference_provider.errors import AlreadyExists, ClusterError, Conflict, InferenceError, Invalid, LockLost, NotFound
from inference_provider.manifests import labels as known
from inference_provider.manifests.kinds import POD, Body, Kind
from tests.support.json_patch import PatchPathMissing, PatchTestFailed, applied

#: The API server's clock when the event loop's shows 0; far from this machine's own.
SERVER_EPOCH = datetime(2031, 5, 4, 3, 0, tzinfo=UTC)


@dataclass
class Fault:
    """The next call of ``verb`` on ``kind`` fails; with ``after`` it is done all the same and only its answer lost."""

    verb: str
    kind: Kind
    error: InferenceError
    after: bool = False


@dataclass
class FakeLock:
    """A lock that is ours until somebody says otherwise."""

    epoch: int = 1
    lost: bool = False

    def check(self) -> None:
        """Raise LockLost once it is lost."""
        if self.lost:
            raise LockLost("the lock was taken over")


class FakeMirror:
    """A live copy that never lags: it looks into the store itself."""

    def __init__(self, cluster: "FakeCluster", namespace: str, workload: str) -> None:
        self._cluster, self._namespace, self._workload = cluster, namespace, workload

    @property
    def version(self) -> int:
        """Grows with every change in the cluster."""
        return self._cluster.version

    def objects(self, kind: Kind) -> list[Body]:
        """Everything of the kind that carries the Workload's label, by name."""
        everything = self._cluster.all_of(kind)
        return [
            body
            for body in sorted(everything, key=lambda each: str(each["metadata"]["name"]))
            if body["metadata"].get("namespace") == self._namespace
            and (body["metadata"].get("labels") or {}).get(known.WORKLOAD) == self._workload
        ]

    async def changed(self, since: int, *, within: float) -> int:
        """The version once it is above ``since``, or after ``within`` seconds."""
        if self.version <= since:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._cluster.bell.wait(), within)
        return self.version


class FakeCluster:
    """One cluster. ``calls`` lists what was asked for, as in "patch Service llama"."""

    def __init__(self, *namespaces: str) -> None:
        self._namespaces = set(namespaces or ("models",))
        self._objects: dict[tuple[str, str | None, str], Body] = {}
        self.version = 100
        self.bell = asyncio.Event()
        self.calls: list[str] = []
        self.faults: list[Fault] = []
        self.after_write: list[Callable[[], None]] = []
        self.lock_state = FakeLock()
        self.lock_error: InferenceError | None = None
        self.log_text = ""
        self.log_error: InferenceError | None = None
        self.pods_linger = False
        self.writes = 0
        self.breaks_at: int | None = None  # the number of the write whose answer is LockLost
        self.breaks_after = False  # whether that write is done all the same

    # ---- what converge asks for

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Body:
        self._begin("get", kind, name)
        return copy.deepcopy(self._held(kind, namespace, name))

    async def find(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        self._begin("find", kind, name)
        return copy.deepcopy(self._objects.get((kind.name, namespace, name)))

    async def list(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> list[Body]:
        self._begin("list", kind, "")
        wanted = [body for body in self.all_of(kind) if namespace in (None, body["metadata"].get("namespace"))]
        return [copy.deepcopy(each) for each in wanted if _has_labels(each, labels) and _on_node(each, fields)]

    async def create(self, kind: Kind, body: Body) -> Body:
        meta = body["metadata"]
        fault = self._begin("create", kind, meta["name"])
        key = (kind.name, meta.get("namespace"), meta["name"])
        if kind.namespaced and meta.get("namespace") not in self._namespaces:
            raise self._error(NotFound, "create", key, said=f'namespaces "{meta.get("namespace")}" not found')
        if key in self._objects:
            raise self._error(AlreadyExists, "create", key, said="it exists already")
        fresh = copy.deepcopy(body)
        fresh["metadata"] |= {"uid": f"uid-{self.version + 1}", "generation": 1}
        return self._end(fault, self.put(kind, fresh))

    async def apply(self, kind: Kind, body: Body, *, manager: str) -> Body:
        raise NotImplementedError(f"{manager} applies {kind.name} {body['metadata']['name']}")

    async def replace(self, kind: Kind, body: Body) -> Body:
        meta = body["metadata"]
        fault = self._begin("replace", kind, meta["name"])
        held = self._held(kind, meta.get("namespace"), meta["name"])
        if held["metadata"]["resourceVersion"] != meta["resourceVersion"]:
            raise self._error(Conflict, "replace", (kind.name, meta.get("namespace"), meta["name"]), said="it changed")
        return self._end(fault, self.put(kind, copy.deepcopy(body)))

    async def patch(self, kind: Kind, namespace: str, name: str, operations: Sequence[Mapping[str, object]]) -> Body:
        fault = self._begin("patch", kind, name)
        held, key = self._held(kind, namespace, name), (kind.name, namespace, name)
        try:
            changed = applied(held, operations)
        except PatchTestFailed as failed:
            raise self._error(Conflict, "patch", key, said=f"a test failed: {failed}") from None
        except PatchPathMissing as missing:
            raise self._error(Invalid, "patch", key, said=f"no such path: {missing}") from None
        if changed == held:
            return self._end(fault, copy.deepcopy(held))
        if changed.get("spec") != held.get("spec"):
            changed["metadata"]["generation"] = int(held["metadata"].get("generation", 1)) + 1
        return self._end(fault, self.put(kind, changed))

    async def scale(self, kind: Kind, namespace: str, name: str, replicas: int) -> None:
        fault = self._begin("scale", kind, name)
        body = copy.deepcopy(self._held(kind, namespace, name))
        body["spec"]["replicas"] = replicas
        body["metadata"]["generation"] = int(body["metadata"].get("generation", 1)) + 1
        self._end(fault, self.put(kind, body))

    async def delete(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        foreground: bool = False,
    ) -> bool:
        del resource_version, foreground
        fault = self._begin("delete", kind, name)
        key = (kind.name, namespace, name)
        if key not in self._objects:
            return False
        if uid is not None and self._objects[key]["metadata"]["uid"] != uid:
            raise self._error(Conflict, "delete", key, said="the uid is another one")
        self.remove(kind, namespace, name)
        return bool(self._end(fault, {"deleted": True}))

    async def logs(self, namespace: str, pod: str, *, container: str, previous: bool, lines: int) -> str:
        self.calls.append(f"logs {namespace}/{pod} {container} previous={previous} lines={lines}")
        if self.log_error is not None:
            raise self.log_error
        return self.log_text

    async def whoami(self) -> str:
        return "ann"

    @contextlib.asynccontextmanager
    async def mirror(self, namespace: str, workload: str) -> AsyncIterator[FakeMirror]:
        yield FakeMirror(self, namespace, workload)

    @contextlib.asynccontextmanager
    async def lock(self, namespace: str, workload: str, *, owner: Body, wait: float) -> AsyncIterator[FakeLock]:
        self.calls.append(f"lock {namespace}/{workload} of {owner['metadata']['name']} wait={wait:g}")
        if self.lock_error is not None:
            raise self.lock_error
        yield self.lock_state

    # ---- what tests and controllers do behind its back

    def all_of(self, kind: Kind) -> tuple[Body, ...]:
        """Every object of a kind, as stored: read it, never change it."""
        return tuple(body for (name, _, _), body in self._objects.items() if name == kind.name)

    def named(self, kind: Kind, name: str, namespace: str = "models") -> Body:
        """A copy of one stored object. Raises KeyError when it is not there."""
        return copy.deepcopy(self._objects[kind.name, namespace, name])

    def put(self, kind: Kind, body: Body) -> Body:
        """Store an object as it is, with a new resourceVersion and the server's time; returns a copy."""
        meta = body["metadata"]
        self.version += 1
        stamp = {"manager": "test", "time": self.server_time().strftime("%Y-%m-%dT%H:%M:%SZ")}
        meta |= {"resourceVersion": str(self.version), "managedFields": [stamp]}
        meta.setdefault("uid", f"uid-{self.version}")
        self._objects[kind.name, meta.get("namespace"), meta["name"]] = body
        self._ring()
        return copy.deepcopy(body)

    def remove(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Take an object away, and with it whatever it owns. Lingering pods only begin to end."""
        self._drop((kind.name, namespace, name))
        self._ring()

    def _drop(self, key: tuple[str, str | None, str]) -> None:
        held = self._objects.get(key)
        if held is None:
            return
        if key[0] == POD.name and self.pods_linger:
            self._objects[key] = copy.deepcopy(held)
            self._objects[key]["metadata"].setdefault("deletionTimestamp", self.server_time().isoformat())
        else:
            del self._objects[key]
        self.version += 1
        for owned in self._owned_by(held["metadata"]["uid"]):
            self._drop(owned)

    def server_time(self) -> datetime:
        """The API server's clock: runs with the event loop, and is not this machine's."""
        return SERVER_EPOCH + timedelta(seconds=asyncio.get_running_loop().time())

    def _owned_by(self, uid: str) -> tuple[tuple[str, str | None, str], ...]:
        return tuple(key for key, body in self._objects.items() if uid in _owners(body))

    def _ring(self) -> None:
        for react in self.after_write:
            react()
        self.bell.set()
        self.bell = asyncio.Event()

    def _held(self, kind: Kind, namespace: str | None, name: str) -> Body:
        key = (kind.name, namespace, name)
        if key not in self._objects:
            raise self._error(NotFound, "find", key, said="not found")
        return self._objects[key]

    def _begin(self, verb: str, kind: Kind, name: str) -> Fault | None:
        self.calls.append(f"{verb} {kind.name} {name}".rstrip())
        found = next((each for each in self.faults if (each.verb, each.kind) == (verb, kind)), None)
        if verb not in {"get", "find", "list"}:
            self.writes += 1
            if self.writes == self.breaks_at:
                found = Fault(verb, kind, LockLost("interrupted"), after=self.breaks_after)
                self.faults.append(found)
        if found is not None:
            self.faults.remove(found)
            if not found.after:
                raise found.error
        return found

    def _end(self, fault: Fault | None, answer: Body) -> Body:
        if fault is not None:
            raise fault.error
        return answer

    def _error(
        self, tree: type[ClusterError], verb: str, key: tuple[str, str | None, str], *, said: str
    ) -> ClusterError:
        kind, namespace, name = key
        return tree(verb, kind=kind, namespace=namespace, name=name, said=said)


def _owners(body: Body) -> set[str]:
    return {str(each["uid"]) for each in body["metadata"].get("ownerReferences") or []}


def _has_labels(body: Body, selector: str | None) -> bool:
    found = body["metadata"].get("labels") or {}
    wanted = [part.partition("=") for part in (selector or "").split(",") if part]
    return all(found.get(key) == value if equals else key in found for key, equals, value in wanted)


def _on_node(body: Body, fields: str | None) -> bool:
    node = fields.removeprefix("spec.nodeName=") if fields else None
    return node is None or (body.get("spec", {}).get("nodeName") or "") == node
