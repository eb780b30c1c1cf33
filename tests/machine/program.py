"""What a user's program says: one Artifact and one Workload that runs it, small enough to be drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from inference_provider.resources.world import Properties

PROBES = {
    "startupProbe": {"path": "/health", "periodSeconds": 5.0, "failureThreshold": 3.0},
    "readinessProbe": {"path": "/health", "periodSeconds": 5.0},
}


@dataclass(frozen=True)
class Declared:
    """One resource as the program registers it; ``inputs`` makes its inputs of the outputs of those before it."""

    kind: str
    urn: str
    inputs: Callable[[Mapping[str, Properties]], Properties]
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Program:
    """The whole program. ``logical`` is the Workload's name in the program, ``name`` the one in the cluster."""

    image: str = "v1"
    replicas: int = 2
    port: int = 80
    description: str = ""
    keep_minutes: int = 5
    on_failure: str = "delete"
    switch: str = "overlap"
    promotion: str = "automatic"
    promote: str = ""
    name: str = "chat"
    logical: str = "chat"
    inline: bool = False
    running: bool = True
    aliased: frozenset[str] = frozenset()

    @property
    def fails(self) -> bool:
        """Whether its version never serves."""
        return self.image.startswith("bad")

    @property
    def sleeps_unpromoted(self) -> bool:
        """Whether a new version waits for the next start: nothing can be staged while nothing runs."""
        return self.promotion == "manual" and not self.running

    @property
    def pods(self) -> int:
        """How many pods are to serve."""
        return self.replicas if self.running else 0

    @property
    def pulled(self) -> str:
        """The image as the program writes it."""
        return f"vllm/{self.image}:1"

    @property
    def urn(self) -> str:
        """The Workload's URN."""
        return urn("Workload", self.logical)

    def declared(self) -> tuple[Declared, ...]:
        """Its resources, in the order in which the engine meets them."""
        spec, aliases = self._spec(), frozenset(urn("Workload", each) for each in self.aliased - {self.logical})
        if self.inline:
            return (Declared("workload", self.urn, lambda _: self._workload({"artifact": {"spec": spec}}), aliases),)
        return (
            Declared("artifact", urn("Artifact", "llama"), lambda _: {"name": "llama", "spec": spec}),
            Declared(
                "workload",
                self.urn,
                lambda known: self._workload({"artifactId": known["artifact"]["versionId"]}),
                aliases,
            ),
        )

    def _workload(self, runs: Properties) -> Properties:
        replacement = {
            "keepOldVersionMinutes": float(self.keep_minutes),
            "onFailure": self.on_failure,
            "trafficSwitch": self.switch,
            "promotion": self.promotion,
            "onConflict": "supersede",
            **({"promote": self.promote} if self.promote else {}),
        }
        return {
            "name": self.name,
            **runs,
            "runtime": {"containerGroups": [{"replicaCount": float(self.replicas)}]},
            "service": {"port": float(self.port)},
            "replacement": replacement,
            "running": self.running,
            **({"description": self.description} if self.description else {}),
        }

    def _spec(self) -> Properties:
        container = {"name": "vllm", "image": self.pulled, "primary": True, "port": 8000.0, **PROBES}
        return {"containerGroups": [{"containers": [container]}]}


class Change(TypedDict, total=False):
    """What changes in a program."""

    image: str
    replicas: int
    port: int
    description: str
    keep_minutes: int
    on_failure: str
    switch: str
    promotion: str
    promote: str
    running: bool


def urn(kind: str, logical: str) -> str:
    """Pulumi's name of a resource."""
    return f"urn:pulumi:dev::shop::inference:index:{kind}::{logical}"
