"""An API server in memory: optimistic concurrency, JSON patches with tests, owners whose things go with them.

It satisfies ``converge.ports.Cluster``. Nothing happens by itself here: ``fake_controllers`` brings pods to life.
"""

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from inference_provider.converge.ports import Bodies
from inference_provider.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    Denied,
    InferenceError,
    Invalid,
    LockHeld,
    LockLost,
    NotFound,
)
from inference_provider.manifests.kinds import Body, Kind
from tests.support.fake_admission import FakeAdmission
from tests.support.fake_mirror import FakeMirror
from tests.support.fake_rights import reviewed
from tests.support.fake_store import FakeStore, Key
from tests.support.json_patch import PatchPathMissing, PatchTestFailed, applied


@dataclass
class Fault:
    """The next call of ``verb`` on ``kind`` fails; with ``after`` it is done all the same and only its answer lost."""

    verb: str
    kind: Kind
    error: InferenceError
    after: bool = False


#: After this long a holder of a lock has shown that it lives (seconds).
SIGN_OF_LIFE = 5.0


@dataclass
class FakeLock:
    """A lock that is ours until somebody says otherwise."""

    epoch: int = 1
    holder: str = "somebody"
    lost: bool = False

    async def sure(self) -> None:
        """Raise LockLost once it is lost."""
        if self.lost:
            raise LockLost("the lock was taken over")


@dataclass
class FakeHeld:
    """The lock in one holder's hand."""

    state: FakeLock
    holder: str

    @property
    def epoch(self) -> int:
        """As the lock says."""
        return self.state.epoch

    async def sure(self) -> None:
        """Raise LockLost once it is lost."""
        await self.state.sure()


class FakeCluster(FakeStore):
    """One cluster. ``calls`` lists what was asked for, as in "patch Service llama"."""

    def __init__(self, *namespaces: str) -> None:
        super().__init__()
        self._namespaces = set(namespaces or ("models",))
        self.calls: list[str] = []
        self.faults: list[Fault] = []
        self.lock_state = FakeLock()
        self.lock_error: InferenceError | None = None
        self.locked: set[str] = set()  # who is being worked on, as namespace/name
        self.holders: dict[str, str] = {}  # and by whom
        self.taken = 0  # how often a lock was
        self.log_text = ""
        self.log_error: InferenceError | None = None
        self.admission = FakeAdmission(self)
        self.refused: set[str] = set()  # rights that a review denies, as in "patch deployments/scale"
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

    async def known(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        return await self.find(kind, namespace, name)

    async def list(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> list[Body]:
        self._begin("list", kind, "")
        wanted = [body for body in self.all_of(kind) if namespace in (None, body["metadata"].get("namespace"))]
        return [copy.deepcopy(each) for each in wanted if _has_labels(each, labels) and _has_fields(each, fields)]

    async def known_all(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> Bodies:
        return await self.list(kind, namespace, labels=labels, fields=fields)

    async def create(self, kind: Kind, body: Body) -> Body:
        meta = body["metadata"]
        fault = self._begin("create", kind, meta["name"])
        answer = reviewed(kind, body, refused=self.refused)
        if answer is not None:
            return self._end(fault, answer)
        key = (kind.name, meta.get("namespace"), meta["name"])
        if kind.namespaced and meta.get("namespace") not in self._namespaces:
            raise self._error(NotFound, "create", key, said=f'namespaces "{meta.get("namespace")}" not found')
        if key in self._objects:
            raise self._error(AlreadyExists, "create", key, said="it exists already")
        fresh = copy.deepcopy(body)
        fresh["metadata"] |= {"uid": f"uid-{self.version + 1}", "generation": 1}
        made = self.put(kind, fresh)
        if self.gardener is not None and key in self.orphans():
            self.gardener.orphaned()
        return self._end(fault, made)

    async def rehearse(self, kind: Kind, body: Body) -> None:
        meta = body["metadata"]
        self._end(self._begin("rehearse", kind, meta["name"]), {})
        said = self.admission.denied(body)
        if said is not None:
            raise self._error(Denied, "create", (kind.name, meta.get("namespace"), meta["name"]), said=said)

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

    async def scale(
        self, kind: Kind, namespace: str, name: str, replicas: int, *, resource_version: str | None = None
    ) -> None:
        fault = self._begin("scale", kind, name)
        body = copy.deepcopy(self._held(kind, namespace, name))
        if resource_version not in (None, body["metadata"]["resourceVersion"]):
            raise Conflict("scale", kind=kind.name, namespace=namespace, name=name, status=409, said="modified")
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
        fault = self._begin("delete", kind, name)
        key = (kind.name, namespace, name)
        if key not in self._objects:
            return False
        if uid is not None and self._objects[key]["metadata"]["uid"] != uid:
            raise self._error(Conflict, "delete", key, said="the uid is another one")
        if resource_version not in (None, self._objects[key]["metadata"]["resourceVersion"]):
            raise self._error(Conflict, "delete", key, said="it changed")
        if foreground and self.gardener is not None:
            self.gardener.condemned(kind, namespace, name)
        else:
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
    async def lock(
        self, namespace: str, workload: str, *, owner: Body, wait: float, fresh: bool = False
    ) -> AsyncIterator[FakeHeld]:
        words = f"lock {namespace}/{workload} of {owner['metadata']['name']} wait={wait:g}"
        self.calls.append(f"{words} fresh" if fresh else words)
        if self.lock_error is not None:
            raise self.lock_error
        key = f"{namespace}/{workload}"
        if key in self.locked:
            await asyncio.sleep(min(wait, SIGN_OF_LIFE))
        if key in self.locked:
            holder = self.holders.get(key, "somebody else")
            raise LockHeld(f"Workload {key} is being worked on by {holder}", holder=holder)
        self.locked.add(key)
        self.taken += 1
        self.holders[key] = f"run-{self.taken}"
        try:
            yield FakeHeld(self.lock_state, self.holders[key])
        finally:
            self.locked.discard(key)

    def _held(self, kind: Kind, namespace: str | None, name: str) -> Body:
        key = (kind.name, namespace, name)
        if key not in self._objects:
            raise self._error(NotFound, "find", key, said="not found")
        return self._objects[key]

    def _begin(self, verb: str, kind: Kind, name: str) -> Fault | None:
        self.calls.append(f"{verb} {kind.name} {name}".rstrip())
        found = next((each for each in self.faults if (each.verb, each.kind) == (verb, kind)), None)
        if verb not in {"get", "find", "list", "rehearse"}:
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

    def _error(self, tree: type[ClusterError], verb: str, key: Key, *, said: str) -> ClusterError:
        kind, namespace, name = key
        return tree(verb, kind=kind, namespace=namespace, name=name, said=said)


def _has_labels(body: Body, selector: str | None) -> bool:
    found = body["metadata"].get("labels") or {}
    parts = [part for part in (selector or "").split(",") if part]
    if any(found.get(key) == value for key, _, value in (part.partition("!=") for part in parts if "!=" in part)):
        return False
    wanted = [part.partition("=") for part in parts if "!=" not in part]
    return all(found.get(key) == value if equals else key in found for key, equals, value in wanted)


def _has_fields(body: Body, fields: str | None) -> bool:
    path, _, wanted = (fields or "").partition("=")
    part, _, key = path.partition(".")
    return not fields or (body.get(part, {}).get(key) or "") == wanted
