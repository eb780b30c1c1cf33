"""The one exception to "the old one keeps serving": when it makes room first, and when it comes back.

What it had is noted on its own Service before anything is scaled. As long as that note stands, whoever carries on
knows that nobody serves, and what to bring back.
"""

from dataclasses import dataclass

from inference_provider.health.pod import is_stranded
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.rollout.fleet import Proton


@dataclass(frozen=True)
class Vacate:
    """End the active's pods, and wait until they are gone: the candidate needs their GPUs."""

    proton: Proton


@dataclass(frozen=True)
class Restore:
    """Bring the active back to what it had before it made room, and wait until it serves."""

    proton: Proton


def gives_way(active: Proton, candidate: Proton | None, *, vacate: bool, beside: bool) -> Vacate | Restore | None:
    """The step between an active and the GPUs that a candidate needs, if there is one.

    ``vacate``: there is room for one of the two only, and an outage was asked for. ``beside``: the candidate may not
    take over yet, so what serves has to serve on.
    """
    if active.condemned:
        return None
    if beside or (candidate is None and not vacate):
        return Restore(active) if restorable(active) else None
    return Vacate(active) if vacate and not is_empty(active) else None


def restorable(proton: Proton) -> bool:
    """Whether it has made room and can be brought back as it was."""
    return proton.vacated and not proton.condemned and not proton.missing


def is_empty(proton: Proton) -> bool:
    """Whether it has made room: nothing of it runs or will. What hangs on a dead node holds no GPUs that count."""
    own = [pod for pod in proton.pods if label(pod, labels.GROUP) not in proton.missing]
    return proton.vacated and not any(proton.replicas().values()) and all(map(is_stranded, own))
