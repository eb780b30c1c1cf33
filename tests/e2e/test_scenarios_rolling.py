"""One story, two doors: created, changed in place, replaced, failed, staged, taken back."""

from tests.e2e.doors import Door, Doors
from tests.e2e.programs import Arguments, artifact, server, workload


def test_an_update_rolls_and_the_way_back_takes_the_same_pods(doors: Doors) -> None:
    doors.tell(rolls_and_goes_back)


def rolls_and_goes_back(stack: Door) -> None:
    stack.declare(artifact=artifact(), workload=workload(2))
    first = stack.must_up()
    before = stack.outputs()
    assert (before["revision"], before["ready_replicas"], before["status"]) == ("r1", 2, "running")
    assert str(before["versionId"]) in first.text.partition("Updating (")[0], "the very first preview knows the version"
    assert first.has("Workload chat", "created")
    pods = stack.pods("r1")

    stack.declare(artifact=artifact(server("v2", env={"SIM_LOAD_TIME": "2s"})), workload=workload(2))
    preview = stack.preview()
    assert preview.has("rolls from r1", "because of artifactId", "needs 2 × NVIDIA-H100-80GB-HBM3 (2 pods × 1)")
    second = stack.must_up("--skip-preview")
    after = stack.outputs()
    assert (after["revision"], after["endpoint"]) == ("r2", before["endpoint"])
    assert str(after["versionId"]) in preview.text, "the preview knew the version that came"
    assert second.has("Workload chat updating", "r2: 0 of 2 pods ready")

    stack.declare(artifact=artifact(), workload=workload(2))
    assert stack.must_up().has("goes back from r2", "no load, no further GPUs")
    assert (stack.outputs()["revision"], stack.pods("r1")) == ("r1", pods)
    assert stack.preview("--expect-no-changes").code == 0

    gone = stack.destroy()
    assert gone.code == 0, gone.text
    assert stack.items("api/v1/{}/secrets") == []
    assert [each["metadata"]["name"] for each in stack.items("api/v1/{}/configmaps")] == ["kube-root-ca.crt"]
    left = [stack.items(path) for path in ("apis/apps/v1/{}/deployments", "api/v1/{}/services", "api/v1/{}/pods")]
    assert [*left, stack.items("apis/batch/v1/{}/jobs")] == [[], [], [], []]


def test_what_is_promoted_by_its_number_was_staged_before(doors: Doors) -> None:
    doors.tell(is_staged_and_promoted)


def is_staged_and_promoted(stack: Door) -> None:
    def program(version: str, **settings: object) -> None:
        manual: Arguments = {"keep_old_version_minutes": 5, "promotion": "manual", **settings}
        stack.declare(artifact=artifact(server(version)), workload=workload(gpu=0, replacement=manual))

    program("v1")
    stack.must_up("--skip-preview")
    program("v2")
    up = stack.must_up("--skip-preview")
    assert up.has("r2 is ready and waits for promotion; r1 serves", '`promote: "r2"`')
    assert stack.outputs()["revision"] == "r1"
    assert stack.preview("--expect-no-changes").code == 0, "the same program has nothing to do"

    program("v2", promote="r2")
    assert stack.must_up().has("r2", "takes over from r1: its pods run already, no load, no further GPUs")
    assert stack.outputs()["revision"] == "r2"
