"""What a container group's state means: one Deployment together with its pods.

The Deployment's own counts are never asked. Its controller may lag behind, and its ``Progressing`` stays "True"
while a quota refuses every pod.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from inference_provider.health.conditions import condition, holds, is_observed, is_terminating, name_of
from inference_provider.health.pod import assess_pod
from inference_provider.health.refusal import assess_refusal
from inference_provider.health.verdict import Reason, State, Verdict, worst
from inference_provider.manifests.kinds import Body


def assess_group(deployment: Body | None, pods: Sequence[Body], *, wanted: int) -> Verdict:
    """Judge one group; ``pods`` may hold pods of others too, the Deployment's selector sorts them out.

    READY means: the Deployment's controller has ever seen it, and at least ``wanted`` pods that are not being deleted
    are Ready. Otherwise the worst pod, or the refusal to make one, gives state and reason.
    """
    if deployment is None:
        return Verdict(State.PROGRESSING, Reason.NOT_CREATED, "its Deployment is not created yet")
    if is_terminating(deployment):
        return Verdict(State.PROGRESSING, Reason.TERMINATING, "its Deployment is being deleted")
    # Any edit of an annotation makes a new generation, so one that is not seen yet says nothing about the pods.
    if not is_observed(deployment) and not (deployment.get("status") or {}).get("observedGeneration"):
        return Verdict(State.PROGRESSING, Reason.NOT_CREATED, "its Deployment is new to the Deployment controller")
    own = pods_of(deployment, pods)
    verdicts = sorted((assess_pod(pod) for pod in own if counts(pod)), key=lambda verdict: verdict.pod or "")
    ready = sum(verdict.ready for verdict in verdicts)
    said = f"{ready} of {wanted} pods ready"
    if ready >= wanted:
        return Verdict(State.READY, Reason.READY, said)
    missing = _missing(deployment, own, short=wanted - len(verdicts))
    cause = worst([*(one for one in verdicts if not one.ready), *missing])
    return replace(cause, message=f"{said}; {cause.sentence}")


def combine(verdicts: Mapping[str, Verdict]) -> Verdict:
    """One verdict over all groups of a proton, by group name: the worst speaks for all."""
    if not verdicts:
        return Verdict(State.PROGRESSING, Reason.NOT_CREATED, "no container group is created yet")
    chosen = worst(verdicts.values())
    if len(verdicts) == 1:
        return chosen
    if chosen.ready:
        return replace(chosen, message="; ".join(f"{group}: {one.message}" for group, one in verdicts.items()))
    group = next(name for name, one in verdicts.items() if one is chosen)
    ready = sum(one.ready for one in verdicts.values())
    return replace(chosen, message=f"{ready} of {len(verdicts)} groups ready; {group}: {chosen.message}")


def pods_of(deployment: Body, pods: Sequence[Body]) -> list[Body]:
    """Those of the pods that carry the Deployment's ``matchLabels`` (ours never use ``matchExpressions``)."""
    wanted = ((deployment.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    return [pod for pod in pods if wanted.items() <= ((pod.get("metadata") or {}).get("labels") or {}).items()]


def counts(pod: Body) -> bool:
    """Whether the ReplicaSet still counts on this pod: one that is leaving or has ended is being made anew."""
    return not is_terminating(pod) and (pod.get("status") or {}).get("phase") not in {"Failed", "Succeeded"}


def ready_pods(deployment: Body, pods: Sequence[Body]) -> int:
    """How many of the Deployment's pods are Ready and stay, for outputs such as ``readyReplicas``."""
    return sum(counts(pod) and assess_pod(pod).ready for pod in pods_of(deployment, pods))


def _missing(deployment: Body, own: Sequence[Body], *, short: int) -> list[Verdict]:
    # Once all pods exist, a refusal still noted on the Deployment is yesterday's.
    if short <= 0:
        return []
    refused = _refusal(deployment) if is_observed(deployment) else {}
    if refused:
        return [assess_refusal(str(refused.get("message") or "no message"))]
    gone = [f"{name_of(pod)} {assess_pod(pod).message}" for pod in own if not counts(pod)]
    after = f" ({gone[-1]})" if gone else ""
    return [Verdict(State.PROGRESSING, Reason.NOT_CREATED, f"{short} not created yet{after}")]


def _refusal(deployment: Body) -> Body:
    """The condition that says why pods, or the ReplicaSet that would make them, are refused; empty when none does."""
    progress = condition(deployment, "Progressing")
    if progress.get("reason") == "ReplicaSetCreateError":
        return progress
    return condition(deployment, "ReplicaFailure") if holds(deployment, "ReplicaFailure") else {}
