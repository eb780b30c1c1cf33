"""What passes with time in a fake cluster: kept versions expire, pods take their leave, garbage is collected late.

Without it everything that an owner leaves is gone at once, which is kinder than a real cluster ever is.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from inference_provider.manifests.kinds import JOB, POD, Body, Kind
from tests.support.fake_store import FakeStore, Key


@dataclass(frozen=True)
class Pace:
    """In seconds: a pod's ``grace`` from the order to end until it is gone, and how far the collector lags behind."""

    grace: float = 1.0
    lag: float = 0.05


class FakeSeasons:
    """Must be made inside of the event loop's time; reacts to every write."""

    def __init__(self, cluster: FakeStore, pace: Pace, loop: asyncio.AbstractEventLoop) -> None:
        self.cluster, self.pace, self._loop = cluster, pace, loop
        self._expiring: dict[str, tuple[float, asyncio.TimerHandle]] = {}
        self._ending: set[str] = set()
        self._collecting = False
        cluster.gardener = self
        cluster.pods_linger = True
        cluster.after_write.append(self.react)

    def react(self) -> None:
        """Set the clocks of what has begun to end."""
        for job in self.cluster.all_of(JOB):
            self._wind(job)
        for pod in self.cluster.all_of(POD):
            uid = pod["metadata"]["uid"]
            if "deletionTimestamp" in pod["metadata"] and uid not in self._ending:
                self._ending.add(uid)
                self._loop.call_later(self.pace.grace, self._end_pod, pod["metadata"]["name"], uid)

    def expire(self, job: Body) -> None:
        """The TTL controller deletes in the foreground: the Job stands condemned until what it owned is."""
        meta = job["metadata"]
        if meta["uid"] in {each["metadata"]["uid"] for each in self.cluster.all_of(JOB)}:
            self.condemned(JOB, meta["namespace"], meta["name"])

    def orphaned(self) -> None:
        """Collect a little later."""
        if not self._collecting:
            self._collecting = True
            self._loop.call_later(self.pace.lag, self._collect)

    def condemned(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Mark it; a moment later what it still owns is marked too, and all of that goes."""
        uid = self.cluster.condemn((kind.name, namespace, name))
        if uid is not None:
            self._loop.call_later(self.pace.lag, self._follow, (kind.name, namespace, name), uid)

    def _follow(self, key: Key, uid: str) -> None:
        for owned in self.cluster.owned_by(uid):
            if owned[0] != POD.name:
                self.cluster.condemn(owned)
            self._loop.call_later(self.pace.lag, self._take, owned)
        self._loop.call_later(self.pace.lag, self._take, key)

    def _take(self, key: Key) -> None:
        body = self.cluster.stored(key)
        if body is not None and ("deletionTimestamp" in body["metadata"] or key in self.cluster.orphans()):
            self.cluster.take(key)

    def _collect(self) -> None:
        self._collecting = False
        found = self.cluster.orphans()
        for key in found:
            self.cluster.take(key)
        if found:
            self.orphaned()

    def _wind(self, job: Body) -> None:
        meta, finished = job["metadata"], (job.get("status") or {}).get("completionTime")
        if not finished or "deletionTimestamp" in meta:
            return
        ended = datetime.fromisoformat(finished.replace("Z", "+00:00"))
        age = (self.cluster.server_time() - ended).total_seconds()
        due = self._loop.time() + max(0.0, float(job["spec"]["ttlSecondsAfterFinished"]) - age)
        known = self._expiring.get(meta["uid"])
        if known is not None and abs(known[0] - due) < 0.5:
            return
        if known is not None:
            known[1].cancel()
        self._expiring[meta["uid"]] = (due, self._loop.call_at(due, self.expire, job))

    def _end_pod(self, name: str, uid: str) -> None:
        for pod in self.cluster.all_of(POD):
            if pod["metadata"]["uid"] == uid:
                self.cluster.end((POD.name, pod["metadata"]["namespace"], name))
