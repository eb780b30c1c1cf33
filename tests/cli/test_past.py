"""`list`, `history`, `revision`, `events`, `undo --to`, `-o json`: what was, what is elsewhere, and for programs."""

import json

import pytest

from inference_provider.errors import Forbidden, LockHeld, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, EVENT, NODE, SERVICE, Body
from inference_provider.resources.events import events
from tests.cli.desk import Desk
from tests.cli.test_acts import twice
from tests.cli.test_status import serving
from tests.resources.outside import runtime
from tests.support.fake_cluster import Fault

#: What Run:ai's revision has (seed 004).
RUNAI = {
    "type",
    "name",
    "id",
    "workloadId",
    "tenantId",
    "clusterId",
    "projectId",
    "departmentId",
    "createdAt",
    "deletedAt",
    "requestedNodePools",
    "currentNodePools",
    "runningPods",
    "images",
    "command",
    "arguments",
    "phase",
    "phaseMessage",
    "phaseUpdatedAt",
}


def thrice(desk: Desk) -> None:
    """r3 serves, r2 is kept, r1 is on record only."""
    serving(desk, "vllm/vllm:v3", olds=twice(desk)[1])


async def there(desk: Desk, *bodies: Body) -> None:
    """Events of Kubernetes, written by nobody of ours."""
    for number, body in enumerate(bodies):
        desk.cluster.put(EVENT, {**body, "metadata": {"name": f"event-{number}", "namespace": "models"}})


def event(about: str, said: str, *, at: str = "2026-11-21T03:00:00Z", **more: object) -> Body:
    """One event of a pod."""
    return {"involvedObject": {"kind": "Pod", "name": about}, "message": said, "lastTimestamp": at, **more}


def test_the_list_has_every_workload_of_the_namespace_or_of_all(desk: Desk) -> None:
    serving(desk)
    elsewhere = desk.cluster.named(SERVICE, "chat")
    elsewhere["metadata"] |= {"namespace": "others", "uid": "other"}

    async def copied() -> None:
        desk.cluster.put(SERVICE, elsewhere)

    desk.does(copied())

    here, everywhere = desk.types("list").stdout, desk.types("list", "-A").stdout

    assert [line.split()[0] for line in here.splitlines()] == ["NAME", "chat"]
    assert [line.split()[0] for line in everywhere.splitlines()] == ["NAME", "models/chat", "others/chat"]
    assert [line.split()[4] for line in everywhere.splitlines()] == ["READY", "2/2", "0/0"]


def test_an_empty_list_is_no_error_and_empty_json(desk: Desk) -> None:
    assert desk.types("list", "-A").stderr == "There is no Workload anywhere.\n"
    assert json.loads(desk.types("list", "-o", "json").stdout) == []


def test_the_history_has_every_record_newest_first(desk: Desk) -> None:
    twice(desk)
    desk.types("undo", "chat", "-y", "--reason", "answers slowly")

    said = desk.types("history", "chat", "-n", "models").stdout

    rows = [line.split("  ") for line in said.splitlines()[:4]]
    assert [row[0] for row in rows] == ["REV", "r3", "r2", "r1"]
    assert "undo to r1" in said
    assert "`pulumi-inference revision chat r3 -n models` tells all of one" in said
    found = json.loads(desk.types("history", "chat", "-o", "json").stdout)
    assert [(each["revision"], each["kind"], each["backTo"], each["reason"]) for each in found] == [
        ("r1", "create", None, None),
        ("r2", "replacement", None, None),
        ("r3", "undo", "r1", "answers slowly"),
    ]
    assert list(found[1]["phases"]) == ["submitted", "initializing", "switching", "cleaning_up", "completed"]


