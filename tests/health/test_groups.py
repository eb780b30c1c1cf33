"""Deployments and their pods together."""

from typing import Any

import pytest

from inference_provider.health.deployment import assess_group, combine, ready_pods
from inference_provider.health.verdict import Reason, State, Verdict

Body = dict[str, Any]

QUOTA = (
    'pods "w-r2-7c5-" is forbidden: exceeded quota: gpu, requested: requests.nvidia.com/gpu=2, '
    "used: requests.nvidia.com/gpu=7, limited: requests.nvidia.com/gpu=8"
)


def deployment(*, generation: int = 1, observed: int = 1, refused: str | None = None) -> Body:
    conditions = [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]
    if refused:
        conditions.append({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refused})
    return {
        "metadata": {"name": "w-r2", "generation": generation},
        "spec": {"selector": {"matchLabels": {"revision": "r2"}}},
        # Counts that lie, as they do for a moment after every change: nobody may believe them.
        "status": {"observedGeneration": observed, "readyReplicas": 9, "conditions": conditions},
    }


def pod(name: str, *, ready: bool = False, leaving: bool = False, revision: str = "r2", phase: str = "Running") -> Body:
    metadata: Body = {"name": name, "labels": {"revision": revision}}
    if leaving:
        metadata["deletionTimestamp"] = "2026-11-20T10:00:00Z"
    return {
        "metadata": metadata,
        "spec": {"nodeName": "gpu-a", "containers": [{"name": "engine", "image": "e:1", "startupProbe": {}}]},
        "status": {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": "engine", "ready": ready, "started": ready, "state": {"running": {}}}],
        },
    }


def test_a_group_is_ready_when_enough_of_its_pods_are() -> None:
    verdict = assess_group(deployment(), [pod("a", ready=True), pod("b", ready=True)], wanted=2)

    assert verdict == Verdict(State.READY, Reason.READY, "2 of 2 pods ready")


def test_the_worst_pod_speaks_for_its_group() -> None:
    verdict = assess_group(deployment(), [pod("w-r2-abc"), pod("b", ready=True)], wanted=2)

    assert (verdict.state, verdict.reason, verdict.pod) == (State.PROGRESSING, Reason.LOADING, "w-r2-abc")
    assert verdict.message == "1 of 2 pods ready; w-r2-abc: container engine is loading"


def test_a_terminating_pod_is_not_counted_though_it_is_ready() -> None:
    verdict = assess_group(deployment(), [pod("a", ready=True), pod("b", ready=True, leaving=True)], wanted=2)

    assert verdict.reason is Reason.NOT_CREATED
    assert verdict.message == "1 of 2 pods ready; 1 not created yet (b is being deleted)"


def test_an_evicted_pod_does_not_fail_the_group_that_makes_it_anew() -> None:
    gone = pod("a", phase="Failed")
    gone["status"]["reason"] = "Evicted"
    verdict = assess_group(deployment(), [gone], wanted=1)

    assert (verdict.state, verdict.reason) == (State.PROGRESSING, Reason.NOT_CREATED)
    assert "Evicted" in verdict.message


def test_pods_of_another_revision_do_not_help() -> None:
    verdict = assess_group(deployment(), [pod("old", ready=True, revision="r1")], wanted=1)

    assert verdict.message == "0 of 1 pods ready; 1 not created yet"


@pytest.mark.parametrize(
    "body", [None, deployment(generation=3, observed=0), {"metadata": {"name": "w-r2", "generation": 1}, "spec": {}}]
)
def test_a_deployment_that_its_controller_has_never_seen_is_not_ready(body: Body | None) -> None:
    verdict = assess_group(body, [pod("a", ready=True)], wanted=1)

    assert (verdict.state, verdict.reason) == (State.PROGRESSING, Reason.NOT_CREATED)


def test_an_annotation_that_somebody_has_just_changed_takes_no_readiness_and_keeps_no_old_refusal() -> None:
    body = deployment(generation=3, observed=2, refused=QUOTA)

    assert assess_group(body, [pod("a", ready=True)], wanted=1).ready
    assert assess_group(body, [], wanted=1).reason is Reason.NOT_CREATED


