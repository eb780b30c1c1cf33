"""What stands on the screen while a line changes."""

import contextlib
import io

from tools.demo.voice import Voice


class Terminal(io.StringIO):
    """A terminal that remembers everything that was sent to it."""

    def isatty(self) -> bool:
        """It is one."""
        return True

    def seen(self) -> list[str]:
        """What a person sees in the end: an erased line shows what came after."""
        return [line.rpartition("\r\x1b[K")[2].rstrip() for line in self.getvalue().split("\n")]


def _told() -> None:
    voice = Voice()
    voice.row("time")
    voice.live("lost: 0")
    voice.row("0.5 s")
    voice.live("lost: 1")
    voice.settle()
    voice.say("Done.")


def test_the_line_that_changes_stays_below_all_others() -> None:
    with contextlib.redirect_stdout(Terminal()) as terminal:
        _told()

    assert terminal.seen() == ["   time", "   0.5 s", "   lost: 1", "Done.", ""]


def test_in_a_file_only_its_last_state_stands() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as file:
        _told()

    assert file.getvalue().splitlines() == ["   time", "   0.5 s", "   lost: 1", "Done."]
