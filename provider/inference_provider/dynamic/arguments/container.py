"""What a program may say in the container part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/container.py; not edited by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class SecretRefArgs:
    """One key of a Secret that already exists in the Workload's namespace."""

    name: Input[str]
    """Name of a Secret in the same namespace."""

    key: Input[str]
    """Which key of that Secret holds the value."""


class SecretRefArgsDict(TypedDict, total=False):
    """One key of a Secret that already exists in the Workload's namespace."""

    name: Required[Input[str]]
    """Name of a Secret in the same namespace."""

    key: Required[Input[str]]
    """Which key of that Secret holds the value."""


@dataclass(kw_only=True)
class EnvVarArgs:
    """One environment variable: either a plain value or a reference into a Secret."""

    name: Input[str]
    """Name of the environment variable."""

    value: Input[str] | None = None
    """Its value in plain text; may refer to variables above it as $(NAME). Not for secrets. Default: none, then
    `secretRef` is required.
    """

    secret_ref: Input[SecretRefArgs | SecretRefArgsDict] | None = None
    """Take the value from a Secret that already exists, instead of `value`. Default: none."""


class EnvVarArgsDict(TypedDict, total=False):
    """One environment variable: either a plain value or a reference into a Secret."""

    name: Required[Input[str]]
    """Name of the environment variable."""

    value: Input[str] | None
    """Its value in plain text; may refer to variables above it as $(NAME). Not for secrets. Default: none, then
    `secretRef` is required.
    """

    secret_ref: Input[SecretRefArgs | SecretRefArgsDict] | None
    """Take the value from a Secret that already exists, instead of `value`. Default: none."""


@dataclass(kw_only=True)
class ProbeArgs:
    """An HTTP check of a container."""

    path: Input[str]
    """Path of the URL that is asked, such as /health."""

    port: Input[int] | None = None
    """Port that is asked. Default: the container's own `port`, else 8080."""

    scheme: Input[Literal["HTTP", "HTTPS"] | str] | None = None
    """HTTP (default) or HTTPS."""

    host: Input[str] | None = None
    """Host that is asked. Default: the pod's own address."""

    http_headers: Input[Mapping[str, Input[str]]] | None = None
    """Extra HTTP headers; their names are sent as written. Default: none."""

    initial_delay_seconds: Input[int] | None = None
    """Seconds from the container's start to the first check. Default 30."""

    period_seconds: Input[int] | None = None
    """Seconds between two checks. Default 30."""

    timeout_seconds: Input[int] | None = None
    """Seconds after which an unanswered check has failed. Default 30."""

    failure_threshold: Input[int] | None = None
    """How many checks in a row must fail before the probe has failed. Default 3."""


class ProbeArgsDict(TypedDict, total=False):
    """An HTTP check of a container."""

    path: Required[Input[str]]
    """Path of the URL that is asked, such as /health."""

    port: Input[int] | None
    """Port that is asked. Default: the container's own `port`, else 8080."""

    scheme: Input[Literal["HTTP", "HTTPS"] | str] | None
    """HTTP (default) or HTTPS."""

    host: Input[str] | None
    """Host that is asked. Default: the pod's own address."""

    http_headers: Input[Mapping[str, Input[str]]] | None
    """Extra HTTP headers; their names are sent as written. Default: none."""

    initial_delay_seconds: Input[int] | None
    """Seconds from the container's start to the first check. Default 30."""

    period_seconds: Input[int] | None
    """Seconds between two checks. Default 30."""

    timeout_seconds: Input[int] | None
    """Seconds after which an unanswered check has failed. Default 30."""

    failure_threshold: Input[int] | None
    """How many checks in a row must fail before the probe has failed. Default 3."""


@dataclass(kw_only=True)
class CapabilitiesArgs:
    """Linux capabilities, beyond or below the container runtime's own set."""

    add: Input[Sequence[Input[str]]] | None = None
    """Capabilities to add, such as SYS_PTRACE. Default: none."""

    drop: Input[Sequence[Input[str]]] | None = None
    """Capabilities to take away, such as ALL. Default: none."""


class CapabilitiesArgsDict(TypedDict, total=False):
    """Linux capabilities, beyond or below the container runtime's own set."""

    add: Input[Sequence[Input[str]]] | None
    """Capabilities to add, such as SYS_PTRACE. Default: none."""

    drop: Input[Sequence[Input[str]]] | None
    """Capabilities to take away, such as ALL. Default: none."""


@dataclass(kw_only=True)
class SeccompProfileArgs:
    """Which system calls a container may make."""

    type: Input[Literal["RuntimeDefault", "Unconfined", "Localhost"] | str]
    """Where the profile comes from."""

    localhost_profile: Input[str] | None = None
    """Path of the profile on the node; only, and always, with type Localhost. Default: none."""


