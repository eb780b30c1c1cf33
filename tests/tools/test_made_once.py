"""A folder is made once for each content of its sources, and never from a failed attempt."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.built import program
from tools.made_once import digest, made_once
from tools.parts import MissingPartError
from tools.store import Store


def counting(made: list[Path]) -> Callable[[Path], None]:
    """Makes a folder with one file, and notes that it did."""

    def make(target: Path) -> None:
        made.append(target)
        (target / "result").write_text(str(len(made)))

    return make


def test_the_same_sources_are_made_once_and_others_anew(tmp_path: Path) -> None:
    source, made, store = tmp_path / "source", list[Path](), Store(tmp_path / "cache")
    source.mkdir()
    (source / "program").write_text("one")

    first = made_once(store, "room", {"source": source, "version": "1"}, counting(made))
    again = made_once(store, "room", {"source": source, "version": "1"}, counting(made))
    (source / "program").write_text("two")
    changed = made_once(store, "room", {"source": source, "version": "1"}, counting(made))
    newer = made_once(store, "room", {"source": source, "version": "2"}, counting(made))

    assert first == again
    assert [each.joinpath("result").read_text() for each in (first, changed, newer)] == ["1", "2", "3"]


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    store, made = Store(tmp_path), list[Path]()

    def fail(target: Path) -> None:
        (target / "half").write_text("made")
        raise MissingPartError("a fault in the program")

    with pytest.raises(MissingPartError, match="a fault"):
        made_once(store, "room", {"version": "1"}, fail)

    whole = made_once(store, "room", {"version": "1"}, counting(made))

    assert [path.name for path in whole.iterdir()] == ["result"]


def test_what_nobody_has_used_for_a_month_is_swept_when_another_is_made(tmp_path: Path) -> None:
    store, made = Store(tmp_path), list[Path]()
    old, used = (made_once(store, "room", {"version": version}, counting(made)) for version in "12")
    for folder in (old, used):
        os.utime(folder, (0, 0))
    made_once(store, "room", {"version": "2"}, counting(made))

    new = made_once(store, "room", {"version": "3"}, counting(made))

    assert set((tmp_path / "room").iterdir()) == {used, new}


def test_what_programs_leave_beside_the_sources_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "index.ts").write_text("export {}")
    before = digest({"sdk": tmp_path})
    for leaving in ("node_modules/pulumi", "__pycache__", "bin"):
        (tmp_path / leaving).mkdir(parents=True)
        (tmp_path / leaving / "file").write_text("left")

    assert digest({"sdk": tmp_path}) == before


def test_without_node_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingPartError, match=r"There is no `node` on PATH.*install Node.js 20 or newer"):
        program("node")
