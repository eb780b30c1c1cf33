"""Waiting until a proton is ready, and stays so: the verdicts come from its pods, the patience from its probes."""

import asyncio
from collections.abc import Collection

from inference_provider.converge.candidate import retire
from inference_provider.converge.capacity import Room
from inference_provider.converge.operation import Operation
from inference_provider.converge.redact import without_secrets
from inference_provider.converge.standing import Standing
from inference_provider.errors import ClusterError, RolloutFailed
from inference_provider.health.budget import ready_seconds
from inference_provider.health.conditions import condition
from inference_provider.health.deployment import assess_group, combine
from inference_provider.health.pod import node_of
from inference_provider.health.root_cause import log_source
from inference_provider.health.verdict import Reason, State, Verdict
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import NODE, Body
from inference_provider.rollout.fleet import Proton

LOG_LINES = 8
_STARTED = (Reason.LOADING, Reason.NOT_READY)
#: What a proton waits for when there is no room for it.
_NO_ROOM = (Reason.UNSCHEDULABLE, Reason.QUOTA)


def assess(proton: Proton) -> Verdict:
    """One verdict over all groups of a proton; a group needs as many ready pods as its Deployment wants."""
    return combine({group: _assess(proton, group) for group in proton.replicas()})


def _assess(proton: Proton, group: str) -> Verdict:
    deployment = _deployment(proton, group)
    return assess_group(deployment, proton.pods_of(group), wanted=proton.replicas()[group])


def _deployment(proton: Proton, group: str) -> Body | None:
    return next((each for each in proton.deployments if label(each, labels.GROUP) == group), None)


class Patience:
    """How long each pod has been started without being ready, against what its probes allow."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def exhausted(self, proton: Proton) -> Verdict | None:
        """A failed verdict for the first pod whose probes should long have succeeded, or None."""
        now = asyncio.get_running_loop().time()
        for group in proton.replicas():
            deployment = _deployment(proton, group)
            allowed = ready_seconds(deployment) if deployment else 0.0
            for pod in proton.pods_of(group):
                verdict = assess_group(deployment, [pod], wanted=1)
                uid = pod["metadata"]["uid"]
                if verdict.reason not in _STARTED:
                    self._since.pop(uid, None)
                elif now - self._since.setdefault(uid, now) > allowed:
                    return _late(pod, allowed)
        return None


def _late(pod: Body, allowed: float) -> Verdict:
    name = pod["metadata"]["name"]
    message = (
        f"{name} on node {node_of(pod)} runs but is not ready after {allowed:.0f} s, which is all that its probes allow"
    )
    return Verdict(State.FAILED, Reason.NOT_READY, message, pod=name)


async def prove(
    op: Operation,
    revision: int,
    *,
    groups: Collection[str],
    standing: Standing | None = None,
    room_seconds: float | None = None,
) -> None:
    """Return once every group of the proton is ready, and has shown what ``standing`` asks for.

    Raises RolloutFailed with the root cause and the last log lines, DeadlineExceeded, LockLost, or NoRoom once it
    has waited ``room_seconds`` for nodes or a quota. ``groups`` are those that must exist at all.
    """
    patience, room, standing = Patience(), Room(room_seconds), standing or Standing()
    while True:
        version = op.mirror.version
        proton = op.fleet().proton(revision)
        if proton is None:
            raise RolloutFailed(f"r{revision} was deleted by somebody else while it was starting", touched=True)
        lost = set(groups) - set(proton.replicas())
        if lost:  # they were seen before this began
            which = ", ".join(sorted(lost))
            raise RolloutFailed(
                f"the Deployment of group {which} of r{revision} was deleted by somebody else", touched=True
            )
        verdict = assess(proton)
        failure = verdict if verdict.failed else patience.exhausted(proton)
        if failure is not None and (silent := await _silent_node(op, proton, failure)) is not None:
            failure, verdict = None, silent
        if failure is not None:
            said, logged = await explain(op, proton, failure)
            raise RolloutFailed(said, touched=True, detail=logged)
        if await standing.shown(proton, ready=verdict.ready):
            return
        if (kept := await _in_the_way(op, proton, verdict, room=room)) is not None:
            await retire(op, kept, why=f"{proton.name} needs its GPUs")
            room = Room(room_seconds)
            continue
        text = standing.words(proton) or await _said(op, proton, verdict, room=room)
        op.report.status(text)
        room.check(waits=verdict.reason in _NO_ROOM, text=text)
        await op.pause(version, waiting_for=f"waiting: {text}")


async def _in_the_way(op: Operation, proton: Proton, verdict: Verdict, *, room: Room) -> Proton | None:
    """The kept version that has to go, so that this one finds nodes, or room in a quota."""
    match verdict.reason:
        case Reason.UNSCHEDULABLE:
            return await room.in_the_way(op, proton)
        case Reason.QUOTA:
            return await room.over_quota(op, proton)
        case _:
            return None


async def _silent_node(op: Operation, proton: Proton, failure: Verdict) -> Verdict | None:
    """Not the pod's fault: its node died while it was loading. Kubernetes makes another one within minutes.

    Pods do not tell this themselves: the node controller only takes back what had been ready.
    """
    pod = next((each for each in proton.pods if each["metadata"]["name"] == failure.pod), None)
    if failure.reason is not Reason.NOT_READY or pod is None:
        return None
    try:
        nodes = await op.cluster.list(NODE, None, fields=f"metadata.name={node_of(pod)}")
    except ClusterError:  # no right to look at nodes
        return None
    if not any(condition(node, "Ready").get("status") == "Unknown" for node in nodes):
        return None
    return Verdict(State.PROGRESSING, Reason.NODE_LOST, f"{failure.pod}: its node {node_of(pod)} does not answer")


async def _said(op: Operation, proton: Proton, verdict: Verdict, *, room: Room) -> str:
    if verdict.reason is Reason.UNSCHEDULABLE:
        counted = await room.said(op, proton)
        return f"{proton.name} {counted}" if counted else f"{proton.name} waits for a node: {verdict.message}"
    return f"{proton.name}: {verdict.message}"


async def explain(op: Operation, proton: Proton, verdict: Verdict) -> tuple[str, str]:
    """The root cause in one sentence, and the last lines that the container logged (empty when there are none)."""
    said = f"{proton.name} did not become ready: {verdict.message}"
    source = log_source(verdict, proton.pods)
    if source is None:
        return said, ""
    pod = next(each for each in proton.pods if each["metadata"]["name"] == source.pod)
    try:
        text = await op.cluster.logs(
            op.namespace, source.pod, container=source.container, previous=source.previous, lines=LOG_LINES
        )
        lines = (await without_secrets(op.cluster, pod, text)).strip()
    except ClusterError:  # no log, or one that may hold what we cannot recognise as secret
        return said, ""
    return said, f"Last lines of {source.container} in {source.pod}:\n{lines}" if lines else ""
