"""How does a command end that could not do what it was asked? In one sentence on stderr, never in a traceback, and with
a number that scripts can tell apart; the guide lists them.
"""

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.text import Text

from inference_provider.cli.terminal import remarks
from inference_provider.errors import Forbidden, InferenceError, LockHeld, NotFound, Unauthorized, Unavailable

#: An error with no number of its own; the doctor has found a problem; somebody has answered no.
FAILED = 1
#: As typer ends when a command is not written as it must be.
USAGE = 2
#: `policy check`: something runs where a policy does not allow it.
VIOLATED = 7
#: As shells count it: ended by SIGINT.
INTERRUPTED = 130

#: What a script may want to do something about: look elsewhere, try again later, log in, wait for the cluster.
_CODES: tuple[tuple[type[InferenceError], int], ...] = (
    (NotFound, 3),
    (LockHeld, 4),
    (Forbidden, 5),
    (Unauthorized, 5),
    (Unavailable, 6),
)


@contextlib.contextmanager
def in_sentences(*, interrupted: str) -> Iterator[None]:
    """Turn what is raised into a sentence and an exit code; ``interrupted`` is said after Ctrl-C."""
    try:
        yield
    except InferenceError as error:
        say("error", error.message)
        if error.detail:
            remarks().print(error.detail)
        raise typer.Exit(code_of(error)) from None
    except KeyboardInterrupt:
        say("interrupted", interrupted)
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):  # typer knows what to do
        raise
    except Exception as error:
        say("error", _unexpected(error))
        raise typer.Exit(FAILED) from error


def code_of(error: InferenceError) -> int:
    """The exit code that tells what kind of error it was."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)


def say(word: str, sentence: str) -> None:
    """One remark that begins with its kind."""
    remarks().print(Text.assemble((f"{word}: ", "bold red"), sentence))


def _unexpected(error: Exception) -> str:
    """A mistake of ours. Never the error's own text: it may repeat what the cluster holds, so secrets."""
    root = Path(__file__).parents[1]
    ours = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).is_relative_to(root)]
    place = f"{Path(ours[-1].filename).relative_to(root)}:{ours[-1].lineno}" if ours else "unknown code"
    kind = type(error).__name__
    return f"unexpected {kind} in {place}; this is a bug of pulumi-inference, please report it with this line"