class SeccompProfileArgsDict(TypedDict, total=False):
    """Which system calls a container may make."""

    type: Required[Input[Literal["RuntimeDefault", "Unconfined", "Localhost"] | str]]
    """Where the profile comes from."""

    localhost_profile: Input[str] | None
    """Path of the profile on the node; only, and always, with type Localhost. Default: none."""


@dataclass(kw_only=True)
class SecurityContextArgs:
    """What a container may do on its node."""

    allow_privilege_escalation: Input[bool] | None = None
    """Whether a process may gain more rights than its parent has. Default false."""

    capabilities: Input[CapabilitiesArgs | CapabilitiesArgsDict] | None = None
    """Linux capabilities to add or drop. Default: the container runtime's own set."""

    read_only_root_filesystem: Input[bool] | None = None
    """Whether the container's own file system is read-only. Default: as the cluster has it."""

    seccomp_profile: Input[SeccompProfileArgs | SeccompProfileArgsDict] | None = None
    """Filter of system calls. Default: RuntimeDefault."""


class SecurityContextArgsDict(TypedDict, total=False):
    """What a container may do on its node."""

    allow_privilege_escalation: Input[bool] | None
    """Whether a process may gain more rights than its parent has. Default false."""

    capabilities: Input[CapabilitiesArgs | CapabilitiesArgsDict] | None
    """Linux capabilities to add or drop. Default: the container runtime's own set."""

    read_only_root_filesystem: Input[bool] | None
    """Whether the container's own file system is read-only. Default: as the cluster has it."""

    seccomp_profile: Input[SeccompProfileArgs | SeccompProfileArgsDict] | None
    """Filter of system calls. Default: RuntimeDefault."""


@dataclass(kw_only=True)
class ContainerArgs:
    """One container of a group."""

    name: Input[str]
    """Unique within its group; the runtime refers to it."""

    description: Input[str] | None = None
    """For people; changes nothing that runs. Default: empty."""

    image: Input[str] | None = None
    """Image reference; it is pinned to its digest when the version is made. Required: no default."""

    build: Input[Mapping[str, Input[object]]] | None = None
    """Build the image from source. Not yet supported."""

    primary: Input[bool] | None = None
    """Whether it answers the Workload's requests; exactly one does. Default false."""

    port: Input[int] | None = None
    """Port it listens on, at least 1024. The primary container needs one, no other may. No default."""

    entrypoint: Input[Sequence[Input[str]]] | None = None
    """Replaces the image's entrypoint. Default: the image's own."""

    args: Input[Sequence[Input[str]]] | None = None
    """Arguments. Default: the image's own."""

    env: Input[Sequence[Input[EnvVarArgs | EnvVarArgsDict]]] | None = None
    """Environment variables, in order, each name once. Default: none."""

    startup_probe: Input[ProbeArgs | ProbeArgsDict] | None = None
    """Passes once the server has loaded; its budget is the time a new version is given to start. Default: none."""

    readiness_probe: Input[ProbeArgs | ProbeArgsDict] | None = None
    """While it fails, no requests are sent here. Default: none."""

    liveness_probe: Input[ProbeArgs | ProbeArgsDict] | None = None
    """When it fails, the container is restarted. Default: none."""

    security_context: Input[SecurityContextArgs | SecurityContextArgsDict] | None = None
    """Rights on the node. Default: no escalation of privileges, seccomp RuntimeDefault."""


class ContainerArgsDict(TypedDict, total=False):
    """One container of a group."""

    name: Required[Input[str]]
    """Unique within its group; the runtime refers to it."""

    description: Input[str] | None
    """For people; changes nothing that runs. Default: empty."""

    image: Input[str] | None
    """Image reference; it is pinned to its digest when the version is made. Required: no default."""

    build: Input[Mapping[str, Input[object]]] | None
    """Build the image from source. Not yet supported."""

    primary: Input[bool] | None
    """Whether it answers the Workload's requests; exactly one does. Default false."""

    port: Input[int] | None
    """Port it listens on, at least 1024. The primary container needs one, no other may. No default."""

    entrypoint: Input[Sequence[Input[str]]] | None
    """Replaces the image's entrypoint. Default: the image's own."""

    args: Input[Sequence[Input[str]]] | None
    """Arguments. Default: the image's own."""

    env: Input[Sequence[Input[EnvVarArgs | EnvVarArgsDict]]] | None
    """Environment variables, in order, each name once. Default: none."""

    startup_probe: Input[ProbeArgs | ProbeArgsDict] | None
    """Passes once the server has loaded; its budget is the time a new version is given to start. Default: none."""

    readiness_probe: Input[ProbeArgs | ProbeArgsDict] | None
    """While it fails, no requests are sent here. Default: none."""

    liveness_probe: Input[ProbeArgs | ProbeArgsDict] | None
    """When it fails, the container is restarted. Default: none."""

    security_context: Input[SecurityContextArgs | SecurityContextArgsDict] | None
    """Rights on the node. Default: no escalation of privileges, seccomp RuntimeDefault."""
