"""Errors on their way to a user of the dynamic door: one line, no traceback, no module path."""

import sys

from inference_provider.errors import InferenceError
from inference_provider.seam.mistake import mistake


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
    """A mistake of ours as its user should read it."""
    return InferenceFailure(mistake(error))
