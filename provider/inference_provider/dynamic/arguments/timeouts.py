"""What a program may say in the timeouts part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/timeouts.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class TimeoutsArgs:
    """How long an operation may take in all."""

    create: Input[float | str] | None = None
    """Time to create: '30m', '90s', '1h30m' or seconds."""

    update: Input[float | str] | None = None
    """Time to update, a replacement included."""

    delete: Input[float | str] | None = None
    """Time to delete."""


class TimeoutsArgsDict(TypedDict, total=False):
    """How long an operation may take in all."""

    create: Input[float | str] | None
    """Time to create: '30m', '90s', '1h30m' or seconds."""

    update: Input[float | str] | None
    """Time to update, a replacement included."""

    delete: Input[float | str] | None
    """Time to delete."""
