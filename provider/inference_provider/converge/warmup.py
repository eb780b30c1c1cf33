"""Warming a candidate up with requests: the Job that sends them is made, followed, and judged.

Nothing of it is remembered from run to run: the Job says whether it was sent, for which pods, and what it came to.
"""

import asyncio
import contextlib
import inspect
from dataclasses import dataclass, field

from inference_provider.converge import warmup_program
from inference_provider.converge.course import Course
from inference_provider.converge.operation import LONGEST_NAP, Operation
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.warmup import Warmup, request_words
from inference_provider.errors import ClusterError, Forbidden, RolloutFailed
from inference_provider.health.conditions import holds, is_terminating
from inference_provider.health.refusal import assess_refusal
from inference_provider.health.verdict import Reason, State, Verdict
from inference_provider.health.warmup import OF_THE_IMAGE, assess_warmup, pod_of, result_text
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.kinds import CONFIG_MAP, EVENT, JOB, POD, Body
from inference_provider.manifests.ownership import is_condemned
from inference_provider.manifests.warmup import PART, is_primary_deployment, serves_as, warmup_job
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.warmup import WarmupResult, objection

#: A Job without a pod after this long is asked why (seconds).
SLOW_SECONDS = 3.0
#: How the Job's pod is while nobody has to be told anything else.
_AS_IT_SHOULD = (Reason.READY, Reason.LOADING, Reason.NOT_CREATED)


@dataclass
class Warming:
    """The requests of one candidate's warm-up, within one proof of it."""

    op: Operation
    course: Course
    warmup: Warmup
    _good: str | None = field(default=None, init=False)
    _asked: float | None = field(default=None, init=False)
    _podless: float | None = field(default=None, init=False)
    _trouble: str | None = field(default=None, init=False)
    _lost: str | None = field(default=None, init=False)

    async def over(self, proton: Proton) -> bool:
        """Whether the requests were answered well, by all of its pods as they are now; without a Job, one is made.

        Raises RolloutFailed when too many were not, or when they cannot be sent at all.
        """
        wanted = _job_for(self.course.settings, self.warmup, proton)
        job = next((each for each in self.op.mirror.objects(JOB) if _is(each, wanted)), None)
        if wanted is None or (job is not None and is_condemned(job)):
            return False
        if job is None:
            await self.op.create(JOB, wanted)
            self._podless = _now()
        elif not serves_as(job, wanted, pods=_pods(proton)):
            await self.op.delete(JOB, job)  # sent to other pods, or another order: it begins anew
        elif self._good == job["metadata"]["uid"]:
            return True
        elif self._asked is None or _now() - self._asked >= LONGEST_NAP:
            self._asked = _now()
            return await self._ended(proton, job)
        return False

    def words(self) -> str:
        """What it does just now, after "r8 is ready and warms up: "."""
        return self._trouble or request_words(self.warmup)

    async def _ended(self, proton: Proton, job: Body) -> bool:
        pods = await self.op.cluster.list(POD, self.op.namespace, labels=f"{labels.PART}={PART}")
        verdict, pod = assess_warmup(job, pods), pod_of(job, pods)
        if verdict.reason is Reason.NOT_CREATED:
            verdict = await self._refused(job) or verdict
        uid = job["metadata"]["uid"]
        if verdict.failed and pod is None and holds(job, "Complete") and self._lost in (None, uid):
            self._lost = uid  # its pod was drained before anybody read its result: once is no fault of the version
            await self.op.delete(JOB, job)
            return False
        if verdict.failed:
            raise RolloutFailed(_did_not_run(proton, job, verdict), touched=True)
        self._trouble = None if verdict.reason in _AS_IT_SHOULD else f"its requests wait, as {verdict.sentence}"
        if not verdict.ready or pod is None:
            return False
        await self._judge(proton, WarmupResult.parse(result_text(pod)))
        self._good = uid
        return True

    async def _judge(self, proton: Proton, result: WarmupResult | None) -> None:
        if result is None:
            raise RolloutFailed(f"warm-up of {proton.name}: its Job ended and left no result", touched=True)
        await note(self.op, self.course, result)
        wrong = objection(result, self.warmup)
        if wrong is not None:
            raise RolloutFailed(f"warm-up of {proton.name}: {wrong}", touched=True)

    async def _refused(self, job: Body) -> Verdict | None:
        """Why the Job gets no pod, in the server's words: nothing but an event says so."""
        self._podless = self._podless if self._podless is not None else _now()
        if _now() - self._podless < SLOW_SECONDS:
            return None
        name, refusals = job["metadata"]["name"], []
        with contextlib.suppress(Forbidden):  # no right to look at events: the Job's own deadline ends it
            chosen = f"involvedObject.uid={job['metadata']['uid']}"
            events = await self.op.cluster.list(EVENT, self.op.namespace, fields=chosen)
            refusals = [str(each.get("message")) for each in events if each.get("reason") == "FailedCreate"]
        if refusals:
            return assess_refusal(refusals[-1])
        unsaid = f"its Job has no pod; `kubectl -n {self.op.namespace} describe job {name}` says why"
        return Verdict(State.WAITING, Reason.SCHEDULING, unsaid)


def warming(op: Operation, course: Course) -> Warming | None:
    """The requests that a candidate has to answer before it takes over, if any were asked for."""
    return Warming(op, course, course.settings.warmup) if course.settings.warmup is not None else None


def _job_for(settings: ReplacementSettings, warmup: Warmup, proton: Proton) -> Body | None:
    primary = next((each for each in proton.deployments if is_primary_deployment(each)), None)
    if primary is None:
        return None
    program = inspect.getsource(warmup_program)
    return warmup_job(settings, warmup, proton.service, primary=primary, pods=_pods(proton), program=program)


def _is(job: Body, wanted: Body | None) -> bool:
    if wanted is None or job["metadata"]["name"] != wanted["metadata"]["name"]:
        return False
    owner = wanted["metadata"]["ownerReferences"][0]["uid"]
    return any(each["uid"] == owner for each in job["metadata"].get("ownerReferences") or [])


def _pods(proton: Proton) -> list[Body]:
    return [each for each in proton.pods if not is_terminating(each)]


def _now() -> float:
    return asyncio.get_running_loop().time()


def _did_not_run(proton: Proton, job: Body, verdict: Verdict) -> str:
    said = f"the warm-up of {proton.name} did not run: {verdict.sentence}"
    if verdict.reason not in OF_THE_IMAGE:
        return said
    image = job["spec"]["template"]["spec"]["containers"][0]["image"]
    return f"{said}. It needs python3 in {image}; `replacement.warmup.image` may name another image"


async def note(op: Operation, course: Course, result: WarmupResult) -> None:
    """Write what a warm-up came to into the record of the replacement; models serve, and papers follow."""
    if course.record is None:
        return
    change = change_operations(course.record, {labels.WARM_UP: result.written()})
    if not change:
        return
    name = course.record["metadata"]["name"]
    try:
        await op.lock.sure()
        course.record = await op.cluster.patch(CONFIG_MAP, op.namespace, name, change)
    except ClusterError as error:
        op.report.warn(f"{error.message}; the record does not say how the warm-up went")
