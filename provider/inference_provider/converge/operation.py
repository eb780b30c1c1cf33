"""One operation on one Workload: what it may use, and how it waits.

Waiting always means the same: look at the mirror, decide, sleep until something of this Workload changes;
meanwhile the lock must stay ours and the deadline must not pass.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from inference_provider.converge.claim import claim
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.ports import Cluster, Lock, Mirror, PatchOperation, Reporter
from inference_provider.errors import Conflict, InferenceError, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label, value_test
from inference_provider.manifests.kinds import DEPLOYMENT, ENDPOINT_SLICE, SERVICE, Body, Kind
from inference_provider.rollout.fleet import Fleet, observe

T = TypeVar("T")

#: The longest sleep between two looks, so that clocks are seen even when nothing happens (seconds).
LONGEST_NAP = 1.0


def utc_now() -> str:
    """The time as Kubernetes writes it. Only ever written down, never waited for."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Unlocked:
    """No lock at all."""

    epoch = 0
    holder = ""

    async def sure(self) -> None:
        """There is nothing to lose."""


@dataclass(frozen=True)
class Operation:
    """Everything that one create, update or delete of a Workload works with.

    ``epoch`` is what this holder of the lock has stamped on every object that moves traffic or owns something,
    ``fresh`` whether it has made the Workload itself, so that nobody came before it.
    ``objection`` looks at the anchor while waiting, and says why the operation should end, if it should. ``onlooker``
    is called at every look, and has no say.
    """

    namespace: str
    workload: str
    cluster: Cluster
    mirror: Mirror
    lock: Lock
    deadline: Deadline
    report: Reporter
    epoch: str
    fresh: bool = False
    objection: Callable[[Body], InferenceError | None] | None = None
    onlooker: Callable[[], None] | None = None
    now: Callable[[], str] = field(default=utc_now)

    @classmethod
    def watching(
        cls, anchor: Body, cluster: Cluster, mirror: Mirror, deadline: Deadline, report: Reporter
    ) -> "Operation":
        """An operation that holds no lock: it may look and wait, and say something to whoever does."""
        meta = anchor["metadata"]
        return cls(meta["namespace"], meta["name"], cluster, mirror, Unlocked(), deadline, report, epoch="")

    @property
    def named(self) -> str:
        """How people call the Workload."""
        return f"Workload {self.namespace}/{self.workload}"

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
        """The same operation with a budget of its own; what it waits for is bounded by that alone."""
        return replace(self, deadline=Deadline.after(what, seconds))

    def of_epoch(self, epoch: str) -> "Operation":
        """The same operation behind another fence."""
        return replace(self, epoch=epoch)

    def objecting(self, objection: Callable[[Body], InferenceError | None]) -> "Operation":
        """The same operation, which ends as soon as ``objection`` has one."""
        return replace(self, objection=objection)

    def watched_by(self, onlooker: Callable[[], None]) -> "Operation":
        """The same operation, at which somebody looks on."""
        return replace(self, onlooker=onlooker)

    def tidying(self, seconds: float, what: str) -> "Operation":
        """The operation that clears up after this one: with a budget of its own, and not to be called off."""
        return replace(self.within(seconds, what), objection=None)

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
        await self.lock.sure()
        if self.objection is not None and (error := self.objection(self.anchor())) is not None:
            raise error
        if self.onlooker is not None:
            self.onlooker()
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
        """JSON patch a Service or Job of ours behind the fence, and wait until the mirror shows it. Raises Conflict.

        The fence: the object must carry the epoch that this operation has stamped. Whoever took over since, while
        this process was paused between its look at the lock and its request, has stamped another one.
        """
        return await self.unfenced(kind, body, [value_test(labels.EPOCH, self.epoch), *operations])

    async def unfenced(self, kind: Kind, body: Body, operations: Sequence[PatchOperation]) -> Body:
        """Like ``patch`` without the fence: for the stamp itself."""
        await self.lock.sure()
        try:
            patched = await self.cluster.patch(kind, self.namespace, body["metadata"]["name"], operations)
        except Conflict:
            await self.lock.sure()  # somebody has taken over: that is the reason to be told
            raise
        if "deletionTimestamp" not in patched["metadata"]:
            await self.seen(kind, patched, new=False)
        return patched

    async def delete(self, kind: Kind, body: Body) -> bool:
        """Delete the very object that was seen, unless anybody has changed it since; False: look at it again.

        A new holder's stamp is such a change, so this is fenced too.
        """
        await self.lock.sure()
        meta = body["metadata"]
        try:
            await self.cluster.delete(
                kind, self.namespace, meta["name"], uid=meta["uid"], resource_version=meta["resourceVersion"]
            )
        except Conflict:
            await self.lock.sure()
            await self.mirror.changed(self.mirror.version, within=LONGEST_NAP)
            return False
        return True

    async def scale(self, body: Body, replicas: int) -> bool:
        """Bring a Deployment to so many pods and see it done; False when it was so already, or is gone.

        Fenced by its resourceVersion, which a new holder's stamp changes.
        """
        name, asked = body["metadata"]["name"], False
        while (now := self._deployment(body)) is not None and int(now["spec"].get("replicas", 1)) != replicas:
            version, seen = self.mirror.version, now["metadata"]["resourceVersion"]
            await self.lock.sure()
            with contextlib.suppress(Conflict):  # it has changed since, by its controller or by our own request
                await self.cluster.scale(DEPLOYMENT, self.namespace, name, replicas, resource_version=seen)
            await self.pause(version, waiting_for=f"waiting for Deployment {name} to have {replicas} pods")
            asked = True
        return asked

    def _deployment(self, body: Body) -> Body | None:
        uid = body["metadata"]["uid"]
        return next((each for each in self.mirror.objects(DEPLOYMENT) if each["metadata"]["uid"] == uid), None)

    async def create(self, kind: Kind, body: Body) -> Body:
        """Create one object of ours (or find it made already) and wait until the mirror shows it."""
        await self.lock.sure()
        made = await claim(self.cluster, kind, body)
        await self.seen(kind, made, new=True)
        return made
