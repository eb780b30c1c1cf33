"""Errors on their way to a user of the dynamic door: one line, no traceback, no module path."""

import sys
from pathlib import Path

from inference_provider.errors import InferenceError


class InferenceFailure(Exception):
    """What the dynamic provider raises. Python prints a ``builtins`` exception by its bare name."""

    __module__ = "builtins"


def silence_tracebacks() -> None:
    """Let ``traceback.format_exc()``, which is all a dynamic provider can say, end in one line.

    Only ever called inside of the provider process: in a program it would stop the SDK at its first resource.
    """
    sys.tracebacklimit = 0


def failure_of(error: InferenceError) -> InferenceFailure:
    """The error as its user should read it: ``RolloutFailed: r3 did not become ready …``."""
    kind: type[InferenceFailure] = type(type(error).__name__, (InferenceFailure,), {"__module__": "builtins"})
    return kind(str(error))


def unexpected(error: Exception) -> InferenceFailure:
    """A mistake of ours as its user should read it. Never the error's own text: it may repeat inputs, so secrets."""
    kind = type(error).__name__
    return InferenceFailure(
        f"unexpected {kind} in {_place(error)}; this is a bug of pulumi-inference, please report it with this line"
    )


def _place(error: Exception) -> str:
    """Where in our code it was raised: ``resources/artifact.py:77``. (``traceback`` obeys the limit set above.)"""
    here, root, place = error.__traceback__, Path(__file__).parents[1], "unknown code"
    while here is not None:
        file = Path(here.tb_frame.f_code.co_filename)
        if file.is_relative_to(root):
            place = f"{file.relative_to(root)}:{here.tb_lineno}"
        here = here.tb_next
    return place
