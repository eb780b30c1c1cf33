"""Stopping a Workload and starting it again: its identity, endpoint and history stay, its pods go."""

import json
from collections.abc import Mapping

from inference_provider.converge.autoscale import take_away
from inference_provider.converge.candidate import retire
from inference_provider.converge.operation import Operation
from inference_provider.converge.prove import prove
from inference_provider.converge.scale import bring_to
from inference_provider.converge.vacate import forget
from inference_provider.errors import InferenceError, LockLost, RolloutFailed
from inference_provider.health.pod import is_stranded, stranded_words
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations, label
from inference_provider.manifests.autoscaler import scalings_of
from inference_provider.manifests.kinds import POD, SERVICE, Body
from inference_provider.rollout.autoscalers import aimed
from inference_provider.rollout.fleet import Fleet, Proton, Role, counts_of


def stopped_counts(anchor: Body) -> dict[str, int] | None:
    """The pods by group that ran before it was stopped; None when it is not stopped."""
    return counts_of(annotation(anchor, labels.STOPPED))


def _still_runs(fleet: Fleet) -> bool:
    """Whether every group of what serves still has pods, as when a stop was interrupted early."""
    counts = fleet.active.replicas() if fleet.active else {}
    return bool(counts) and not (fleet.active and fleet.active.missing) and all(counts.values())


def before_stop(op: Operation, counts: Mapping[str, int]) -> dict[str, int]:
    """The pods by group that a start brings: what is wanted; where load decides, what there was before the stop."""
    return aimed(scalings_of(op.anchor()), counts, now=stopped_counts(op.anchor()) or {})


async def note_stopped(op: Operation, counts: Mapping[str, int] | None) -> None:
    """Write on the Workload's Service what ran before it was stopped; None: it runs."""
    written = None if counts is None else json.dumps(dict(counts), sort_keys=True)
    service = op.anchor()
    change = change_operations(service, {labels.STOPPED: written})
    if change:
        await op.patch(SERVICE, service, change)


async def strike_early(op: Operation) -> bool:
    """Strike the note of a stop, or of a start, that was interrupted while every group has pods; False: none is."""
    if stopped_counts(op.anchor()) is None or not _still_runs(op.fleet()):
        return False
    await note_stopped(op, None)
    return True


async def stop(op: Operation) -> bool:
    """Scale what serves to nothing and remove what is kept; return when the last pod is gone. False: it was so.

    Candidates are somebody else's business: they are gone before this is called.
    """
    fleet = op.fleet()
    running = {group: count for each in [fleet.active] if each for group, count in each.strength().items() if count}
    others = [*fleet.of_role(Role.RETAINED), *fleet.of_role(Role.FAILED)]
    was = stopped_counts(fleet.anchor)
    if was is None or running:
        await note_stopped(op, {**(was or {}), **running})
    for proton in others:
        await retire(op, proton, why="the Workload stops", wait=True)
    if fleet.active is not None:
        await take_away(op, fleet.active)
        await bring_to(op, fleet.active, {})
        await forget(op, fleet.active)
    await _ended(op, fleet.active)
    return bool(was is None or running or others)


async def _ended(op: Operation, active: Proton | None) -> None:
    """Wait for the last pod, but for those that hang on dead nodes."""
    await op.until(
        lambda: all(is_stranded(pod) for pod in op.mirror.objects(POD)),
        waiting_for="waiting for the last pods to end",
    )
    for pod in op.mirror.objects(POD):
        if active is not None and label(pod, labels.REVISION) == active.name:  # the others were told of already
            op.report.warn(f"{stranded_words(pod)}. It gets no traffic, and nothing waits for it")


async def start(op: Operation, counts: Mapping[str, int]) -> None:
    """Give every group its pods again and wait until all are ready. Raises RolloutFailed with the root cause."""
    active = op.fleet().active
    if active is None:
        return
    if active.missing:
        raise RolloutFailed(
            f"could not start Workload {op.namespace}/{op.workload}: somebody has deleted the Deployment of "
            f"{active.name}. `pulumi up` makes it again; start it after that"
        )
    wanted = {group: max(1, counts.get(group, 1)) for group in active.replicas()}
    await bring_to(op, active, wanted)
    try:
        await prove(op, active.revision, groups=wanted)
    except LockLost:
        raise
    except InferenceError as error:
        said = f"{error.message}. The Workload is started as far as it goes; run `pulumi up` again to wait on"
        raise RolloutFailed(said, touched=True, detail=error.detail) from error
    await note_stopped(op, None)
