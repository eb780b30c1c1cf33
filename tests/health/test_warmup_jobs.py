"""How the Job of a warm-up fares, told from the Job and its pods."""

from inference_provider.health.verdict import Reason, State
from inference_provider.health.warmup import assess_warmup, pod_of, result_text
from inference_provider.manifests.kinds import Body

#: Ended well, with a result.
RAN = [{"name": "warm-up", "state": {"terminated": {"exitCode": 0, "reason": "Completed", "message": "{}"}}}]


def job(**conditions: str) -> Body:
    """A Job with these conditions, each with a reason."""
    held = [{"type": kind, "status": "True", "reason": why, "message": "so"} for kind, why in conditions.items()]
    return {"metadata": {"name": "chat-r2-warm", "uid": "job"}, "status": {"conditions": held}}


def pod(phase: str, made: str = "2026-11-21T12:00:00Z", *, owner: str = "job", **status: object) -> Body:
    """A pod of the Job, or of somebody else."""
    meta = {"name": f"warm-{made[-3:-1]}", "creationTimestamp": made, "ownerReferences": [{"uid": owner}]}
    spec = {"nodeName": "gpu-1", "containers": [{"name": "warm-up"}, {"name": "mesh"}]}
    return {"metadata": meta, "spec": spec, "status": {"phase": phase, **status}}


def test_pods_of_other_jobs_say_nothing() -> None:
    assert assess_warmup(job(), [pod("Failed", owner="other")]).reason is Reason.NOT_CREATED


def test_a_pod_that_has_ended_well_speaks_for_all() -> None:
    early, late = pod("Succeeded", containerStatuses=RAN), pod("Running", "2026-11-21T12:00:09Z")
    assert pod_of(job(), [late, early]) is early
    assert assess_warmup(job(), [late, early]).ready


def test_a_pod_that_its_node_took_along_is_made_anew_unless_its_job_has_given_up() -> None:
    taken = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
    drained = pod("Failed", conditions=[taken])
    assert assess_warmup(job(), [drained]).state is State.PROGRESSING
    assert assess_warmup(job(Failed="BackoffLimitExceeded"), [drained]).failed


def test_a_sidecar_that_stays_does_not_hold_the_result_back() -> None:
    meshed = pod("Running", containerStatuses=[*RAN, {"name": "mesh", "state": {"running": {}}}])
    assert assess_warmup(job(), [meshed]).ready
    assert result_text(meshed) == "{}"


def test_a_job_whose_time_was_over_is_told_in_its_own_words() -> None:
    verdict = assess_warmup(job(Failed="DeadlineExceeded"), [])
    assert (verdict.failed, verdict.message) == (True, "its Job ended (DeadlineExceeded): so")


def test_a_pod_that_somebody_deleted_took_its_result_along() -> None:
    assert "deleted before its result was read" in assess_warmup(job(Complete="Completed"), []).message


def test_a_program_that_died_is_told_with_what_it_left() -> None:
    end = {"exitCode": 1, "reason": "Error", "message": "no module\n  named json"}
    died = pod("Failed", containerStatuses=[{"name": "warm-up", "state": {"terminated": end}}])
    verdict = assess_warmup(job(Failed="BackoffLimitExceeded"), [died])
    assert verdict.message == "container warm-up ended with exit code 1 (Error): no module named json"
