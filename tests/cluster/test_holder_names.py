"""What a holder's name tells of its process."""

import subprocess
import sys

import pytest

from inference_provider.cluster.holder import is_dead, new_name

_NAMES_ITSELF = "from inference_provider.cluster.holder import new_name; print(new_name(), flush=True); input()"


def test_names_are_never_the_same_twice() -> None:
    assert new_name() != new_name()


def test_a_process_that_runs_is_not_dead() -> None:
    assert not is_dead(new_name())


def test_a_process_of_this_machine_that_was_killed_is_dead_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _NAMES_ITSELF], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert not is_dead(name)
        process.kill()
        process.wait()
    assert is_dead(name)


def test_another_process_with_the_number_of_a_dead_one_does_not_stand_for_it() -> None:
    place, began, chance = new_name().rpartition("/")[2].split("-")
    before = new_name().rpartition("/")[0]
    assert is_dead(f"{before}/{place}-{int(began, 16) - 1:x}-{chance}")


@pytest.mark.parametrize(
    "name",
    ["", "ann@laptop/4711/9e2a41c0", "ann@laptop/999999999/000000-1b7d04-9e2a", "ann@laptop/999999999/0-0-9e2a", "x"],
)
def test_of_other_machines_and_unknown_names_nobody_can_tell(name: str) -> None:
    assert not is_dead(name)
