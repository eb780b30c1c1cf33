"""`--deleted`: what is on record of Workloads that are gone, and how those records are removed."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

from inference_provider.errors import LockLost
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import pointer
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources import workload
from inference_provider.resources.timeline import Doing, timeline
from tests.cli.desk import Desk
from tests.cli.test_acts import twice
from tests.cli.test_status import serving


def removed(desk: Desk) -> None:
    """A Workload had two versions, and is gone; its records are kept."""
    outputs = twice(desk)[0]
    desk.does(workload.delete(desk.outside.world(), "models/chat", {**outputs, "retainHistory": True}))


def test_what_is_gone_is_listed_with_how_to_remove_its_records(desk: Desk) -> None:
    removed(desk)

    said = desk.types("list", "--deleted").stdout

    row = said.splitlines()[1].split()
    assert row[:5] == ["chat", "2", "r1", "to", "r2"]
    assert row[-1] == "ann"
    assert "`kubectl delete configmap -n models -l pulumi-inference.dev/former=chat` removes them" in said
    found = json.loads(desk.types("list", "--deleted", "-A", "-o", "json").stdout)
    assert [(each["namespace"], each["name"], each["records"]) for each in found] == [("models", "chat", 2)]
    assert "models/chat" in desk.types("list", "--deleted", "-A").stdout
    assert desk.types("list").stderr.startswith("There is no Workload in namespace models")


def test_nothing_that_is_gone_has_left_anything(desk: Desk) -> None:
    serving(desk)

    assert "`retainHistory` keeps them" in desk.types("list", "--deleted").stdout
    said = desk.types("history", "chat", "--deleted")
    assert said.exit_code == 3
    assert "it lives, and no earlier one of that name has left records" in said.stderr
    assert desk.types("history", "chatter", "--deleted").exit_code == 3


def test_the_history_of_what_is_gone_is_told_when_it_is_asked_for(desk: Desk) -> None:
    removed(desk)

    said = desk.types("history", "chat", "--deleted")
    assert [line.split()[0] for line in said.stdout.splitlines()[:3]] == ["REV", "r2", "r1"]
    assert "DELETED (UTC)" in said.stdout
    refused = desk.types("history", "chat", "-n", "models")
    assert refused.exit_code == 3
    assert "`pulumi-inference history chat -n models --deleted` tells of the one that is gone" in refused.stderr
    assert "create ordered by ann" in desk.types("events", "chat").stdout


def test_a_revision_of_what_is_gone_answers_everything_that_is_on_record(desk: Desk) -> None:
    removed(desk)
    uid = desk.cluster.named(CONFIG_MAP, "revision-chat-r2")["metadata"]["uid"]

    found = json.loads(desk.types("revision", "chat", "r2", "-o", "json").stdout)

    assert found["id"] == uid
    assert found["workloadId"]
    assert found["deletedAt"] == found["past"]["deletedAt"]
    assert (found["workload"], found["runningPods"], found["role"]) == ("chat", 0, None)
    assert " by ann\n" in desk.types("revision", "chat", "r2").stdout


def test_a_workload_made_anew_has_a_history_of_its_own(desk: Desk) -> None:
    removed(desk)
    serving(desk)

    assert [each["revision"] for each in json.loads(desk.types("history", "chat", "-o", "json").stdout)] == ["r3"]
    assert [each["revision"] for each in json.loads(desk.types("history", "chat", "--deleted", "--json").stdout)] == [
        "r1",
        "r2",
    ]
    assert json.loads(desk.types("revision", "chat", "r1", "--json").stdout)["deletedAt"]
    assert json.loads(desk.types("revision", "chat", "r3", "--json").stdout)["deletedAt"] is None
    assert len(json.loads(desk.types("status", "chat", "--json").stdout)["records"]) == 1


def test_the_page_of_what_is_gone(desk: Desk) -> None:
    removed(desk)
    serving(desk)

    said = desk.types("history", "chat", "--deleted", "--html", str(desk.folder / "page.html"))

    assert said.exit_code == 0, said.output
    page = (desk.folder / "page.html").read_text()
    assert '<span class="pill bad">deleted</span>' in page
    assert "<h3>r2 " in page
    assert "<h3>r3 " not in page


def test_a_deletion_that_was_killed_half_way_shows_in_no_history(desk: Desk) -> None:
    outputs = twice(desk)[0] | {"retainHistory": True}
    desk.cluster.breaks_at = desk.cluster.writes + 2
    with contextlib.suppress(LockLost):
        desk.does(workload.delete(desk.outside.world(), "models/chat", outputs))

    found = json.loads(desk.types("history", "chat", "--json").stdout)

    assert [(each["revision"], each["deletedAt"]) for each in found] == [("r1", None), ("r2", None)]
    assert desk.types("history", "chat", "--deleted").exit_code == 3
    assert json.loads(desk.types("list", "--deleted", "--json").stdout) == []
    assert json.loads(desk.types("revision", "chat", "r1", "--json").stdout)["deletedAt"] is None


def test_what_a_version_did_ends_with_its_workload(desk: Desk) -> None:
    noon = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
    removed(desk)
    times = {"submitted": 0, "switching": 1, "cleaning_up": 1, "completed": 1}

    def at(minutes: float) -> str:
        return f"{noon + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"

    for revision, began in ((1, 0), (2, 10)):
        phases = json.dumps({phase: at(began + minutes) for phase, minutes in times.items()})
        notes = {labels.PHASES: phases, labels.DELETED_AT: at(13)}
        change = [{"op": "add", "path": pointer(key), "value": value} for key, value in notes.items()]
        desk.does(desk.cluster.patch(CONFIG_MAP, "models", f"revision-chat-r{revision}", change))

    later = noon + timedelta(hours=2)
    seen = desk.does(timeline(desk.outside.world(), "models", "chat", now=later, deleted=True))

    ends = {(lane.revision, span.doing): (span.end, span.sure) for lane in seen.lanes for span in lane.spans}
    gone = noon + timedelta(minutes=13)
    assert ends["r2", Doing.SERVING] == ends["r1", Doing.KEPT] == (gone, True)
