"""What does the cluster say of a Workload that the stack does not know, because the run that did it was killed?"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from inference_provider.converge.stop import stopped_counts
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.resources.staged import awaits_promotion
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.hold import Hold, hold_of


def unknown_to(olds: Properties, fleet: Fleet, *, urn: str) -> Iterator[str]:
    """What the cluster says and the stack does not know, because the run that did it never came to its end."""
    known, active, hold = olds.get("revision"), fleet.active, hold_of(fleet.anchor)
    if known and active is not None and active.name != known and not fleet.external:
        yield f"{active.name} serves, and the stack knows of {known} only"
    yield from _unknown_candidates(olds, fleet) if known else ()
    if known and olds.get("held") != (asdict(hold) if hold else None) and _concerns(hold, olds, fleet):
        yield f"a hold that the stack does not know of: {hold.said}" if hold else "a hold that is lifted by now"
    runs, stopped_by_hand = stopped_counts(fleet.anchor) is None, hold is not None and hold.kind == "stop"
    if known and runs != (olds.get("running") is not False and not stopped_by_hand):
        yield "it runs, and should be stopped" if runs else "it is stopped, and should run"
    if olds.get("incarnation") and annotation(fleet.anchor, labels.INCARNATION) != olds["incarnation"]:
        yield "it was made anew, and the stack does not know of that"
    elif urn and annotation(fleet.anchor, labels.URN) not in (None, urn):
        yield "it carries the URN that it had before it was renamed"


def _concerns(hold: Hold | None, olds: Properties, fleet: Fleet) -> bool:
    """Whether a hold is the Workload's business; with a Replacement only a stop is."""
    before = olds.get("held")
    kinds = {hold.kind if hold else None, before.get("kind") if isinstance(before, Mapping) else None}
    return not fleet.external or "stop" in kinds


def _unknown_candidates(olds: Properties, fleet: Fleet) -> Iterator[str]:
    """A version that waits for promotion and was never asked for, or that was asked for and does not wait any more."""
    if fleet.external:
        return
    rollout, staged = olds.get("rollout"), [each.name for each in fleet.of_role(Role.CANDIDATE) if each.staged]
    expected = str(rollout.get("revision")) if isinstance(rollout, Mapping) and awaits_promotion(olds) else None
    if expected is not None and expected not in staged and (fleet.active is None or fleet.active.name != expected):
        yield f"{expected}, which waited for promotion, is gone"
    for name in staged:
        if name != expected:
            yield f"{name} waits for promotion, and the stack does not know of it"
