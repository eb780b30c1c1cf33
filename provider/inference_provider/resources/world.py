"""What a resource works with: a cluster (connected on first use), a registry, a place to report to, and who asks."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from inference_provider.converge.look import look_around
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.domain.durations import duration_seconds
from inference_provider.domain.policy import PolicyInputs
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, RegistryError
from inference_provider.rollout.fleet import Fleet

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
    around: Callable[[str], Awaitable[Mapping[str, Fleet]]] | None = None
    #: The policies that this run's program declares, by id, as check has seen them.
    declared: MutableMapping[str, PolicyInputs] = field(default_factory=dict)
    #: The Workloads of this run's program that Replacements drive, by id, as check has seen them.
    driven: MutableMapping[str, WorkloadInputs] = field(default_factory=dict)

    async def workloads(self, namespace: str) -> Mapping[str, Fleet]:
        """Every Workload of a namespace, without pods; as old as ``around`` may be, if there is such a memory."""
        return await (self.around(namespace) if self.around else look_around(await self.connect(), namespace))


@dataclass(frozen=True)
class Checked:
    """Inputs with what we filled in, or what is wrong with them."""

    inputs: Properties
    faults: tuple[Fault, ...] = ()


#: Another value of these makes another resource.
PLACING = ("name", "namespace", "workloadId")


@dataclass(frozen=True)
class Difference:
    """What an update would do: nothing, something, or (``replaces``) make another resource.

    ``unknown`` are those of the changed paths whose new value a preview does not know yet, ``found`` what is not in
    order in the cluster though neither the program nor the state changed.
    """

    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    found: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.changed or self.replaces or self.found)

    def and_perhaps(self, unknown: tuple[str, ...]) -> "Difference":
        """The same, with everything that is not known yet as a possible change."""
        places = tuple(path for path in PLACING if path in unknown and path not in self.replaces)
        changed = (*self.changed, *(path for path in unknown if path not in self.changed))
        return replace(self, changed=changed, replaces=(*self.replaces, *places), unknown=unknown)

    def and_found(self, found: tuple[str, ...]) -> "Difference":
        """The same, with what is not in order in the cluster."""
        return replace(self, found=found)


def resource_id(namespace: str, name: str) -> str:
    """The id of every resource of ours: ``namespace/name``."""
    return f"{namespace}/{name}"


def place_of(identifier: str) -> tuple[str, str]:
    """Namespace and name of an id."""
    namespace, _, name = identifier.partition("/")
    return namespace, name


def touches(paths: Iterable[str], properties: Iterable[str]) -> bool:
    """Whether one of the property paths is one of these properties or lies inside one."""
    tops = {path.partition(".")[0].partition("[")[0] for path in paths}
    return not tops.isdisjoint(properties)


def delete_seconds(properties: Properties, default: float) -> float:
    """The time that ``timeouts.delete`` allows; what another release wrote there must not keep anything alive."""
    timeouts = properties.get("timeouts")
    given = timeouts.get("delete") if isinstance(timeouts, Mapping) else None
    try:
        return duration_seconds(given) if isinstance(given, str | int | float) else default
    except ValueError:
        return default
