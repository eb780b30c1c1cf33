"""One story, two doors: created, changed in place, replaced, failed, staged, taken back."""

from tests.e2e.doors import Door, Doors
from tests.e2e.programs import Arguments, artifact, server, workload
from tests.e2e.stack import Run


def test_an_update_rolls_and_the_way_back_takes_the_same_pods(doors: Doors) -> None:
    doors.tell(rolls_and_goes_back)


def rolls_and_goes_back(stack: Door) -> None:
    stack.declare(artifact=artifact(), workload=workload(2))
    first = stack.must_up("--skip-preview")
    before = stack.outputs()
    assert (before["revision"], before["ready_replicas"], before["status"]) == ("r1", 2, "running")
    assert first.has("Workload chat", "created")
    pods = stack.pods("r1")

    stack.declare(artifact=artifact(server("v2", env={"SIM_LOAD_TIME": "2s"})), workload=workload(2))
    second = stack.must_up()
    preview = Run(0, second.text.partition("Updating (")[0])
    assert preview.has("rolls from r1", "because of artifactId", "needs 2 × NVIDIA-H100-80GB-HBM3 (2 pods × 1)")
    after = stack.outputs()
    assert (after["revision"], after["endpoint"]) == ("r2", before["endpoint"])
    assert str(after["versionId"]) in preview.text, "the preview knew the version that came"
    assert second.has("Workload chat updating", "r2: 0 of 2 pods ready")

    stack.declare(artifact=artifact(), workload=workload(2))
    stack.must_up("--skip-preview")
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
    pods = stack.pods("r2")
    stack.must_up("--skip-preview")
    assert (stack.outputs()["revision"], stack.pods("r2")) == ("r2", pods)


def test_words_pods_and_a_number_change_in_place(doors: Doors) -> None:
    doors.tell(changes_in_place)


def changes_in_place(stack: Door) -> None:
    stack.declare(artifact=artifact(), workload=workload(1))
    stack.must_up("--skip-preview")
    pods = stack.pods("r1")
    more = workload(2, description="for the shop")
    stack.declare(artifact=artifact(description="the one we like"), workload=more)
    up = stack.must_up()
    assert up.has("~ 2 to update")
    assert "rolls from" not in up.text
    assert (stack.outputs()["revision"], stack.outputs()["ready_replicas"]) == ("r1", 2)
    assert pods < stack.pods("r1"), "one more beside the one that was there"

    stack.declare(artifact=artifact(status="locked"), workload=more)
    stack.must_up("--skip-preview")
    assert (stack.outputs()["version"], stack.outputs()["revision"]) == (1, "r1")


def test_what_failed_says_why_and_loses_nothing(doors: Doors) -> None:
    doors.tell(fails_and_is_put_back)


def fails_and_is_put_back(stack: Door) -> None:
    stack.declare(artifact=artifact(server(env={"SIM_IMAGE_PULL_FAIL": "true"})), workload=workload())
    first = stack.up("--skip-preview")
    assert first.code != 0
    assert first.has("cannot pull example/v1", "Nothing of this first try is left"), first.text
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    assert stack.outputs()["revision"] == "r1"
    deployments = [each["metadata"]["name"] for each in stack.items("apis/apps/v1/{}/deployments")]
    assert deployments == ["chat-r1"]

    stack.declare(artifact=artifact(server("v2", env={"SIM_OOM": "true"})), workload=workload())
    with stack.on_its_own("state"):
        failed = stack.up("--skip-preview")
    assert failed.code != 0
    assert failed.has("r2 did not become ready", "ran out of memory at its limit of 1Gi", "r1 still serves"), (
        failed.text
    )
    assert failed.has("Last lines of vllm")
    assert failed.has("RolloutFailed: ") == (stack.door == "dynamic"), "an exception's kind stands before its text"
    assert "Traceback" not in failed.text
    assert 'File "' not in failed.text
    (kept,) = [each for each in stack.resources() if each["type"].endswith("Workload")]
    assert kept["outputs"]["revision"] == "r1", "the state says what serves"
    # A dynamic provider cannot hand over what is there when something failed: only the plugin leaves it unfinished.
    assert ["ran out of memory" in each for each in kept.get("initErrors", [])[:1]] == PARTIAL[stack.door]

    stack.declare(artifact=artifact(), workload=workload())
    with stack.on_its_own("counts"):
        assert stack.must_up("--skip-preview").has(PUT_BACK[stack.door])
    assert stack.preview("--expect-no-changes").code == 0


#: What is kept of a failed update, and what the next `up` of the old program has to do.
PARTIAL = {"dynamic": [], "plugin": [True]}
PUT_BACK = {"dynamic": "~ 1 updated", "plugin": "~ 2 updated"}


def test_what_a_person_took_back_stays_so_until_another_version_comes(doors: Doors) -> None:
    doors.tell(is_taken_back_and_held)


def is_taken_back_and_held(stack: Door) -> None:
    def wants(version: str) -> None:
        stack.declare(artifact=artifact(server(version)), workload=workload(2, gpu=0))

    wants("v1")
    stack.must_up("--skip-preview")
    pods = stack.pods("r1")
    wants("v2")
    stack.must_up("--skip-preview")
    undone = stack.person("undo", "chat", "--yes", "--reason", "answers slowly")
    assert undone.code == 0, undone.text
    held = stack.must_up()
    before, _, after = held.text.partition("Updating (")
    for said in (before, after):
        assert Run(0, said).has("stays as it is", "took r2 back", "(answers slowly)", "Another version lifts this")
    assert (stack.outputs()["revision"], stack.pods("r1")) == ("r1", pods), "nothing rolled"

    wants("v3")
    assert stack.must_up("--skip-preview").has("the hold on Workload", "is lifted", "took r2 back")
    assert stack.outputs()["revision"] == "r4"


EXTERNAL: Arguments = {"driver": "external"}


def test_a_replacement_rolls_its_workload_and_is_taken_out_again(doors: Doors) -> None:
    doors.tell(is_rolled_by_a_replacement)


def is_rolled_by_a_replacement(stack: Door) -> None:
    def program(version: str) -> None:
        driven = workload(gpu=0, replacement=EXTERNAL)
        change: Arguments = {"keep_old_version_minutes": 5}
        stack.declare(artifact=artifact(server(version)), workload=driven, replacement=change)

    program("v1")
    stack.must_up("--skip-preview")
    assert stack.outputs()["replacementStatus"] == "completed"

    program("v2")
    assert stack.must_up().has("Workload", "rolls from r1", "because of artifactId")
    after = stack.outputs()
    assert (after["replacementRevision"], after["replacementStatus"]) == ("r2", "completed")
    assert stack.preview("--expect-no-changes").code == 0

    stack.declare(artifact=artifact(server("v2")), workload=workload(gpu=0))
    stack.must_up("--skip-preview")
    assert stack.outputs()["revision"] == "r2", "what serves is not touched"
