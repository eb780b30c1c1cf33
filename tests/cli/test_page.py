"""`history --html`: when which revision came up, served, was kept, as one page that needs no other."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from inference_provider.cli.chart import Scale
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import pointer
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE
from inference_provider.resources.timeline import Doing, Lane, Timeline, timeline
from tests.cli.desk import Desk
from tests.cli.test_acts import twice

NOON = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)


def at(minutes: float) -> str:
    """So many minutes after noon, as records write it."""
    return f"{NOON + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def rewrite(desk: Desk, revision: int, phases: Mapping[str, float]) -> None:
    """Let a record say that its phases were entered so many minutes after noon."""
    said = json.dumps({phase: at(minutes) for phase, minutes in phases.items()})
    change = [{"op": "add", "path": pointer(labels.PHASES), "value": said}]
    desk.does(desk.cluster.patch(CONFIG_MAP, "models", f"revision-chat-r{revision}", change))


def taken_back(desk: Desk) -> None:
    """r1 at noon, r2 after an hour, back to r1 three minutes later; the old one is kept for five minutes."""
    twice(desk)
    desk.types("undo", "chat", "-y", "--reason", "<slow>")
    rewrite(desk, 1, {"submitted": 0, "initializing": 0, "switching": 1, "cleaning_up": 1, "completed": 1})
    rewrite(desk, 2, {"submitted": 60, "initializing": 60, "switching": 62, "cleaning_up": 62, "completed": 62})
    rewrite(desk, 3, {"submitted": 65, "initializing": 65, "switching": 65, "cleaning_up": 65, "completed": 65})
    desk.clock = NOON + timedelta(minutes=66)


def drawn(desk: Desk) -> Timeline:
    """What is known."""
    return desk.does(timeline(desk.outside.world(), "models", "chat", now=NOON + timedelta(minutes=66)))


def spans(lane: Lane | None) -> list[tuple[Doing, float, float | None, bool]]:
    """What a lane does, from minute to minute, and whether the end is on record."""

    def minute(moment: datetime) -> float:
        return (moment - NOON).total_seconds() / 60

    assert lane is not None
    return [(each.doing, minute(each.begin), minute(each.end) if each.end else None, each.sure) for each in lane.spans]


def test_a_timeline_shows_each_revision_come_up_serve_be_kept_and_come_back(desk: Desk) -> None:
    taken_back(desk)
    seen = drawn(desk)

    assert [lane.revision for lane in seen.lanes] == ["r1", "r2"]
    assert spans(seen.lane("r1")) == [
        (Doing.COMING, 0, 1, True),
        (Doing.SERVING, 1, 62, True),
        (Doing.KEPT, 62, 65, True),
        (Doing.SERVING, 65, None, True),
    ]
    assert [each[:2] for each in spans(seen.lane("r2"))] == [
        (Doing.COMING, 60),
        (Doing.SERVING, 62),
        (Doing.KEPT, 65),
    ]


def test_the_end_of_what_is_gone_is_not_on_record(desk: Desk) -> None:
    taken_back(desk)

    async def expired() -> None:
        desk.cluster.remove(SERVICE, "models", "chat-r2")

    desk.does(expired())

    assert spans(drawn(desk).lane("r2"))[-1] == (Doing.KEPT, 65, 66, False)


class Reader(HTMLParser):
    """Counts what is open, and collects what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_repeats_nothing_unescaped(desk: Desk, tmp_path: Path) -> None:
    taken_back(desk)

    said = desk.types("history", "chat", "--html", str(tmp_path / "page.html"))

    assert (said.exit_code, said.stdout) == (0, "")
    page = (tmp_path / "page.html").read_text()
    reader = Reader()
    reader.feed(page)
    assert (reader.open, reader.fetched) == ([], [])
    assert not re.search(r"<script|@import|url\(|https?://", page)
    assert "&lt;slow&gt;" in page
    assert "prefers-color-scheme: dark" in page
    assert "when a kept version really ended is not on record." in page.lower()
    assert "r1 serves, 2 of 2 pods ready. As of 2031-05-04 13:06:00 UTC." in page


def stairs_of(page: str) -> dict[str, str]:
    """The line of ready pods of each revision."""
    return {name: line for line, name in re.findall(r'<path class="(?:new|old)" d="(.*?)" data-revision="(.*?)"', page)}


def counted(desk: Desk, revision: int, points: list[object], *, minutes: float) -> None:
    """Let a record say how many pods there were, from so many minutes after noon on."""
    said = json.dumps({"since": at(minutes), "points": points})
    change = [{"op": "add", "path": pointer(labels.PODS), "value": said}]
    desk.does(desk.cluster.patch(CONFIG_MAP, "models", f"revision-chat-r{revision}", change))


def test_both_versions_ready_pods_are_stairs_on_the_scale_of_the_phases(desk: Desk) -> None:
    taken_back(desk)
    before, half, after = {"r1": [2, 2], "r2": [0, 2]}, {"r1": [2, 2], "r2": [1, 2]}, {"r1": [1, 2], "r2": [2, 2]}
    counted(desk, 2, [[0, {"r1": [2, 2]}], [30, before], [60, half], [90, after], [110, {"r2": [2, 2]}]], minutes=60)

    drawn = desk.folder / "page.html"
    assert desk.types("history", "chat", "--html", str(drawn)).exit_code == 0
    [card] = [each for each in drawn.read_text().split("<h3>") if each.startswith("r2 ")]

    # The card's scale begins 30 s before the 120 s of the replacement, and ends 30 s after; the last line is a second
    # longer, for phases are written with whole seconds.
    assert stairs_of(card) == {
        "r1": "M166.7 5.0H333.3 V5.0H500.0 V5.0H666.7 V45.0H777.8",
        "r2": "M333.3 90.0H500.0 V50.0H666.7 V10.0H777.8 V10.0H838.9",
    }
    assert (
        "r2: 0 of 2 ready after 30 s, 1 of 2 ready after 60 s, 2 of 2 ready after 90 s; r1: 2 of 2 ready after 0 s"
        in card
    )
    assert "0 to 2; dashed: wanted" in card


def test_where_no_pods_are_on_record_there_are_no_stairs(desk: Desk) -> None:
    taken_back(desk)
    nothing: list[list[object]] = [[], [[0, {}]], ["torn"]]
    for revision, points in enumerate(nothing, start=1):
        counted(desk, revision, points, minutes=0)

    drawn = desk.folder / "page.html"
    desk.types("history", "chat", "--html", str(drawn))

    assert "<svg" not in drawn.read_text()


def test_a_page_that_cannot_be_written_is_said(desk: Desk) -> None:
    twice(desk)

    said = desk.types("history", "chat", "--html", "/nowhere/page.html")

    assert said.exit_code == 1
    assert said.stderr.splitlines()[-1] == (
        "error: could not write the page to /nowhere/page.html: No such file or directory; name another file"
    )


def test_a_scale_has_a_handful_of_round_marks_however_long_it_is() -> None:
    for seconds in (1, 40, 3600, 86_400, 40_000_000):
        marks = Scale.over(NOON, NOON + timedelta(seconds=seconds), now=NOON).marks()
        assert 1 <= len(marks) <= 8
    assert Scale.over(NOON, NOON, now=NOON).at(NOON + timedelta(days=1)) == 100
