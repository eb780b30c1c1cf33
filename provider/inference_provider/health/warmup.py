"""How the Job of a warm-up fares: whether its pod gets to run at all. What the requests came to is judged elsewhere."""

from collections.abc import Sequence

from inference_provider.health.conditions import condition, holds, is_terminating
from inference_provider.health.pod import assess_pod
from inference_provider.health.pod_parts import containers_of
from inference_provider.health.verdict import Reason, State, Verdict
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import is_owned_by
from inference_provider.manifests.warmup import CONTAINER

#: A message longer than this hides what it says at its beginning.
_LONGEST = 300
#: What another image may mend.
OF_THE_IMAGE = (Reason.IMAGE_PULL, Reason.CONFIG_ERROR, Reason.CONTAINER_ERROR)


def assess_warmup(job: Body, pods: Sequence[Body]) -> Verdict:
    """READY once its container has ended well; FAILED when it never will. ``pods`` may hold pods of others too."""
    pod = pod_of(job, pods)
    if pod is None:
        return _without_a_pod(job)
    if _sent(pod):
        return Verdict(State.READY, Reason.READY, "it has sent its requests")
    phase = (pod.get("status") or {}).get("phase")
    if phase == "Failed":
        return _failed(job, pod)
    found = assess_pod(pod)
    if phase == "Running":
        return Verdict(State.PROGRESSING, Reason.LOADING, "it sends its requests", pod=found.pod)
    return found


def pod_of(job: Body, pods: Sequence[Body]) -> Body | None:
    """The pod that speaks for the Job: the one that has ended well, else the last one made that still counts."""
    own = [each for each in pods if is_owned_by(each, job)]
    done = [each for each in own if _sent(each)]
    alive = [each for each in own if not is_terminating(each)]
    made = sorted(done or alive, key=lambda each: str(each["metadata"].get("creationTimestamp", "")))
    return made[-1] if made else None


def result_text(pod: Body) -> str | None:
    """What the container that sends has left behind."""
    message = (_end(pod) or {}).get("message")
    return str(message) if message else None


def _sent(pod: Body) -> bool:
    """Not asked of the pod's phase: a sidecar that others put into it may stay for ever."""
    end = _end(pod)
    return end is not None and end.get("exitCode") == 0


def _end(pod: Body) -> Body | None:
    return next((each.terminated for each in containers_of(pod) if each.name == CONTAINER), None)


def _without_a_pod(job: Body) -> Verdict:
    ended = condition(job, "Failed")
    if ended.get("status") == "True":
        text = f"its Job ended ({ended.get('reason')}): {ended.get('message') or 'no message'}"
        return Verdict(State.FAILED, Reason.TERMINATING, text)
    if holds(job, "Complete"):
        return Verdict(State.FAILED, Reason.TERMINATING, "its pod was deleted before its result was read")
    return Verdict(State.PROGRESSING, Reason.NOT_CREATED, "it has no pod yet")


def _failed(job: Body, pod: Body) -> Verdict:
    """A pod that a node took along is replaced by its Job, unless that has given up."""
    if holds(pod, "DisruptionTarget") and not holds(job, "Failed"):
        return Verdict(State.PROGRESSING, Reason.EVICTED, "its pod was taken along by its node; it begins anew")
    found = assess_pod(pod)
    said = " ".join((result_text(pod) or "").split())[:_LONGEST]
    return Verdict(found.state, found.reason, f"{found.message}: {said}" if said else found.message, pod=found.pod)
