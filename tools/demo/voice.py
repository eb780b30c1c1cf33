"""How does the demonstration speak? In lines of at most 100 columns, one after the other also from two threads.

On a terminal one more line may stand below all others and change; elsewhere only its last state is printed.
"""

import shutil
import sys
import textwrap
import threading

WIDEST = 100
_INDENT = "   "
_ERASE = "\r\x1b[K"
"""Back to the begin of a terminal's line, which is then empty."""


class Voice:
    """Prints to standard output at once, so that a pipe shows it while it happens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
        self._terminal = sys.stdout.isatty()
        self._live = ""

    def chapter(self, title: str) -> None:
        """A heading."""
        self._print("", title, "-" * len(title))

    def say(self, text: str) -> None:
        """A paragraph, wrapped."""
        self._print(*self._wrapped(text, first="", rest=""))

    def command(self, text: str) -> None:
        """A command that is run now."""
        self._print(f"{_INDENT}$ {text}")

    def quote(self, text: str) -> None:
        """What a program said, wrapped."""
        self._print(*self._wrapped(text, first=f"{_INDENT}| ", rest=f"{_INDENT}| "))

    def row(self, text: str) -> None:
        """A line of a table, or a command to copy: never wrapped."""
        self._print(f"{_INDENT}{text}".rstrip())

    def live(self, text: str) -> None:
        """The line that changes: this is what it says now."""
        with self._lock:
            self._live = f"{_INDENT}{text}"[: self._width - 1]
            if self._terminal:
                print(_ERASE, self._live, sep="", end="", flush=True)

    def settle(self) -> None:
        """It changes no more."""
        with self._lock:
            last, self._live = self._live, ""
            print(f"{_ERASE if self._terminal else ''}{last}", flush=True)

    def gap(self) -> None:
        """An empty line."""
        self._print("")

    def _wrapped(self, text: str, *, first: str, rest: str) -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _print(self, *lines: str) -> None:
        with self._lock:
            if self._terminal and self._live:
                print(_ERASE, end="")
            print(*lines, sep="\n", flush=True)
            if self._terminal and self._live:
                print(self._live, end="", flush=True)


def complain(sentence: str) -> None:
    """Say on standard error why it ended."""
    print(sentence, file=sys.stderr, flush=True)
