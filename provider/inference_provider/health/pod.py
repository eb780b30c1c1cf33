"""What one pod's state means.

The order of the checks explains itself: is it still ours to count, does it serve, has it a node, and only then
what its containers do.
"""

import re
from dataclasses import replace

from inference_provider.health.conditions import condition, holds, is_terminating, name_of
from inference_provider.health.container import assess_container
from inference_provider.health.pod_parts import containers_of
from inference_provider.health.verdict import Reason, State, Verdict, worst
from inference_provider.manifests.kinds import Body

#: ``status.reason`` of pods whose node went away under them.
_LOST = {"NodeLost", "NodeShutdown", "Shutdown", "Terminated"}

#: A longer text would hide the number that matters at its beginning.
_LONGEST = 300

#: What the scheduler goes on to say after it has told why no node fits.
_AFTERTHOUGHTS = re.compile(r"\s(?:no new claims to deallocate,|preemption:).*")


def assess_pod(pod: Body) -> Verdict:
    """Judge one pod, whatever its age: a missing status means that it was made a moment ago.

    ``message`` does not repeat the pod's name; ``pod`` and, where one container is the cause, ``container`` have it.
    """
    verdict = _lost(pod) or _ending(pod) or _serving(pod) or _unscheduled(pod) or _starting(pod)
    return replace(verdict, pod=name_of(pod))


def _lost(pod: Body) -> Verdict | None:
    status = pod.get("status") or {}
    word = str(status.get("reason") or "")
    if word not in _LOST and status.get("phase") != "Unknown":
        return None
    said = _condensed(str(status.get("message") or word or "it does not answer"))
    return Verdict(State.PROGRESSING, Reason.NODE_LOST, f"its node {node_of(pod)} is lost: {said}")


def _ending(pod: Body) -> Verdict | None:
    if is_terminating(pod):
        hangs = f", and hangs: its node {node_of(pod)} does not answer" if is_stranded(pod) else ""
        return Verdict(State.PROGRESSING, Reason.TERMINATING, f"is being deleted{hangs}")
    status = pod.get("status") or {}
    phase, word = status.get("phase"), str(status.get("reason") or "")
    if phase == "Succeeded":
        return Verdict(State.PROGRESSING, Reason.TERMINATING, "has finished")
    if phase != "Failed":
        return None
    if word:
        text = f"was ended by its node ({word}): {_condensed(str(status.get('message') or 'no message'))}"
        return Verdict(State.FAILED, Reason.EVICTED, text)
    return _finished_badly(pod)


def _finished_badly(pod: Body) -> Verdict:
    for container in containers_of(pod):
        end = container.terminated or {}
        code = end.get("exitCode")
        if code:
            reason = Reason.OUT_OF_MEMORY if end.get("reason") == "OOMKilled" else Reason.CONTAINER_ERROR
            text = f"container {container.name} ended with exit code {code} ({end.get('reason') or 'Error'})"
            return Verdict(State.FAILED, reason, text, container=container.name)
    return Verdict(State.FAILED, Reason.CONTAINER_ERROR, "has failed; no container says why")


def _serving(pod: Body) -> Verdict | None:
    return Verdict(State.READY, Reason.READY, "is ready") if holds(pod, "Ready") else None


def _unscheduled(pod: Body) -> Verdict | None:
    scheduled = condition(pod, "PodScheduled")
    said = _condensed(str(scheduled.get("message") or "no message"))
    if scheduled.get("reason") == "Unschedulable" and scheduled.get("status") == "False":
        return Verdict(State.WAITING, Reason.UNSCHEDULABLE, f"has no node: {said}")
    if scheduled.get("reason") == "SchedulingGated":
        return Verdict(State.WAITING, Reason.UNSCHEDULABLE, f"is held back by a scheduling gate: {said}")
    if (pod.get("spec") or {}).get("nodeName") or scheduled.get("status") == "True":
        return None
    return Verdict(State.PROGRESSING, Reason.SCHEDULING, "is not scheduled yet")


def _starting(pod: Body) -> Verdict:
    containers = containers_of(pod)
    found = worst(assess_container(one) for one in containers) if containers else None
    if found is None or found.ready:
        return _ready_but_for(pod)
    return replace(found, message=_condensed(found.message))


def _ready_but_for(pod: Body) -> Verdict:
    closed = _closed_gates(pod)
    if closed:
        return Verdict(State.PROGRESSING, Reason.NOT_READY, f"waits for the readiness gate {', '.join(closed)}")
    if _node_is_silent(pod):
        return Verdict(State.PROGRESSING, Reason.NODE_LOST, f"its node {node_of(pod)} does not answer")
    return Verdict(State.PROGRESSING, Reason.NOT_READY, "is not ready, though its containers are")


def _closed_gates(pod: Body) -> list[str]:
    gates = [str(gate.get("conditionType")) for gate in (pod.get("spec") or {}).get("readinessGates") or []]
    return [gate for gate in gates if not holds(pod, gate)]


def _node_is_silent(pod: Body) -> bool:
    """Ready withdrawn while ContainersReady stays: the node controller does that when a kubelet falls silent."""
    withdrawn = holds(pod, "ContainersReady") and condition(pod, "Ready").get("status") == "False"
    return withdrawn and not _closed_gates(pod)


def node_of(pod: Body) -> str:
    """The node's name, or "unknown" for a pod that has none."""
    return str((pod.get("spec") or {}).get("nodeName") or "unknown")


def is_stranded(pod: Body) -> bool:
    """Whether it was deleted and nobody ends it, because its node fell silent while it was ready.

    It gets no traffic, and its GPUs are those of a node that takes no pods. It goes when the node comes back or its
    Node is deleted, and neither may ever happen.
    """
    silent = _node_is_silent(pod) or (pod.get("status") or {}).get("phase") == "Unknown"
    return is_terminating(pod) and silent


def stranded_words(pod: Body) -> str:
    """What to tell about a stranded pod, and what ends it."""
    node = node_of(pod)
    return (
        f"pod {name_of(pod)} was deleted and hangs on node {node}, which does not answer. It goes when the node is "
        f"back, or with `kubectl delete node {node}`"
    )


def _condensed(message: str) -> str:
    """The message on one line and not endless; the scheduler's without its afterthoughts about preemption."""
    text = _AFTERTHOUGHTS.sub("", " ".join(message.split())).rstrip(". ")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
