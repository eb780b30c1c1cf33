"""`--deleted`: what is on record of Workloads that are gone, and how those records are removed."""

import json

from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources import workload
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
