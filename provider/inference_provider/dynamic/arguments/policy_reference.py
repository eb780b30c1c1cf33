"""What a program may say in the policy_reference part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/policy_reference.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class PolicyRefArgs:
    """A Policy that a Workload is under, whatever that Policy chooses by itself."""

    ref_type: Input[Literal["localPolicy", "remotePolicy"] | str]
    """localPolicy: one of the Workload's namespace, by `name`. remotePolicy: any, by `id`."""

    name: Input[str] | None = None
    """The name of a localPolicy; no default."""

    id: Input[str] | None = None
    """The id of a remotePolicy: `namespace/name`; no default."""


class PolicyRefArgsDict(TypedDict, total=False):
    """A Policy that a Workload is under, whatever that Policy chooses by itself."""

    ref_type: Required[Input[Literal["localPolicy", "remotePolicy"] | str]]
    """localPolicy: one of the Workload's namespace, by `name`. remotePolicy: any, by `id`."""

    name: Input[str] | None
    """The name of a localPolicy; no default."""

    id: Input[str] | None
    """The id of a remotePolicy: `namespace/name`; no default."""
