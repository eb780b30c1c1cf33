"""`pulumi-inference status`: what a person reads who asks what serves."""

import json

import pytest

from inference_provider.errors import Forbidden, RolloutFailed
from inference_provider.manifests.kinds import LEASE, SERVICE
from inference_provider.resources.world import Properties
from tests.cli.desk import Desk, unreachable
from tests.resources.outside import chat, llama, runtime
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate

KEEP: Properties = {"keepOldVersionMinutes": 5.0}


def serving(desk: Desk, image: str = "vllm/vllm:v1", *, olds: Properties | None = None, **more: object) -> Properties:
    """A Workload that serves two pods."""
    made = desk.does(desk.outside.artifact(llama(image), {**llama(), "images": {}} if olds else None))
    more = {"runtime": runtime(replicas=2), "replacement": KEEP, **more}
    return desk.does(desk.outside.workload(chat(made["versionId"], **more), olds))


def lease(holder: str, *, renewed: str = "2026-11-21T03:00:10Z") -> dict[str, object]:
    """The lock of Workload chat."""
    meta = {"name": "chat", "namespace": "models", "labels": {"pulumi-inference.dev/workload": "chat"}}
    times = {"acquireTime": "2026-11-21T03:00:00Z", "renewTime": renewed, "leaseDurationSeconds": 15}
    return {"metadata": meta, "spec": {"holderIdentity": holder, **times}}


def test_what_serves_is_said_with_its_pods_and_since_when(desk: Desk) -> None:
    out = serving(desk)

    said = desk.types("status", "chat")

    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0] == "models/chat  running"
    assert "http://chat.models.svc.cluster.local" in lines[1]
    assert "r1 serves since" in lines[2]
    assert f"{str(out['activeArtifactId']).removeprefix('models/')}, 2 of 2 pods ready" in lines[3]
    assert [line.split()[1:] for line in lines[4:6]] == [
        ["chat-r1-001", "ready", "gpu-1"],
        ["chat-r1-002", "ready", "gpu-1"],
    ]
    assert "r1  create  completed  ann" in lines[-1]


def test_what_load_decides_is_said_beside_what_serves(desk: Desk) -> None:
    policy = {"scalingMetric": "gpuRequestQueueDepth", "target": 4.0, "minCount": 2.0, "maxCount": 8.0}
    serving(desk, runtime={"containerGroups": [{"autoscaling": {"policies": [policy]}}]})

    assert "2 to 8 pods, by load (gpuRequestQueueDepth)" in desk.types("status", "chat").stdout

    told = json.loads(desk.types("status", "chat", "-o", "json").stdout)
    assert told["scaled"] == [{"group": "default", "least": 2, "most": 8, "metrics": ["gpuRequestQueueDepth"]}]


def test_a_kept_version_comes_with_its_end_and_the_way_back_to_it(desk: Desk) -> None:
    serving(desk, "vllm/vllm:v2", olds=serving(desk))

    said = desk.types("status", "chat", "-n", "models", "--context", "the lab").stdout

    assert "r2 serves since" in said
    assert "r1 is kept until 2031-" in said
    assert "`pulumi-inference undo chat -n models --context 'the lab'` goes back to it without loading" in said


def test_a_failure_that_is_kept_is_told_once(desk: Desk) -> None:
    out = serving(desk)
    desk.outside.controllers.fate = lambda _: Fate(ready_after=None)
    with pytest.raises(RolloutFailed):
        serving(desk, "vllm/vllm:v2", olds=out, replacement={"onFailure": "keep"})

    said = desk.types("status", "chat").stdout

    assert "r1 serves since" in said
    assert "r2 failed and stays for a look until" in said
    assert said.count("is not ready after") == 1
    assert "chat-r2-003  loading  gpu-1" in said
    assert "r2  replacement  errored    ann" in said


def test_a_failure_that_was_removed_is_told_by_the_history(desk: Desk) -> None:
    out = serving(desk)
    desk.outside.controllers.fate = lambda _: Fate(ready_after=None)
    with pytest.raises(RolloutFailed):
        serving(desk, "vllm/vllm:v2", olds=out)

    said = desk.types("status", "chat").stdout

    assert "r2 failed" not in said
    assert said.count("is not ready after") == 1


def test_the_holder_of_the_lock_is_named(desk: Desk) -> None:
    serving(desk)
    desk.does(desk.cluster.create(LEASE, lease("root@vm/17595/abc")))

    said = desk.types("status", "chat").stdout

    assert "worked on by root@vm/17595/abc" in said
    assert "it seems to have died: the next `pulumi up` or command takes over" in said


def test_a_lock_that_was_given_back_is_no_news(desk: Desk) -> None:
    serving(desk)
    desk.does(desk.cluster.create(LEASE, lease("")))

    assert "worked on" not in desk.types("status", "chat").stdout


def test_without_the_right_to_see_locks_the_rest_is_said(desk: Desk) -> None:
    serving(desk)
    refusal = Forbidden("list", kind="Lease", namespace="models", name="*", said="no right")
    desk.cluster.faults.append(Fault("list", LEASE, refusal))

    said = desk.types("status", "chat")

    assert said.exit_code == 0
    assert "r1 serves since" in said.stdout
    assert "no right to list leases in namespace models: whether a `pulumi up` runs is unknown" in said.stdout


