"""What is left to read of a pod whose kubelet fell silent."""

import pytest

from inference_provider.health.deployment import assess_group, ready_pods
from inference_provider.health.endpoints import listed_uids
from inference_provider.health.pod import assess_pod, is_stranded
from inference_provider.health.verdict import Reason
from inference_provider.manifests.kinds import Body

DEPLOYMENT: Body = {
    "metadata": {"name": "chat-r1", "generation": 1},
    "spec": {"selector": {"matchLabels": {"app": "chat"}}},
    "status": {"observedGeneration": 1},
}


def pod(name: str = "chat-r1-x", *, deleted: bool = False, containers: str = "True", **spec: object) -> Body:
    """A pod that has run on a node; the node controller has taken its readiness back."""
    gone = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleted else {}
    conditions = [{"type": "ContainersReady", "status": containers}, {"type": "Ready", "status": "False"}]
    return {
        "metadata": {"name": name, "labels": {"app": "chat"}, **gone},
        "spec": {"nodeName": "gpu-1", "containers": [], **spec},
        "status": {"phase": "Running", "conditions": conditions},
    }


def test_a_pod_of_a_silent_node_is_not_counted_and_its_node_is_named() -> None:
    verdict = assess_group(DEPLOYMENT, [pod()], wanted=1)

    assert verdict.reason is Reason.NODE_LOST
    assert verdict.message == "0 of 1 pods ready; chat-r1-x: its node gpu-1 does not answer"
    assert ready_pods(DEPLOYMENT, [pod()]) == 0


def test_a_pod_that_is_deleted_on_a_silent_node_hangs_there() -> None:
    assert is_stranded(pod(deleted=True))
    assert assess_pod(pod(deleted=True)).message == "is being deleted, and hangs: its node gpu-1 does not answer"
    assert "gpu-1" in assess_group(DEPLOYMENT, [pod(deleted=True)], wanted=1).message


@pytest.mark.parametrize(
    "other",
    [
        pod(),
        pod(deleted=True, containers="False"),
        pod(deleted=True, readinessGates=[{"conditionType": "lb.example/target-health"}]),
    ],
    ids=["is not deleted", "is ending as it should", "waits for a gate"],
)
def test_other_pods_do_not_hang(other: Body) -> None:
    assert not is_stranded(other)


def test_an_endpoint_that_ends_and_serves_no_more_is_never_waited_for() -> None:
    def endpoint(uid: str, **conditions: bool) -> Body:
        return {"conditions": conditions, "targetRef": {"uid": uid}}

    hung = endpoint("hung", ready=False, serving=False, terminating=True)
    draining = endpoint("draining", ready=False, serving=True, terminating=True)
    loading = endpoint("loading", ready=False, serving=False, terminating=False)

    assert listed_uids([{"endpoints": [hung, draining, loading]}]) == {"draining", "loading"}
