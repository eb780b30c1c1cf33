"""A draft that runs became a version: what the history, the events and `undo` say of that."""

from tests.cli.desk import Desk
from tests.cli.test_status import serving
from tests.resources.outside import llama


def test_undo_to_a_promotion_names_what_became_a_version(desk: Desk) -> None:
    serving(desk)
    desk.does(desk.outside.artifact(llama(status="locked"), {**llama(), "images": {}}))

    assert "promotion of r1 to v1" in desk.types("history", "chat").stdout
    said = desk.types("undo", "chat", "--to", "r2", "-y").stderr
    assert "r2 of Workload models/chat says that r1 became v1: say --to r1" in said
    assert "r1 is v1 now; nothing restarted" in desk.types("events", "chat").stdout
