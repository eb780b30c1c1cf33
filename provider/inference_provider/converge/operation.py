"""One operation on one Workload: what it may use, and how it waits.

Waiting always means the same: look at the mirror, decide, sleep until something of this Workload changes;
meanwhile the lock must stay ours and the deadline must not pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from inference_provider.converge.claim import claim
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.ports import Cluster, Lock, Mirror, PatchOperation, Reporter
from inference_provider.errors import NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import ENDPOINT_SLICE, SERVICE, Body, Kind
from inference_provider.rollout.fleet import Fleet, observe

T = TypeVar("T")

#: The longest sleep between two looks, so that clocks are seen even when nothing happens (seconds).
LONGEST_NAP = 1.0


def utc_now() -> str:
    """The time as Kubernetes writes it. Only ever written down, never waited for."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Operation:
    """Everything that one create, update or delete of a Workload works with."""

    namespace: str
    workload: str
    cluster: Cluster
    mirror: Mirror
    lock: Lock
    deadline: Deadline
    report: Reporter
    now: Callable[[], str] = field(default=utc_now)

    def fleet(self) -> Fleet:
        """The Workload as the mirror shows it now. Raises NotFound when its Service is gone."""
        return observe(self.anchor(), self.mirror.objects)

    def anchor(self) -> Body:
        """The Workload's Service. Raises NotFound when it is gone."""
        for service in self.mirror.objects(SERVICE):
            if label(service, labels.PART) == "endpoint":
                return service
        raise NotFound(
            "find",
            kind="Service",
            namespace=self.namespace,
            name=self.workload,
            status=404,
            said="it was deleted while we were working on it",
            advice="Run `pulumi refresh`, then `pulumi up` again",
        )

    def slices(self) -> list[Body]:
        """The EndpointSlices of the Workload's Service: who gets its traffic."""
        return [
            each
            for each in self.mirror.objects(ENDPOINT_SLICE)
            if label(each, "kubernetes.io/service-name") == self.workload
        ]

    def within(self, seconds: float, what: str) -> "Operation":
        """The same operation with a budget of its own, for tidying up after the first one is spent."""
        return replace(self, deadline=Deadline.after(what, seconds))

    async def until(self, look: Callable[[], T | None], *, waiting_for: str) -> T:
        """Return what ``look`` finds, as soon as it finds something.

        Raises DeadlineExceeded naming ``waiting_for``, LockLost, or the mirror's own error.
        """
        while True:
            version = self.mirror.version
            found = look()
            if found:
                return found
            await self.pause(version, waiting_for=waiting_for)

    async def pause(self, version: int, *, waiting_for: str) -> None:
        """Sleep until the mirror is past ``version``, at most a moment. Raises as ``until`` does."""
        self.lock.check()
        self.deadline.check(waiting_for)
        await self.mirror.changed(version, within=min(LONGEST_NAP, self.deadline.left()))

    async def seen(self, kind: Kind, body: Body, *, new: bool) -> None:
        """Wait until the mirror shows this object as new as ``body``, or, unless it is ``new``, shows it no more."""
        uid, version = body["metadata"]["uid"], int(body["metadata"]["resourceVersion"])

        def look() -> bool:
            mirrored = [each for each in self.mirror.objects(kind) if each["metadata"]["uid"] == uid]
            return int(mirrored[0]["metadata"]["resourceVersion"]) >= version if mirrored else not new

        await self.until(look, waiting_for=f"waiting to see our own change of {kind.name} {body['metadata']['name']}")

    async def patch(self, kind: Kind, body: Body, operations: Sequence[PatchOperation]) -> Body:
        """JSON patch one object, if the lock is ours, and wait until the mirror shows it. Raises Conflict."""
        self.lock.check()
        patched = await self.cluster.patch(kind, self.namespace, body["metadata"]["name"], operations)
        if "deletionTimestamp" not in patched["metadata"]:
            await self.seen(kind, patched, new=False)
        return patched

    async def create(self, kind: Kind, body: Body) -> Body:
        """Create one object of ours (or find it made already) and wait until the mirror shows it."""
        self.lock.check()
        made = await claim(self.cluster, kind, body)
        await self.seen(kind, made, new=True)
        return made
