"""How many GPUs does a Workload hold, and how many at most while it moves from one version to the next?"""

from collections.abc import Mapping

from inference_provider.health.conditions import is_terminating
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.gpu_requests import gpus_of, holds_gpus
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.next_step import Goal, candidate_of

#: Pods by container group.
Counts = Mapping[str, int]


def gpus_of_pods(hardware: Mapping[str, Hardware], counts: Counts) -> int:
    """GPUs of so many pods of each group; groups without a count have none."""
    return sum(each.gpus * counts.get(group, 0) for group, each in hardware.items())


def gpus_of_proton(proton: Proton, wanted: Counts | None = None, hardware: Mapping[str, Hardware] | None = None) -> int:
    """The most GPUs that a proton holds: at full strength, or with the pods that are ``wanted`` where that is more.

    Pods that are ending hold theirs beside that. ``hardware`` is for groups whose Deployment somebody has deleted.
    """
    strength, more = proton.strength(), wanted or {}
    per_pod = {group: each.gpus for group, each in (hardware or {}).items()} | _per_pod(proton)
    total = 0
    for group in {*strength, *proton.missing}:
        pods = [each for each in proton.pods_of(group) if holds_gpus(each)]
        ending = sum(map(is_terminating, pods))
        most = max(strength.get(group, 0), more.get(group, 0), len(pods) - ending)
        total += per_pod.get(group, 0) * (most + ending)
    return total


def _per_pod(proton: Proton) -> dict[str, int]:
    return {label(each, labels.GROUP) or "default": gpus_of(each["spec"]["template"]) for each in proton.deployments}


def at_rest(fleet: Fleet, wanted: Counts | None = None, hardware: Mapping[str, Hardware] | None = None) -> int:
    """The most that the Workload holds while what serves is only scaled to ``wanted``."""
    active = fleet.active
    own = gpus_of_proton(active, wanted, hardware) if active is not None else 0
    return own + others(fleet)


def others(fleet: Fleet, candidate: Proton | None = None) -> int:
    """GPUs of whatever neither serves nor takes over."""
    return sum(gpus_of_proton(each) for each in fleet.protons if each is not fleet.active and each is not candidate)


def peak(fleet: Fleet, goal: Goal, candidate_gpus: int, *, vacate: bool = False, wanted: Counts | None = None) -> int:
    """The most at any one time while a candidate that will hold ``candidate_gpus`` takes over.

    What belongs to another update, and what stands in the candidate's place, is gone before it is made; with ``vacate``
    what serves is, too. Kept versions may stay until after the switch. ``wanted``: what serves is scaled meanwhile.
    """
    active, candidate = fleet.active, candidate_of(fleet, goal)
    slot = candidate.slot if candidate else active.slot + 1 if active else None
    beside = [each for each in fleet.protons if each is not candidate and not _goes_first(each, slot)]
    beside = [each for each in beside if each is not active or not vacate]
    held = sum(gpus_of_proton(each, wanted if each is active else None) for each in beside)
    return max(at_rest(fleet), candidate_gpus + held)


def _goes_first(proton: Proton, slot: int | None) -> bool:
    if proton.role is Role.ACTIVE:
        return False
    return proton.slot == slot or (proton.role is Role.CANDIDATE and not proton.condemned)
