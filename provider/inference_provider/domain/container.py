"""What one container is: its image, command, environment, probes and limits of rights.

Fields and defaults follow the seed's Container, ProbeConfig and SecurityContext; environment variables are flat.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from inference_provider.domain.fields import (
    ContainerName,
    EnvName,
    HeaderName,
    ImageText,
    Port,
    SecretKey,
    SecretName,
    Text,
    Truth,
    UnprivilegedPort,
    UrlPath,
    Whole,
    not_yet,
)
from inference_provider.domain.model import Broken, Given, Input

#: The port of a probe when neither the probe nor its container names one.
DEFAULT_PROBE_PORT = 8080


class SecretRef(Input):
    """One key of a Secret that already exists in the Workload's namespace."""

    name: Annotated[SecretName, Field(description="Name of a Secret in the same namespace.")]
    key: Annotated[SecretKey, Field(description="Which key of that Secret holds the value.")]


class EnvVar(Input):
    """One environment variable: either a plain value or a reference into a Secret."""

    name: Annotated[EnvName, Field(description="Name of the environment variable.")]
    value: Annotated[
        str | None,
        Field(
            description="Its value in plain text; may refer to variables above it as $(NAME). Not for secrets. "
            "Default: none, then `secretRef` is required."
        ),
    ] = None
    secret_ref: Annotated[
        SecretRef | None,
        Field(description="Take the value from a Secret that already exists, instead of `value`. Default: none."),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Exactly one source of the value."""
        if given.has("value") and given.has("secretRef"):
            yield ("secretRef",), "cannot be given together with `value`; keep one of the two"
        if not given.has("value") and not given.has("secretRef"):
            yield ("value",), 'give `value` or `secretRef` (an empty value is "")'


class Probe(Input):
    """An HTTP check of a container."""

    path: Annotated[UrlPath, Field(description="Path of the URL that is asked, such as /health.")]
    port: Annotated[
        Port | None,
        Field(description=f"Port that is asked. Default: the container's own `port`, else {DEFAULT_PROBE_PORT}."),
    ] = None
    scheme: Annotated[Literal["HTTP", "HTTPS"], Field(description="HTTP (default) or HTTPS.")] = "HTTP"
    host: Annotated[str | None, Field(description="Host that is asked. Default: the pod's own address.")] = None
    http_headers: Annotated[
        dict[HeaderName, str], Field(description="Extra HTTP headers; their names are sent as written. Default: none.")
    ] = Field(default_factory=dict)
    initial_delay_seconds: Annotated[
        Whole, Field(ge=0, description="Seconds from the container's start to the first check. Default 30.")
    ] = 30
    period_seconds: Annotated[Whole, Field(ge=1, description="Seconds between two checks. Default 30.")] = 30
    timeout_seconds: Annotated[
        Whole, Field(ge=1, description="Seconds after which an unanswered check has failed. Default 30.")
    ] = 30
    failure_threshold: Annotated[
        Whole, Field(ge=1, description="How many checks in a row must fail before the probe has failed. Default 3.")
    ] = 3


class Capabilities(Input):
    """Linux capabilities, beyond or below the container runtime's own set."""

    add: Annotated[tuple[Text, ...], Field(description="Capabilities to add, such as SYS_PTRACE. Default: none.")] = ()
    drop: Annotated[tuple[Text, ...], Field(description="Capabilities to take away, such as ALL. Default: none.")] = ()


class SeccompProfile(Input):
    """Which system calls a container may make."""

    type: Annotated[
        Literal["RuntimeDefault", "Unconfined", "Localhost"], Field(description="Where the profile comes from.")
    ]
    localhost_profile: Annotated[
        Text | None,
        Field(description="Path of the profile on the node; only, and always, with type Localhost. Default: none."),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """The path belongs to Localhost."""
        local = given.text("type") == "Localhost"
        if local and not given.has("localhostProfile"):
            yield ("localhostProfile",), "is required with type Localhost"
        if not local and given.has("localhostProfile"):
            yield ("localhostProfile",), "only goes with type Localhost; leave it out"


class SecurityContext(Input):
    """What a container may do on its node."""

    allow_privilege_escalation: Annotated[
        Truth | None, Field(description="Whether a process may gain more rights than its parent has. Default false.")
    ] = None
    capabilities: Annotated[
        Capabilities | None,
        Field(description="Linux capabilities to add or drop. Default: the container runtime's own set."),
    ] = None
    read_only_root_filesystem: Annotated[
        Truth | None,
        Field(description="Whether the container's own file system is read-only. Default: as the cluster has it."),
    ] = None
    seccomp_profile: Annotated[
        SeccompProfile | None, Field(description="Filter of system calls. Default: RuntimeDefault.")
    ] = None


class Container(Input):
    """One container of a group."""

    name: Annotated[ContainerName, Field(description="Unique within its group; the runtime refers to it.")]
    description: Annotated[str, Field(description="For people; changes nothing that runs. Default: empty.")] = ""
    image: Annotated[
        ImageText | None,
        Field(
            description="Image reference; it is pinned to its digest when the version is made. Required: no default."
        ),
    ] = None
    build: Annotated[
        dict[str, object] | None, not_yet(), Field(description="Build the image from source. Not yet supported.")
    ] = None
    primary: Annotated[
        Truth,
        Field(description="Whether it answers the Workload's requests; exactly one does. Default false."),
    ] = False
    port: Annotated[
        UnprivilegedPort | None,
        Field(
            description="Port it listens on, at least 1024. The primary container needs one, no other may. No default."
        ),
    ] = None
    entrypoint: Annotated[
        tuple[str, ...] | None, Field(description="Replaces the image's entrypoint. Default: the image's own.")
    ] = None
    args: Annotated[tuple[str, ...] | None, Field(description="Arguments. Default: the image's own.")] = None
    env: Annotated[
        tuple[EnvVar, ...], Field(description="Environment variables, in order, each name once. Default: none.")
    ] = ()
    startup_probe: Annotated[
        Probe | None,
        Field(
            description="Passes once the server has loaded; its budget is the time a new version is given to start. "
            "Default: none."
        ),
    ] = None
    readiness_probe: Annotated[
        Probe | None, Field(description="While it fails, no requests are sent here. Default: none.")
    ] = None
    liveness_probe: Annotated[
        Probe | None, Field(description="When it fails, the container is restarted. Default: none.")
    ] = None
    security_context: Annotated[
        SecurityContext | None,
        Field(description="Rights on the node. Default: no escalation of privileges, seccomp RuntimeDefault."),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """An image, a port exactly when primary, and no environment variable twice."""
        if not given.has("image") and not given.has("build"):
            yield ("image",), "is required"
        primary = bool(given.get("primary"))
        if primary and not given.has("port"):
            yield ("port",), "is required: this is the primary container, the one that answers requests"
        if not primary and given.has("port"):
            yield ("port",), "only the primary container may have a port; leave it out, or set `primary` here"
        seen: set[str] = set()
        for index, variable in given.children("env"):
            name = variable.text("name")
            if name in seen:
                yield ("env", index, "name"), f"`{name}` is given twice in this container"
            if name is not None:
                seen.add(name)

    def probe_port(self, probe: Probe) -> int:
        """The port that ``probe`` asks: its own, else the container's, else 8080."""
        return probe.port or self.port or DEFAULT_PROBE_PORT
