"""What a resource works with: a cluster (connected on first use), a registry, a place to report to, and who asks."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.errors import Fault, RegistryError

#: Inputs and outputs as they travel: JSON with camelCase keys.
Properties = dict[str, object]


class Images(Protocol):
    """Resolves image strings to digests."""

    async def resolve_all(self, images: Iterable[str]) -> Mapping[str, str | RegistryError]: ...


@dataclass(frozen=True)
class World:
    """Everything outside of a resource, for one call."""

    connect: Callable[[], Awaitable[Cluster]]
    images: Images
    namespace: str
    report: Reporter
    urn: str = ""
    previewing: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """Inputs with what we filled in, or what is wrong with them."""

    inputs: Properties
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What an update would do: nothing, something, or (``replaces``) make another resource."""

    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.changed or self.replaces)


def resource_id(namespace: str, name: str) -> str:
    """The id of every resource of ours: ``namespace/name``."""
    return f"{namespace}/{name}"


def place_of(identifier: str) -> tuple[str, str]:
    """Namespace and name of an id."""
    namespace, _, name = identifier.partition("/")
    return namespace, name
