"""What there is of a Workload right now, read from its objects alone: protons, their roles, and where traffic goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference_provider.manifests import labels
from inference_provider.manifests.anchor import traffic_of
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, POD, SERVICE, Body, Kind
from inference_provider.manifests.ownership import has_owner_kind, is_condemned, is_owned_by


class Role(StrEnum):
    """What a proton is to its Workload."""

    ACTIVE = "active"
    CANDIDATE = "candidate"
    RETAINED = "retained"
    FAILED = "failed"


@dataclass(frozen=True)
class Proton:
    """One running version and everything of it that was seen."""

    revision: int
    slot: int
    template: str
    role: Role
    service: Body
    deployments: tuple[Body, ...] = ()
    pods: tuple[Body, ...] = ()
    tombstone: Body | None = None

    @property
    def name(self) -> str:
        """How people call it: ``r3``."""
        return f"r{self.revision}"

    @property
    def condemned(self) -> bool:
        """Whether it is being deleted already."""
        return is_condemned(self.service)

    @property
    def buried(self) -> bool:
        """Whether its tombstone owns it: it ends by itself when that expires."""
        return self.tombstone is not None and is_owned_by(self.service, self.tombstone)

    def replicas(self) -> dict[str, int]:
        """Wanted pods by group, as the Deployments have it now (not as anybody asked for)."""
        named = ((label(each, labels.GROUP) or "default", each["spec"]) for each in self.deployments)
        return {group: int(spec.get("replicas", 1)) for group, spec in named}

    @property
    def missing(self) -> list[str]:
        """The container groups whose Deployment is not there."""
        said = annotation(self.service, labels.GROUPS) or ""
        return sorted(set(said.split(",") if said else ()) - set(self.replicas()))

    def pods_of(self, group: str) -> list[Body]:
        """The pods of one group, terminating ones included."""
        return [pod for pod in self.pods if label(pod, labels.GROUP) == group]


@dataclass(frozen=True)
class Fleet:
    """One Workload as observed."""

    anchor: Body
    protons: tuple[Proton, ...]

    @property
    def active(self) -> Proton | None:
        """The proton that the anchor names as serving; None before the first one is proven."""
        return next((proton for proton in self.protons if proton.role is Role.ACTIVE), None)

    @property
    def traffic(self) -> tuple[int, ...]:
        """The slots that the anchor selects."""
        return traffic_of(self.anchor).slots

    def proton(self, revision: int) -> Proton | None:
        """The proton of this number, if it is there."""
        return next((proton for proton in self.protons if proton.revision == revision), None)

    def of_role(self, role: Role) -> list[Proton]:
        """All protons in a role, oldest first."""
        return [proton for proton in self.protons if proton.role is role]


def observe(anchor: Body, objects: Callable[[Kind], Sequence[Body]]) -> Fleet:
    """Read the fleet from mirrored objects. ``objects(kind)`` gives everything of this Workload."""
    jobs = {job["metadata"]["name"]: job for job in objects(JOB)}
    deployments, pods = _by_revision(objects(DEPLOYMENT)), _by_revision(objects(POD))
    services = [each for each in objects(SERVICE) if label(each, labels.PART) == "proton"]
    protons = [_proton(anchor, each, jobs, deployments, pods) for each in services]
    return Fleet(anchor=anchor, protons=tuple(sorted(protons, key=lambda proton: proton.revision)))


def _by_revision(bodies: Sequence[Body]) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for body in bodies:
        found.setdefault(label(body, labels.REVISION) or "", []).append(body)
    return found


def _proton(
    anchor: Body,
    service: Body,
    jobs: Mapping[str, Body],
    deployments: Mapping[str, list[Body]],
    pods: Mapping[str, list[Body]],
) -> Proton:
    name = label(service, labels.REVISION) or "r0"
    tombstone = jobs.get(f"{service['metadata']['name']}-keep")
    return Proton(
        revision=int(name.removeprefix("r")),
        slot=int(annotation(service, labels.SLOT) or 0),
        template=label(service, labels.TEMPLATE) or "",
        role=_role(anchor, service, name),
        service=service,
        deployments=tuple(deployments.get(name, ())),
        pods=tuple(pods.get(name, ())),
        tombstone=tombstone,
    )


def _role(anchor: Body, service: Body, name: str) -> Role:
    if annotation(anchor, labels.ACTIVE) == name:
        return Role.ACTIVE
    if annotation(service, labels.FAILED) is not None:
        return Role.FAILED
    return Role.RETAINED if has_owner_kind(service, JOB) else Role.CANDIDATE
