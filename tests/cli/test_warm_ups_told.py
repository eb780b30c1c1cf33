"""What a revision tells about the requests that warmed it up."""

import json

from tests.cli.desk import Desk
from tests.cli.test_status import serving


def test_what_the_requests_came_to_is_told_to_people_and_to_programs(desk: Desk) -> None:
    serving(desk, replacement={"warmup": {"path": "/v1/models"}})

    found = json.loads(desk.types("revision", "chat", "r1", "-o", "json").stdout)
    assert found["warmUp"] == {"count": 50, "errors": 0, "p50": 0.1, "p95": 0.2, "firstError": None}
    said = " ".join(desk.types("revision", "chat", "r1").stdout.split())
    assert "warm-up 50 requests, 0 failed; half of the answers within 0.1 s, 95 % within 0.2 s" in said


def test_a_revision_that_was_not_warmed_up_says_nothing_of_it(desk: Desk) -> None:
    serving(desk)

    assert json.loads(desk.types("revision", "chat", "r1", "-o", "json").stdout)["warmUp"] is None
    assert "warm-up" not in desk.types("revision", "chat", "r1").stdout
