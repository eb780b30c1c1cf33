"""What a user's program says: one Artifact and one Workload that runs it, small enough to be drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from inference_provider.resources.world import Properties
from tests.support.fake_scheduler import MODEL

#: The name of the second container group, which does not serve.
SECOND = "router"

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
    gpus: int = 0  # of each pod that serves
    surge: str = "wait"
    importance: str = "low"
    driver: str = "artifact"
    replacing: bool = False  # whether a Replacement is declared
    second: str = ""  # the image of a second group, if there is one
    companions: int = 1  # pods of the second group

    @property
    def fails(self) -> bool:
        """Whether its version never serves."""
        return self.image.startswith("bad") or self.second.startswith("bad")

    @property
    def sleeps_unpromoted(self) -> bool:
        """Whether a new version waits for the next start: nothing can be staged while nothing runs."""
        return self.promotion == "manual" and not self.running

    @property
    def pods(self) -> int:
        """How many pods are to serve."""
        return self.replicas if self.running else 0

    @property
    def counts(self) -> dict[str, int]:
        """How many pods each group is to have."""
        both = {"default": self.replicas, **({SECOND: self.companions} if self.second else {})}
        return both if self.running else dict.fromkeys(both, 0)

    @property
    def pulled(self) -> dict[str, str]:
        """The image of each group as the program writes it."""
        return {"default": f"vllm/{self.image}:1", **({SECOND: f"vllm/{self.second}:1"} if self.second else {})}

    @property
    def rules(self) -> bool:
        """Whether it says what serves: not while it leaves that to a Replacement, and declares none."""
        return self.driver == "artifact" or self.replacing

    @property
    def urn(self) -> str:
        """The Workload's URN."""
        return urn("Workload", self.logical)

    def declared(self) -> tuple[Declared, ...]:
        """Its resources, in the order in which the engine meets them."""
        spec, aliases = self._spec(), frozenset(urn("Workload", each) for each in self.aliased - {self.logical})
        if self.inline:
            return (Declared("workload", self.urn, lambda _: self._workload({"artifact": {"spec": spec}}), aliases),)
        mover = Declared("replacement", urn("Replacement", "change"), self._replacement)
        return (
            Declared("artifact", urn("Artifact", "llama"), lambda _: {"name": "llama", "spec": spec}),
            Declared(
                "workload",
                self.urn,
                lambda known: self._workload({"artifactId": known["artifact"]["versionId"]}),
                aliases,
            ),
            *((mover,) if self.replacing else ()),
        )

    def _workload(self, runs: Properties) -> Properties:
        driven = self.driver == "external"
        replacement = {"driver": "external"} if driven else self._settings()
        return {
            "name": self.name,
            **runs,
            "runtime": self._runtime(),
            "service": {"port": float(self.port)},
            "replacement": replacement,
            "running": self.running,
            "importance": self.importance,
            **({"description": self.description} if self.description else {}),
        }

    def _replacement(self, known: Mapping[str, Properties]) -> Properties:
        return {
            "workloadId": known["workload"]["id"],
            "candidateArtifactId": known["artifact"]["versionId"],
            "runtime": self._runtime(),
            **self._settings(),
        }

    def _settings(self) -> Properties:
        return {
            "keepOldVersionMinutes": float(self.keep_minutes),
            "onFailure": self.on_failure,
            "trafficSwitch": self.switch,
            "promotion": self.promotion,
            "onConflict": "supersede",
            **({"surge": self.surge, "surgeWaitMinutes": 2.0} if self.gpus else {}),
            **({"promote": self.promote} if self.promote else {}),
        }

    def _runtime(self) -> Properties:
        first: Properties = {"replicaCount": float(self.replicas)}
        if self.gpus:
            allocation = {"gpu": float(self.gpus), "cpu": 1.0, "memory": "1Gi", "gpuModel": MODEL}
            first["containers"] = [{"name": "vllm", "resourceAllocation": allocation}]
        beside = {"name": SECOND, "replicaCount": float(self.companions)}
        return {"containerGroups": [first, *([beside] if self.second else [])]}

    def _spec(self) -> Properties:
        container = {"name": "vllm", "image": self.pulled["default"], "primary": True, "port": 8000.0, **PROBES}
        groups: list[Properties] = [{"containers": [container]}]
        if self.second:
            groups.append({"name": SECOND, "containers": [{"name": SECOND, "image": self.pulled[SECOND]}]})
        return {"containerGroups": groups}


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
    gpus: int
    surge: str
    importance: str
    driver: str
    replacing: bool
    second: str
    companions: int


def urn(kind: str, logical: str) -> str:
    """Pulumi's name of a resource."""
    return f"urn:pulumi:dev::shop::inference:index:{kind}::{logical}"