def test_a_revision_answers_everything_that_run_ai_asks(desk: Desk) -> None:
    async def node() -> None:
        desk.cluster.put(NODE, {"metadata": {"name": "gpu-1", "labels": {"nvidia.com/gpu.product": "H100-X"}}})

    desk.does(node())
    serving(desk, runtime=runtime(replicas=2.0, gpu=4.0, gpuModel="H100-X"))

    found = json.loads(desk.types("revision", "chat", "1", "-o", "json").stdout)

    assert found.keys() >= RUNAI
    assert (found["tenantId"], found["departmentId"], found["clusterId"]) == (None, None, None)
    assert (found["requestedNodePools"], found["currentNodePools"], found["nodes"]) == (
        ["H100-X"],
        ["H100-X"],
        ["gpu-1"],
    )
    assert (found["phase"], found["runningPods"], found["command"]) == ("completed", 2, None)
    assert found["images"] == [found["spec"]["containerGroups"][0]["containers"][0]["image"]]
    assert "@sha256:" in found["images"][0]


def test_what_a_newer_release_has_recorded_besides_is_passed_on(desk: Desk) -> None:
    serving(desk)
    record = desk.cluster.named(CONFIG_MAP, "revision-chat-r1")
    record["data"] |= {"warmup": '{"requests": 100, "errors": 0}', "place": "gpu-h100-1", "content": "torn"}

    async def newer() -> None:
        desk.cluster.put(CONFIG_MAP, record)

    desk.does(newer())

    found = json.loads(desk.types("revision", "chat", "r1", "-o", "json").stdout)
    assert found["more"] == {"warmup": {"requests": 100, "errors": 0}, "place": "gpu-h100-1"}
    assert found["spec"] is None
    said = desk.types("revision", "chat", "r1").stdout
    assert 'warmup     {"requests": 100, "errors": 0}' in said


def test_a_revision_that_is_gone_is_told_with_the_way_to_run_it_again(desk: Desk) -> None:
    thrice(desk)

    said = desk.types("revision", "chat", "r1").stdout
    version = json.loads(desk.types("revision", "chat", "r1", "-o", "json").stdout)["past"]["artifactId"]

    assert said.startswith("models/chat r1  completed\n")
    assert "it is gone: no pods of it are there" in said
    assert f'put `artifact_id="{version}"` and the runtime above into the program' in said
    assert '"image": "vllm/vllm@sha256:' in said


@pytest.mark.parametrize(("number", "code", "told"), [("r9", 3, "There are: r1"), ("nine", 2, "write it as in r7")])
def test_a_revision_that_never_was(desk: Desk, number: str, code: int, told: str) -> None:
    serving(desk)

    said = desk.types("revision", "chat", number)

    assert said.exit_code == code
    assert told in said.stderr


def test_the_past_of_a_workload_that_is_gone_is_told_while_its_records_last(desk: Desk) -> None:
    serving(desk)
    record = desk.cluster.named(CONFIG_MAP, "revision-chat-r1")
    record["metadata"].pop("ownerReferences")

    async def orphaned() -> None:
        desk.cluster.remove(SERVICE, "models", "chat")
        desk.cluster.put(CONFIG_MAP, record)

    desk.does(orphaned())

    assert desk.types("status", "chat").exit_code == 3
    assert "r1   create" in desk.types("history", "chat").stdout
    assert "it is gone" in desk.types("revision", "chat", "r1").stdout
    assert "create ordered by ann" in desk.types("events", "chat").stdout


def test_events_of_kubernetes_stand_among_our_records(desk: Desk) -> None:
    serving(desk)
    seen = json.loads(desk.types("history", "chat", "-o", "json").stdout)[0]["phases"]
    desk.does(
        there(
            desk,
            event("chat-r1-001", "Readiness probe\n  failed", at=seen["completed"], type="Warning", count=14),
            event("chat-r1-old", "was made", at="2020-01-01T00:00:00.5Z"),
            event("chatter-r1-001", "not of chat"),
            event("chat-room", "not of chat either"),
        )
    )

    said = desk.types("events", "chat").stdout.splitlines()

    assert said[1].endswith("was made")
    assert [line.split("  ")[-1].strip() for line in said[2:]] == [
        "create ordered by ann",
        "it is coming up",
        "traffic moves to r1",
        "r1 has all the traffic",
        "create completed",
        "Readiness probe failed (×14)",
    ]


