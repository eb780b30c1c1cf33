"""The page about phases is made from the table, and is not stale."""

from inference_provider.rollout.phases import FOLLOWING, MEANING, Phase
from tools.phasesgen import main, page


def test_the_page_in_the_repository_is_what_the_table_says() -> None:
    assert main(["--check"]) == 0


def test_every_move_of_the_table_is_an_arrow_and_no_other() -> None:
    arrows = {line.strip() for line in page().splitlines() if " --> " in line and "[*]" not in line}
    assert arrows == {f"{now.value} --> {then.value}" for now in Phase for then in FOLLOWING[now]}
    assert set(MEANING) == set(Phase)
