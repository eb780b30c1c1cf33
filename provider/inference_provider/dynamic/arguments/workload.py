"""What a program may say in the workload part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/workload.py; not edited by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input

from inference_provider.dynamic.arguments.artifact import ArtifactSpecArgs, ArtifactSpecArgsDict
from inference_provider.dynamic.arguments.gateway import GatewayRouteArgs, GatewayRouteArgsDict


@dataclass(kw_only=True)
class InlineArtifactArgs:
    """An artifact written inside a Workload; its version is made together with the Workload."""

    description: Input[str] | None = None
    """For people; changes nothing that runs. Default: empty."""

    type: Input[Literal["service", "nim", "agent", "tool"] | str] | None = None
    """service (default), nim, agent or tool."""

    status: Input[Literal["draft", "locked"] | str] | None = None
    """draft (default) may change; locked is immutable and numbered. Locking restarts nothing."""

    spec: Input[ArtifactSpecArgs | ArtifactSpecArgsDict]
    """What runs."""

    name: Input[str] | None = None
    """Default: the Workload's name."""


class InlineArtifactArgsDict(TypedDict, total=False):
    """An artifact written inside a Workload; its version is made together with the Workload."""

    description: Input[str] | None
    """For people; changes nothing that runs. Default: empty."""

    type: Input[Literal["service", "nim", "agent", "tool"] | str] | None
    """service (default), nim, agent or tool."""

    status: Input[Literal["draft", "locked"] | str] | None
    """draft (default) may change; locked is immutable and numbered. Locking restarts nothing."""

    spec: Required[Input[ArtifactSpecArgs | ArtifactSpecArgsDict]]
    """What runs."""

    name: Input[str] | None
    """Default: the Workload's name."""


@dataclass(kw_only=True)
class ServiceSettingsArgs:
    """The Workload's endpoint."""

    port: Input[int] | None = None
    """Port of the endpoint. Default 80."""

    type: Input[Literal["ClusterIP", "LoadBalancer", "NodePort"] | str] | None = None
    """ClusterIP (default), LoadBalancer or NodePort."""

    annotations: Input[Mapping[str, Input[str]]] | None = None
    """Annotations of the Service, keys as written. Default: none."""

    gateway: Input[GatewayRouteArgs | GatewayRouteArgsDict] | None = None
    """Route of an Envoy AI Gateway to the endpoint, which can limit tokens. Default: none; it is called directly."""


class ServiceSettingsArgsDict(TypedDict, total=False):
    """The Workload's endpoint."""

    port: Input[int] | None
    """Port of the endpoint. Default 80."""

    type: Input[Literal["ClusterIP", "LoadBalancer", "NodePort"] | str] | None
    """ClusterIP (default), LoadBalancer or NodePort."""

    annotations: Input[Mapping[str, Input[str]]] | None
    """Annotations of the Service, keys as written. Default: none."""

    gateway: Input[GatewayRouteArgs | GatewayRouteArgsDict] | None
    """Route of an Envoy AI Gateway to the endpoint, which can limit tokens. Default: none; it is called directly."""
