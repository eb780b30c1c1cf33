"""One container of an observed pod: what was asked for and what became of it, joined by name.

Every part of a status may be missing: a pod that was made a moment ago has none at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inference_provider.manifests.kinds import Body


@dataclass(frozen=True, slots=True)
class Container:
    """A container's spec and status side by side; ``step`` is true for init containers that have to end."""

    spec: Body
    status: Body
    step: bool = False

    @property
    def name(self) -> str:
        return str(self.spec.get("name", ""))

    @property
    def image(self) -> str:
        return str(self.spec.get("image") or self.status.get("image", ""))

    @property
    def restarts(self) -> int:
        return int(self.status.get("restartCount") or 0)

    @property
    def ready(self) -> bool:
        return self.status.get("ready") is True

    @property
    def waiting(self) -> Body | None:
        return _state(self.status.get("state"), "waiting")

    @property
    def running(self) -> Body | None:
        return _state(self.status.get("state"), "running")

    @property
    def terminated(self) -> Body | None:
        return _state(self.status.get("state"), "terminated")

    @property
    def terminated_before(self) -> Body | None:
        """How the incarnation before the present one ended."""
        return _state(self.status.get("lastState"), "terminated")

    @property
    def started(self) -> bool:
        """Whether the startup probe is through. Where nobody says, a container with such a probe is not."""
        said = self.status.get("started")
        return bool(said) if said is not None else "startupProbe" not in self.spec

    @property
    def memory_limit(self) -> str | None:
        limit = ((self.spec.get("resources") or {}).get("limits") or {}).get("memory")
        return None if limit is None else str(limit)


def containers_of(pod: Body) -> list[Container]:
    """All containers in the order in which they start: init containers first."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    first, then = status.get("initContainerStatuses"), status.get("containerStatuses")
    return [
        *(Container(one, _named(first, one), step=not _stays(one)) for one in spec.get("initContainers") or []),
        *(Container(one, _named(then, one)) for one in spec.get("containers") or []),
    ]


def _stays(init_container: Body) -> bool:
    # The API's way of saying "sidecar": it starts before the containers and runs beside them.
    return init_container.get("restartPolicy") == "Always"


def _named(statuses: list[Body] | None, spec: Body) -> Body:
    return next((status for status in statuses or [] if status.get("name") == spec.get("name")), {})


def _state(states: Mapping[str, Body] | None, word: str) -> Body | None:
    # An empty state is {"running": {}}: present, though falsy.
    return None if states is None or states.get(word) is None else states[word]