def test_a_selector_that_somebody_changed_is_an_alarm(desk: Desk) -> None:
    serving(desk)
    stranger = [{"op": "replace", "path": "/spec/selector", "value": {"app": "mine"}}]
    desk.does(desk.cluster.patch(SERVICE, "models", "chat", stranger))

    said = desk.types("status", "chat").stdout

    assert "r1 is active, but gets no traffic" in said
    assert "nothing of ours gets its traffic; the next `pulumi up` puts it right" in said


def test_a_name_that_is_not_there_is_answered_with_those_that_are(desk: Desk) -> None:
    serving(desk)

    said = desk.types("status", "chta")

    assert (said.exit_code, said.stdout) == (3, "")
    assert said.stderr == "error: could not find Workload models/chta: it is not there. There are: chat\n"


def test_a_service_of_somebody_else_is_no_workload(desk: Desk) -> None:
    desk.does(desk.cluster.create(SERVICE, {"metadata": {"name": "web", "namespace": "models"}, "spec": {}}))

    assert "There is none in namespace models; name another one with -n" in desk.types("status", "web").stderr


def test_all_workloads_of_a_namespace_have_a_row_each(desk: Desk) -> None:
    out = serving(desk)
    desk.does(desk.outside.workload({**chat(out["artifactId"]), "name": "summaries"}))

    rows = [line.split() for line in desk.types("status").stdout.splitlines()]

    version = str(out["activeArtifactId"]).removeprefix("models/")
    assert rows[0] == ["NAME", "STATUS", "REVISION", "VERSION", "READY", "TRAFFIC", "HELD", "SINCE"]
    assert [row[:7] for row in rows[1:]] == [
        ["chat", "running", "r1", version, "2/2", "r1", "-"],
        ["summaries", "running", "r1", version, "1/1", "r1", "-"],
    ]
    assert rows[1][8] == "s"


def test_after_a_step_back_the_time_is_that_of_the_step(desk: Desk) -> None:
    out = serving(desk)
    second = serving(desk, "vllm/vllm:v2", olds=out)
    desk.does(desk.outside.workload(chat(out["artifactId"], runtime=runtime(replicas=2), replacement=KEEP), second))

    seen = json.loads(desk.types("status", "chat", "--json").stdout)

    assert seen["revision"] == "r1"
    assert [(past["revision"], past["kind"], past["backTo"]) for past in seen["records"]][2] == ("r3", "undo", "r1")
    assert seen["since"] == seen["records"][2]["switched"]
    assert json.loads(desk.types("status", "--json").stdout)[0]["since"] == seen["since"]


def test_programs_get_everything_as_json(desk: Desk) -> None:
    out = serving(desk, "vllm/vllm:v2", olds=serving(desk))

    seen = json.loads(desk.types("status", "chat", "--json").stdout)

    assert (seen["namespace"], seen["name"], seen["status"]) == ("models", "chat", "running")
    assert (seen["artifactId"], seen["endpoint"]) == (out["activeArtifactId"], out["endpoint"])
    assert (seen["ready"], seen["wanted"], seen["traffic"], seen["lock"]) == (2, 2, ["r2"], None)
    assert [(each["revision"], each["role"]) for each in seen["versions"]] == [("r1", "retained"), ("r2", "active")]
    assert [each["outcome"] for each in seen["records"]] == ["completed", "completed"]


def test_a_namespace_without_workloads_says_so(desk: Desk) -> None:
    said = desk.types("status", "-n", "other")

    assert (said.exit_code, said.stdout) == (0, "")
    assert said.stderr == "There is no Workload in namespace other; name another one with -n, or see all with -A.\n"
    assert desk.types("status", "-n", "other", "--json").stdout == "[]\n"


def test_a_cluster_that_does_not_answer_is_one_sentence(desk: Desk) -> None:
    desk.closed = unreachable()

    said = desk.types("status")

    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr.startswith("error: could not log in to cluster lab: no answer from")


def test_ctrl_c_while_looking_changes_nothing(desk: Desk) -> None:
    desk.closed = KeyboardInterrupt()

    said = desk.types("status")

    assert (said.exit_code, said.stderr) == (130, "interrupted: nothing was changed\n")


def test_a_mistake_of_ours_is_one_line_that_repeats_nothing(desk: Desk) -> None:
    desk.closed = RuntimeError("hunter2")

    said = desk.types("status")

    assert said.exit_code == 1
    assert said.stderr.startswith("error: unexpected RuntimeError in cli/call.py:")
    assert "hunter2" not in said.stderr


def test_a_version_that_waits_for_promotion_comes_with_both_ways(desk: Desk) -> None:
    manual: Properties = {"promotion": "manual"}
    serving(desk, "vllm/vllm:v2", olds=serving(desk, replacement=manual), replacement=manual)

    said = desk.types("status", "chat").stdout

    assert "r1 serves since" in said
    assert "r2 waits for promotion since" in said
    assert "`pulumi-inference promote chat` lets it take over" in said
