"""How does a command end that could not do what it was asked? In one sentence on stderr, never in a traceback."""

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.text import Text

from inference_provider.cli.terminal import remarks
from inference_provider.errors import InferenceError

#: As shells count it: ended by SIGINT.
INTERRUPTED = 130


@contextlib.contextmanager
def in_sentences(*, interrupted: str) -> Iterator[None]:
    """Turn what is raised into a sentence and an exit code; ``interrupted`` is said after Ctrl-C."""
    try:
        yield
    except InferenceError as error:
        say("error", error.message)
        if error.detail:
            remarks().print(error.detail)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        say("interrupted", interrupted)
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        say("error", _unexpected(error))
        raise typer.Exit(1) from error


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