def test_a_deployment_that_is_being_deleted_is_not_ready() -> None:
    body = deployment()
    body["metadata"]["deletionTimestamp"] = "2026-11-20T10:00:00Z"

    assert assess_group(body, [pod("a", ready=True)], wanted=1).reason is Reason.TERMINATING


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        (QUOTA, State.WAITING, Reason.QUOTA),
        ('pods "w-" is forbidden: status unknown for quota: gpu, resources: pods', State.WAITING, Reason.ADMISSION),
        ('pods "w-" is forbidden: error looking up service account m/default', State.WAITING, Reason.ADMISSION),
        ("Internal error occurred: failed calling webhook: context deadline exceeded", State.WAITING, Reason.ADMISSION),
        ('admission webhook "x" denied the request: no', State.FAILED, Reason.ADMISSION),
        ('pods "w-" is forbidden: violates PodSecurity "restricted:latest"', State.FAILED, Reason.ADMISSION),
        ('pods "w-" is forbidden: no PriorityClass with name high was found', State.FAILED, Reason.ADMISSION),
        ("something nobody has seen before", State.WAITING, Reason.ADMISSION),
    ],
)
def test_a_refusal_to_make_pods_waits_or_fails_and_quotes_the_server(said: str, state: State, reason: Reason) -> None:
    verdict = assess_group(deployment(refused=said), [], wanted=2)

    assert (verdict.state, verdict.reason) == (state, reason)
    assert verdict.message.startswith("0 of 2 pods ready; ")
    assert verdict.message.endswith(said)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("eu", "ValidatingAdmissionPolicy eu"),
        ("pulumi-inference.models.gdpr", "Policy models/gdpr"),
        ("pulumi-inference.x", "ValidatingAdmissionPolicy pulumi-inference.x"),
    ],
)
def test_a_policy_that_refuses_pods_is_named_and_does_not_change_its_mind(name: str, who: str) -> None:
    said = f"ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: no time-out exceeded. Leave it."
    verdict = assess_group(deployment(refused=f'pods "w-r2-" is forbidden: {said}'), [], wanted=2)

    assert (verdict.state, verdict.reason) == (State.FAILED, Reason.ADMISSION)
    assert verdict.message == f"0 of 2 pods ready; {who} refuses its pods: no time-out exceeded. Leave it"


def test_a_deployment_that_may_not_make_its_replica_set_says_who_refuses() -> None:
    body = deployment()
    said = "replicasets.apps is forbidden: ValidatingAdmissionPolicy 'eu' with binding 'eu' denied request: outside."
    body["status"]["conditions"] = [
        {"type": "Progressing", "status": "False", "reason": "ReplicaSetCreateError", "message": said}
    ]
    verdict = assess_group(body, [], wanted=1)

    assert verdict.failed
    assert "ValidatingAdmissionPolicy eu refuses its pods: outside" in verdict.message


def test_a_refusal_of_yesterday_is_forgotten_once_all_pods_exist() -> None:
    verdict = assess_group(deployment(refused=QUOTA), [pod("a"), pod("b")], wanted=2)

    assert verdict.reason is Reason.LOADING


def test_a_group_of_none_is_ready_at_once() -> None:
    assert assess_group(deployment(), [], wanted=0).ready


def test_ready_pods_counts_those_that_stay() -> None:
    pods = [pod("a", ready=True), pod("b"), pod("c", ready=True, leaving=True), pod("d", ready=True, revision="r1")]

    assert ready_pods(deployment(), pods) == 1


def test_the_worst_group_speaks_for_the_proton() -> None:
    fine = Verdict(State.READY, Reason.READY, "1 of 1 pods ready")
    stuck = Verdict(State.WAITING, Reason.UNSCHEDULABLE, "0 of 4 pods ready; w-0 has no node", pod="w-0")
    verdict = combine({"leader": fine, "worker": stuck})

    assert (verdict.state, verdict.reason, verdict.pod) == (State.WAITING, Reason.UNSCHEDULABLE, "w-0")
    assert verdict.message == "1 of 2 groups ready; worker: 0 of 4 pods ready; w-0 has no node"


def test_a_proton_is_ready_when_all_its_groups_are() -> None:
    fine = Verdict(State.READY, Reason.READY, "1 of 1 pods ready")

    assert combine({"leader": fine, "worker": fine}).message == "leader: 1 of 1 pods ready; worker: 1 of 1 pods ready"
    assert combine({"only": fine}) == fine


def test_a_proton_without_groups_is_not_ready() -> None:
    assert combine({}).reason is Reason.NOT_CREATED


def test_a_pod_is_the_subject_of_what_is_said_of_it() -> None:
    assert Verdict(State.WAITING, Reason.SCHEDULING, "is not scheduled yet", pod="w-0").sentence == (
        "w-0 is not scheduled yet"
    )
    said = "container vllm crashes again and again"
    assert Verdict(State.FAILED, Reason.CRASH_LOOP, said, pod="w-0").sentence == f"w-0: {said}"
    assert Verdict(State.WAITING, Reason.QUOTA, "no room in the quota").sentence == "no room in the quota"
