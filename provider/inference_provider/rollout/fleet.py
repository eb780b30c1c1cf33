"""What there is of a Workload right now, read from its objects alone: protons, their roles, and where traffic goes."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference_provider.manifests import labels
from inference_provider.manifests.anchor import traffic_of
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, POD, SERVICE, Body, Kind
from inference_provider.manifests.ownership import has_owner_kind, is_condemned, is_owned_by, owner_of


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
    def vacated(self) -> bool:
        """Whether its pods were ended to make room for another version, and have not been brought back since."""
        return annotation(self.service, labels.VACATED) is not None

    def strength(self) -> dict[str, int]:
        """Pods by group at full strength: what it wants now, or, while it makes room, what it had before."""
        noted = counts_of(annotation(self.service, labels.VACATED)) or {}
        return {group: max(count, noted.get(group, 0)) for group, count in self.replicas().items()}

    @property
    def staged(self) -> bool:
        """Whether it is proven and waits for promotion."""
        return self.role is Role.CANDIDATE and annotation(self.service, labels.STAGED) is not None

    @property
    def rejected(self) -> bool:
        """Whether it has failed, and never takes over: noted before its tombstone has it, while it is a candidate."""
        return self.role is Role.FAILED or annotation(self.service, labels.FAILED) is not None

    @property
    def missing(self) -> list[str]:
        """The container groups whose Deployment is not there."""
        said = annotation(self.service, labels.GROUPS) or ""
        return sorted(set(said.split(",") if said else ()) - set(self.replicas()))

    def pods_of(self, group: str) -> list[Body]:
        """The pods of one group, terminating ones included."""
        return [pod for pod in self.pods if label(pod, labels.GROUP) == group]


def counts_of(written: str | None) -> dict[str, int] | None:
    """Pods by group as an annotation holds them. None when nothing is written; nothing when nobody can read it."""
    if written is None:
        return None
    try:
        return {str(group): int(count) for group, count in json.loads(written).items()}
    except (ValueError, TypeError, AttributeError):  # somebody wrote something else
        return {}


@dataclass(frozen=True)
class Fleet:
    """One Workload as observed. ``strays`` are tombstones of protons that are not there any more; ``autoscalers`` are
    all of its own, ``sharing`` the Roles and RoleBindings under which it is shared, None where nobody has looked.
    """

    anchor: Body
    protons: tuple[Proton, ...]
    strays: tuple[Body, ...] = ()
    autoscalers: tuple[Body, ...] | None = None
    sharing: tuple[Body, ...] | None = None

    @property
    def active(self) -> Proton | None:
        """The proton that the anchor names as serving; None before the first one is proven."""
        return next((proton for proton in self.protons if proton.role is Role.ACTIVE), None)

    @property
    def finished(self) -> bool:
        """Whether its first creation has come to its end, whatever became of it since."""
        return annotation(self.anchor, labels.INCARNATION) is not None

    @property
    def traffic(self) -> tuple[int, ...]:
        """The slots that the anchor selects."""
        return traffic_of(self.anchor).slots

    @property
    def external(self) -> bool:
        """Whether a Replacement drives it, and not its own program."""
        return annotation(self.anchor, labels.DRIVER) == "external"

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
    protons = [each for each in objects(SERVICE) if label(each, labels.PART) == "proton"]
    services = [each for each in protons if _of_this_life(each, anchor, jobs)]
    active = _active(anchor, services, deployments)
    found = [_proton(active, each, jobs, deployments, pods) for each in services]
    known = {each["metadata"]["name"] for each in services}
    strays = [job for name, job in jobs.items() if name.removesuffix("-keep") not in known and _is_stray(job, anchor)]
    return Fleet(anchor, tuple(sorted(found, key=lambda proton: proton.revision)), tuple(strays))


def _of_this_life(service: Body, anchor: Body, jobs: Mapping[str, Body]) -> bool:
    """Whether a proton is not one of an earlier Workload of that name, which garbage collection has yet to take."""
    owner = owner_of(service)
    if owner is not None and owner.get("kind") == JOB.name and owner["name"] in jobs:
        owner = owner_of(jobs[owner["name"]])
    return owner is None or owner.get("kind") != SERVICE.name or owner["uid"] == anchor["metadata"]["uid"]


def _is_stray(job: Body, anchor: Body) -> bool:
    """Whether nobody but the anchor would ever take this tombstone away."""
    return label(job, labels.PART) == "tombstone" and is_owned_by(job, anchor) and not is_condemned(job)


def _by_revision(bodies: Sequence[Body]) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = {}
    for body in bodies:
        found.setdefault(label(body, labels.REVISION) or "", []).append(body)
    return found


def _active(anchor: Body, services: Sequence[Body], deployments: Mapping[str, list[Body]]) -> str | None:
    """Which proton serves: the one that the anchor names. Where somebody has edited that name away, the one that alone
    gets its traffic, or a replacement would begin by removing it. Before the first creation is done there is none.
    """
    named = annotation(anchor, labels.ACTIVE)
    there = any(_name(each) == named for each in services)
    if there or annotation(anchor, labels.INCARNATION) is None:
        return named
    slots = traffic_of(anchor).slots
    kept = [each for each in services if not has_owner_kind(each, JOB)]
    serving = [_name(each) for each in kept if (_slot(each, deployments.get(_name(each), ())),) == slots]
    return serving[0] if len(serving) == 1 else named


def _name(service: Body) -> str:
    """``r3``, from what nobody can edit: the Service's own name."""
    return f"r{service['metadata']['name'].rpartition('-r')[2]}"


def _slot(service: Body, deployments: Sequence[Body]) -> int:
    """The slot that its pods carry, which nobody can edit without making new ones; before there are any, as noted."""
    for each in deployments:
        carried = labels.Traffic.of(each["spec"]["template"]["metadata"].get("labels") or {}).slots
        if len(carried) == 1:
            return carried[0]
    noted = annotation(service, labels.SLOT) or ""
    return int(noted) if noted.isdigit() else 0


def _proton(
    active: str | None,
    service: Body,
    jobs: Mapping[str, Body],
    deployments: Mapping[str, list[Body]],
    pods: Mapping[str, list[Body]],
) -> Proton:
    name = _name(service)
    tombstone = jobs.get(f"{service['metadata']['name']}-keep")
    return Proton(
        revision=int(name.removeprefix("r")),
        slot=_slot(service, deployments.get(name, ())),
        template=label(service, labels.TEMPLATE) or "",
        role=Role.ACTIVE if name == active else _role(service),
        service=service,
        deployments=tuple(deployments.get(name, ())),
        pods=tuple(pods.get(name, ())),
        tombstone=tombstone,
    )


def _role(service: Body) -> Role:
    """A failed one that its tombstone does not have is a candidate that nobody wants any more."""
    if not has_owner_kind(service, JOB):
        return Role.CANDIDATE
    return Role.RETAINED if annotation(service, labels.FAILED) is None else Role.FAILED