def test_an_object_belongs_to_the_longest_name_that_it_can_have(desk: Desk) -> None:
    serving(desk)
    service = desk.cluster.named(SERVICE, "chat")
    service["metadata"] |= {"name": "chat-r1-x", "uid": "another"}

    async def another() -> None:
        desk.cluster.put(SERVICE, service)

    desk.does(another())
    desk.does(there(desk, event("chat-r1-x-r1-001", "of the other"), event("chat-r1-001", "of chat")))
    found = desk.does(events(desk.outside.world(), "models", "chat"))

    assert [each.said for each in found.happened if not each.lasting] == ["of chat"]


def test_without_the_right_to_see_events_our_records_are_shown(desk: Desk) -> None:
    serving(desk)
    refusal = Forbidden("list", kind="Event", namespace="models", name="*", said="no right")
    desk.cluster.faults.append(Fault("list", EVENT, refusal))

    said = desk.types("events", "chat")

    assert "create completed" in said.stdout
    assert said.stderr == "no right to list events in namespace models: only our own records are shown\n"


def test_undo_to_the_kept_version_is_undo(desk: Desk) -> None:
    twice(desk)
    desk.answers = [True]

    said = desk.types("undo", "chat", "--to", "r1", "-o", "json")

    assert said.exit_code == 0, said.output
    assert len(desk.asked) == 1
    outputs = json.loads(said.stdout)
    assert (outputs["name"], outputs["revision"], outputs["held"]["revision"]) == ("chat", "r1", "r2")


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("r1", "r1 of Workload models/chat is not kept any more, so it cannot be brought back at once. It ran models/"),
        ("3", "r3 of Workload models/chat serves already"),
        ("r9", "`pulumi-inference history chat -n models` lists all that are on record"),
    ],
)
def test_undo_to_where_nothing_is_kept_says_the_way(desk: Desk, to: str, told: str) -> None:
    thrice(desk)
    desk.answers = []

    said = desk.types("undo", "chat", "--to", to)

    assert said.exit_code == (3 if to == "r9" else 1)
    assert told in said.stderr
    assert desk.cluster.named(SERVICE, "chat")["metadata"]["annotations"]["pulumi-inference.dev/active"] == "r3"


def test_undo_to_an_undo_names_what_that_one_brought_back(desk: Desk) -> None:
    twice(desk)
    desk.types("undo", "chat", "-y")

    assert (
        "r3 of Workload models/chat was itself an undo, to r1: say --to r1"
        in desk.types("undo", "chat", "--to", "r3", "-y").stderr
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Forbidden("list", kind="Pod", namespace="models", name="*"), 5),
        (Unavailable("list", kind="Pod", namespace="models", name="*"), 6),
        (LockHeld("somebody is at it"), 4),
    ],
)
def test_a_script_can_tell_what_kind_of_error_it_was(desk: Desk, error: Exception, code: int) -> None:
    desk.closed = error

    assert desk.types("list").exit_code == code


def test_the_doctor_speaks_json_too(desk: Desk) -> None:
    desk.environ = {"PATH": ""}

    said = desk.types("doctor", "-o", "json")

    assert said.exit_code == 1
    assert {"level": "problem", "subject": "pulumi"}.items() <= json.loads(said.stdout)[-2].items()


def test_colours_go_when_asked_to(desk: Desk) -> None:
    serving(desk)
    coloured = {"FORCE_COLOR": "1", "NO_COLOR": None, "TERM": "xterm-256color"}

    assert "\x1b[32m" in desk.types("list", environ=coloured).stdout
    assert "\x1b[32m" not in desk.types("list", "--no-color", environ=coloured).stdout
    assert "\x1b[32m" not in desk.types("list", environ={**coloured, "NO_COLOR": "1"}).stdout


def test_a_wrong_output_is_a_wrong_command(desk: Desk) -> None:
    assert desk.types("list", "-o", "yaml").exit_code == 2
