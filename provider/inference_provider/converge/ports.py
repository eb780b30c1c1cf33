"""What converging needs from the world: a cluster, a mirror of one Workload's objects, and a lock.

The cluster room satisfies these without either side importing the other; ``seam.wiring`` joins them.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from inference_provider.manifests.kinds import Body, Kind

#: One RFC 6902 operation: {"op": ..., "path": ..., "value": ...}.
PatchOperation = Mapping[str, object]
Bodies = list[Body]


class Mirror(Protocol):
    """A live copy of the objects that carry one Workload's label, fed by watches.

    ``version`` grows with every change that concerns this Workload.
    """

    @property
    def version(self) -> int: ...

    def objects(self, kind: Kind) -> list[Body]:
        """All mirrored objects of a kind (see ``kinds.MIRRORED``) of this Workload, ordered by name."""
        ...

    async def changed(self, since: int, *, within: float) -> int:
        """Return the version as soon as it is above ``since``, or the unchanged one after ``within`` seconds.

        Raises the watch's own error (Forbidden, Unauthorized) when watching cannot go on.
        """
        ...


class Reporter(Protocol):
    """Where a person watches. Statuses replace each other on the resource's own line; the others stay."""

    def status(self, text: str) -> None: ...

    def info(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...


class Lock(Protocol):
    """The Lease of one Workload, held and renewed in the background."""

    @property
    def holder(self) -> str:
        """Our name in it, never the same twice."""
        ...

    @property
    def epoch(self) -> int:
        """How often this Lease changed hands (``spec.leaseTransitions``): grows with every holder."""
        ...

    async def sure(self) -> None:
        """Return once the Lease is surely ours, which is at once unless the server could not be reached for a while.

        Raises LockLost when somebody else has it, or when nobody can say for too long.
        """
        ...


class Cluster(Protocol):
    """Everything we say to the API server. All methods raise the errors below ``ClusterError``.

    Unavailable answers (429, 5xx, connection lost) have been retried for a while before they are raised.
    """

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Body: ...

    async def find(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        """Like get, but None on a definite 404."""
        ...

    async def known(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        """Like find, but as old as a few seconds, unless it was changed through here: for what many ask at once and
        what never changes, or seldom. Shared: read it, never change it."""
        ...

    async def list(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> Bodies: ...

    async def known_all(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> Bodies:
        """Like list, but as old as a few seconds, even where it was changed through here, and so are its errors: for
        questions, whose askers go on without an answer. Shared: never change it."""
        ...

    async def create(self, kind: Kind, body: Body) -> Body:
        """POST. Raises AlreadyExists."""
        ...

    async def rehearse(self, kind: Kind, body: Body) -> None:
        """POST as a dry run: raises what the POST itself would, and nothing is stored. It needs the same right."""
        ...

    async def apply(self, kind: Kind, body: Body, *, manager: str) -> Body:
        """Server-side apply, forced, under the field manager ``manager``."""
        ...

    async def replace(self, kind: Kind, body: Body) -> Body:
        """PUT with the body's resourceVersion. Raises Conflict."""
        ...

    async def patch(self, kind: Kind, namespace: str, name: str, operations: Sequence[PatchOperation]) -> Body:
        """JSON patch. A failed ``test`` raises Conflict."""
        ...

    async def scale(
        self, kind: Kind, namespace: str, name: str, replicas: int, *, resource_version: str | None = None
    ) -> None:
        """Set spec.replicas through the scale subresource, nothing else. Raises Conflict for another version."""
        ...

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
        """DELETE with preconditions. False when it was gone already; Conflict when a precondition failed."""
        ...

    async def logs(self, namespace: str, pod: str, *, container: str, previous: bool, lines: int) -> str:
        """The last lines of a container's log, empty when there is none to be had."""
        ...

    async def whoami(self) -> str:
        """The Kubernetes user that the API server sees, or "unknown"."""
        ...

    def mirror(self, namespace: str, workload: str) -> AbstractAsyncContextManager[Mirror]:
        """Watch one Workload's objects; the watches are shared between all Workloads of a namespace."""
        ...

    def lock(
        self, namespace: str, workload: str, *, owner: Body, wait: float, fresh: bool = False
    ) -> AbstractAsyncContextManager[Lock]:
        """Take the Workload's Lease (owned by its Service ``owner``), renew it, release it at the end.

        ``fresh``: the Service was made a moment ago, so there is hardly a Lease that could be looked at first.

        Raises LockHeld naming the holder and since when, after at most ``wait`` seconds.
        """
        ...
