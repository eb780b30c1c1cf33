"""A live copy of a fake cluster that never lags: it looks into the store itself."""

import asyncio
import contextlib
from typing import Protocol

from inference_provider.manifests import labels as known
from inference_provider.manifests.kinds import Body, Kind


class Store(Protocol):
    """What a mirror looks into. ``bell`` rings at every change, and is another one afterwards."""

    version: int
    bell: asyncio.Event

    def all_of(self, kind: Kind) -> tuple[Body, ...]: ...


class FakeMirror:
    """The objects of one Workload."""

    def __init__(self, store: Store, namespace: str, workload: str) -> None:
        self._store, self._namespace, self._workload = store, namespace, workload

    @property
    def version(self) -> int:
        """Grows with every change in the cluster."""
        return self._store.version

    def objects(self, kind: Kind) -> list[Body]:
        """Everything of the kind that carries the Workload's label, by name."""
        everything = self._store.all_of(kind)
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
                await asyncio.wait_for(self._store.bell.wait(), within)
        return self.version
