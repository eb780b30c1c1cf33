"""What a program may say in the shared_roles part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/shared_roles.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class SharedRoleArgs:
    """One recipient and what it may do with the Workload."""

    role: Input[Literal["OWNER", "EDITOR", "USER", "OBSERVER", "CONSUMER"] | str]
    """CONSUMER only calls it, OBSERVER only looks, USER does both; EDITOR also promotes, takes back, cancels, stops
    and starts; OWNER also changes, deletes and shares it.
    """

    share_recipient_type: Input[Literal["user", "group", "serviceAccount"] | str]
    """user, group, or serviceAccount."""

    name: Input[str]
    """As the cluster's login names the user or group, or the service account's name."""

    namespace: Input[str] | None = None
    """Where the service account lives. Default: the Workload's namespace."""


class SharedRoleArgsDict(TypedDict, total=False):
    """One recipient and what it may do with the Workload."""

    role: Required[Input[Literal["OWNER", "EDITOR", "USER", "OBSERVER", "CONSUMER"] | str]]
    """CONSUMER only calls it, OBSERVER only looks, USER does both; EDITOR also promotes, takes back, cancels, stops
    and starts; OWNER also changes, deletes and shares it.
    """

    share_recipient_type: Required[Input[Literal["user", "group", "serviceAccount"] | str]]
    """user, group, or serviceAccount."""

    name: Required[Input[str]]
    """As the cluster's login names the user or group, or the service account's name."""

    namespace: Input[str] | None
    """Where the service account lives. Default: the Workload's namespace."""
