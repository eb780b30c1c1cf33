"""What a program may say in the gateway part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/gateway.py; not edited by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class GatewayParentArgs:
    """A Gateway that the route is attached to."""

    name: Input[str]
    """The Gateway's name."""

    namespace: Input[str] | None = None
    """Where the Gateway is. Default: the Workload's namespace."""

    section_name: Input[str] | None = None
    """One of the Gateway's listeners. Default: every one that takes the route."""


class GatewayParentArgsDict(TypedDict, total=False):
    """A Gateway that the route is attached to."""

    name: Required[Input[str]]
    """The Gateway's name."""

    namespace: Input[str] | None
    """Where the Gateway is. Default: the Workload's namespace."""

    section_name: Input[str] | None
    """One of the Gateway's listeners. Default: every one that takes the route."""


@dataclass(kw_only=True)
class GatewayRouteArgs:
    """The route of an Envoy AI Gateway to the endpoint."""

    parent_refs: Input[Sequence[Input[GatewayParentArgs | GatewayParentArgsDict]]]
    """The Gateways that it is attached to; at least one."""

    hostnames: Input[Sequence[Input[str]]] | None = None
    """Host names that lead to this Workload. Default: all of the Gateway's."""


class GatewayRouteArgsDict(TypedDict, total=False):
    """The route of an Envoy AI Gateway to the endpoint."""

    parent_refs: Required[Input[Sequence[Input[GatewayParentArgs | GatewayParentArgsDict]]]]
    """The Gateways that it is attached to; at least one."""

    hostnames: Input[Sequence[Input[str]]] | None
    """Host names that lead to this Workload. Default: all of the Gateway's."""
