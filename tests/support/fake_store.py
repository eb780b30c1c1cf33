"""Where a fake cluster keeps its objects: versions, the server's clock, owners whose things go with them."""

import asyncio
import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from inference_provider.manifests.kinds import POD, Body, Kind

#: The API server's clock when the event loop's shows 0; far from this machine's own.
SERVER_EPOCH = datetime(2031, 5, 4, 3, 0, tzinfo=UTC)

#: Kind, namespace and name of a stored object.
Key = tuple[str, str | None, str]


class Gardener(Protocol):
    """Who takes what a removed owner leaves, if that does not go at once."""

    def orphaned(self) -> None:
        """Something was removed, or made for an owner that is not there."""

    def condemned(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Something is to be deleted in the foreground: what it owns goes first."""


class FakeStore:
    """What tests and controllers work on behind the API's back. ``after_write`` is called at every change."""

    def __init__(self) -> None:
        self._objects: dict[Key, Body] = {}
        self.version = 100
        self.bell = asyncio.Event()
        self.after_write: list[Callable[[], None]] = []
        self.pods_linger = False
        self.gardener: Gardener | None = None

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
        self.ring()
        return copy.deepcopy(body)

    def remove(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Take an object away, and with it whatever it owns. Lingering pods only begin to end."""
        self._drop((kind.name, namespace, name))
        self.ring()

    def _drop(self, key: Key) -> None:
        held = self._objects.get(key)
        if held is None:
            return
        if key[0] == POD.name and self.pods_linger:
            self._objects[key] = copy.deepcopy(held)
            self._objects[key]["metadata"].setdefault("deletionTimestamp", self.server_time().isoformat())
        else:
            del self._objects[key]
        self.version += 1
        if self.gardener is not None:
            self.gardener.orphaned()
            return
        for owned in self.owned_by(held["metadata"]["uid"]):
            self._drop(owned)

    def orphans(self) -> tuple[Key, ...]:
        """What was owned by something that is gone, and is not being deleted itself."""
        living = {body["metadata"]["uid"] for body in self._objects.values()}
        return tuple(
            key
            for key, body in self._objects.items()
            if _owners(body) and not _owners(body) & living and "deletionTimestamp" not in body["metadata"]
        )

    def stored(self, key: Key) -> Body | None:
        """One object as stored."""
        return self._objects.get(key)

    def end(self, key: Key) -> None:
        """Remove an object whose time to linger is over."""
        if self._objects.pop(key, None) is not None:
            self.version += 1
            self.ring()

    def condemn(self, key: Key) -> str | None:
        """Set an object's deletionTimestamp; its uid, or None when it is not there."""
        body = copy.deepcopy(self._objects.get(key))
        if body is not None and "deletionTimestamp" not in body["metadata"]:
            body["metadata"]["deletionTimestamp"] = self.server_time().isoformat()
            self.version += 1
            body["metadata"]["resourceVersion"] = str(self.version)
            self._objects[key] = body
            self.ring()
        return str(body["metadata"]["uid"]) if body is not None else None

    def take(self, key: Key) -> None:
        """Remove what an ``orphans`` key names."""
        self._drop(key)
        self.ring()

    def server_time(self) -> datetime:
        """The API server's clock: runs with the event loop, and is not this machine's."""
        return SERVER_EPOCH + timedelta(seconds=asyncio.get_running_loop().time())

    def owned_by(self, uid: str) -> tuple[Key, ...]:
        """What names this uid as its owner."""
        return tuple(key for key, body in self._objects.items() if uid in _owners(body))

    def ring(self) -> None:
        """Tell everybody that something has changed."""
        for react in self.after_write:
            react()
        self.bell.set()
        self.bell = asyncio.Event()


def _owners(body: Body) -> set[str]:
    return {str(each["uid"]) for each in body["metadata"].get("ownerReferences") or []}
