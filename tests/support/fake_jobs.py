"""Jobs that make a pod in a fake cluster: when it ends, and what it leaves behind."""

import asyncio
import copy
import json
from dataclasses import dataclass, field

from inference_provider.manifests.kinds import EVENT, JOB, POD, Body
from tests.support.fake_store import FakeStore


def leaving(errors: int = 0, *, count: int = 50, p95: float | None = 0.2, first: str | None = None) -> str:
    """What the program of a warm-up writes at its end."""
    return json.dumps({"count": count, "errors": errors, "p50": 0.1, "p95": p95, "firstError": first})


@dataclass(frozen=True)
class Errand:
    """What becomes of a Job's pod: it ends ``after`` so many seconds (None: never) and leaves ``message``.

    ``status`` is what it is stuck in; ``refusal`` is why it is never made.
    """

    after: float | None = 2.0
    message: str = field(default_factory=leaving)
    status: Body = field(default_factory=dict)
    refusal: str | None = None


class FakeJobs:
    """Makes one pod for each Job, at once. ``errand`` is asked then; ``made`` counts the pods.

    With ``vanish`` each pod is gone as soon as it has ended, as on a node that is drained.
    """

    def __init__(self, cluster: FakeStore) -> None:
        self.cluster, self.errand, self.made = cluster, Errand(), 0
        self.vanish = False
        self._known: set[str] = set()

    def react(self, job: Body) -> None:
        """Bring a new Job's pod to life, or say that it may not be made."""
        meta, errand = job["metadata"], self.errand
        if meta["uid"] in self._known:
            return
        self._known.add(meta["uid"])
        if errand.refusal is not None:
            self._refuse(job, errand.refusal)
            return
        self.made += 1
        name = f"{meta['name']}-{self.made:03d}"
        self.cluster.put(POD, _pod(job, name, errand.status))
        if errand.after is not None and not errand.status:
            asyncio.get_running_loop().call_later(errand.after, self._end, job, name, errand.message)

    def _end(self, job: Body, name: str, message: str) -> None:
        if meta_of(job) not in map(meta_of, self.cluster.all_of(JOB)):
            return
        pod = self.cluster.named(POD, name, job["metadata"]["namespace"])
        done = {"exitCode": 0, "reason": "Completed", "message": message}
        statuses = [{"name": "warm-up", "ready": False, "state": {"terminated": done}}]
        if self.vanish:
            self.cluster.put(JOB, job | {"status": {"conditions": [{"type": "Complete", "status": "True"}]}})
            self.cluster.remove(POD, job["metadata"]["namespace"], name)
            return
        self.cluster.put(POD, pod | {"status": {"phase": "Succeeded", "containerStatuses": statuses}})

    def _refuse(self, job: Body, message: str) -> None:
        about = {"kind": "Job", "name": job["metadata"]["name"], "uid": job["metadata"]["uid"]}
        meta = {"name": f"{job['metadata']['name']}.1", "namespace": job["metadata"]["namespace"]}
        event = {"involvedObject": about, "reason": "FailedCreate", "type": "Warning", "message": message}
        self.cluster.put(EVENT, {"metadata": meta, **event})


def meta_of(job: Body) -> str:
    """Which very Job it is."""
    return str(job["metadata"]["uid"])


def _pod(job: Body, name: str, status: Body) -> Body:
    template, meta = copy.deepcopy(job["spec"]["template"]), job["metadata"]
    running = {"name": "warm-up", "ready": True, "state": {"running": {}}}
    return {
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": template["metadata"]["labels"],
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "Job", "name": meta["name"], "uid": meta["uid"]}],
        },
        "spec": template["spec"] | {"nodeName": "gpu-1"},
        "status": status or {"phase": "Running", "containerStatuses": [running]},
    }
