"""The cache: keys, interrupted work, two at once, link folders."""

import multiprocessing
import time
from pathlib import Path

import pytest

from tools.parts import PARTS
from tools.store import MODULES, Store, cache_root, link_folder, locked, part_key

ETCD = next(part for part in PARTS if part.name == "etcd")


def test_the_cache_is_outside_the_clone_and_can_be_moved(tmp_path: Path) -> None:
    assert cache_root({"PULUMI_INFERENCE_CACHE": str(tmp_path)}) == tmp_path
    assert cache_root({"XDG_CACHE_HOME": "/x"}) == Path("/x/pulumi-inference")
    assert MODULES.parent.parent not in cache_root({}).parents


def test_another_lock_file_of_modules_source_or_platform_is_another_key(tmp_path: Path) -> None:
    folder = tmp_path / "etcd"
    folder.mkdir()
    (folder / "go.mod").write_text("module a\n")
    (folder / "go.sum").write_text("one\n")
    first = part_key(ETCD, modules=tmp_path)
    (folder / "go.sum").write_text("two\n")

    second = part_key(ETCD, modules=tmp_path)
    (folder / "main.go").write_text("package main\n")

    assert len({first, second, part_key(ETCD, modules=tmp_path)}) == 3
    assert part_key(ETCD, modules=tmp_path, platform_="plan9-mips") != part_key(ETCD, modules=tmp_path)
    assert first.startswith("etcd-3.6.14-")


def _half_build(store: Store, final: Path) -> None:
    with store.publish(final) as folder:
        (folder / "half").write_text("made")
        raise KeyboardInterrupt


def test_work_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    final = tmp_path / "parts" / "etcd-1"

    with pytest.raises(KeyboardInterrupt):
        _half_build(Store(tmp_path), final)

    assert list(final.parent.iterdir()) == []


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path) -> None:
    store, final = Store(tmp_path), tmp_path / "parts" / "etcd-1"
    stale = tmp_path / "parts" / ".unfinished-etcd-1-abc"
    stale.mkdir(parents=True)
    foreign = tmp_path / "parts" / ".unfinished-kwok-1-abc"
    foreign.mkdir()

    with store.publish(final) as folder:
        (folder / "etcd").write_text("whole")

    assert sorted(path.name for path in final.parent.iterdir()) == [foreign.name, "etcd-1"]
    assert (final / "etcd").read_text() == "whole"


def _hold(path: Path, holding: Path) -> None:
    with locked(path, busy=lambda: None):
        holding.touch()
        time.sleep(0.5)
        holding.unlink()


def test_the_second_of_two_waits_and_says_so(tmp_path: Path) -> None:
    path, holding, said = tmp_path / "lock", tmp_path / "holding", list[str]()
    other = multiprocessing.get_context("spawn").Process(target=_hold, args=(path, holding))
    other.start()
    deadline = time.monotonic() + 20
    while not holding.exists() and time.monotonic() < deadline:
        time.sleep(0.01)

    with locked(path, busy=lambda: said.append("waiting")):
        assert not holding.exists()

    other.join()
    assert said == ["waiting"]


def test_a_link_folder_that_lost_a_link_is_made_again(tmp_path: Path) -> None:
    target = tmp_path / "etcd"
    target.touch()
    store = Store(tmp_path / "cache")
    folder = link_folder(store, {"etcd": target})
    (folder / "etcd").unlink()

    assert link_folder(store, {"etcd": target}) == folder
    assert (folder / "etcd").readlink() == target


def test_other_programs_get_another_link_folder(tmp_path: Path) -> None:
    store = Store(tmp_path)

    assert link_folder(store, {"etcd": tmp_path / "a"}) != link_folder(store, {"etcd": tmp_path / "b"})
