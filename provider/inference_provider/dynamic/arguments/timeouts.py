"""What a program may say in the timeouts part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/timeouts.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class TimeoutsArgs:
    """How long an operation may take in all. In the plugin door `customTimeouts` of the resource options win."""

    create: Input[float | str] | None = None
    """Time to create: '30m', '90s', '1h30m' or seconds. Default: an hour."""

    update: Input[float | str] | None = None
    """Time to update, a replacement included; written as for `create`. Default: an hour."""

    delete: Input[float | str] | None = None
    """Time to delete, until the last pod or user is gone; as for `create`. Default: 10 minutes."""


class TimeoutsArgsDict(TypedDict, total=False):
    """How long an operation may take in all. In the plugin door `customTimeouts` of the resource options win."""

    create: Input[float | str] | None
    """Time to create: '30m', '90s', '1h30m' or seconds. Default: an hour."""

    update: Input[float | str] | None
    """Time to update, a replacement included; written as for `create`. Default: an hour."""

    delete: Input[float | str] | None
    """Time to delete, until the last pod or user is gone; as for `create`. Default: 10 minutes."""
