"""What happened to a Workload? Kubernetes' own events, which vanish after an hour, and our records, which last."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from inference_provider.converge.ports import Cluster
from inference_provider.errors import Forbidden
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import EVENT, SERVICE, Body
from inference_provider.resources.history import Past, past_of, records_of
from inference_provider.resources.status import missing
from inference_provider.resources.world import World
from inference_provider.rollout.phases import Phase

#: What entering a phase means, said of a revision; an undo brings back another one than its own number.
_SAID = {
    Phase.SUBMITTED: "{kind} ordered by {who}",
    Phase.INITIALIZING: "it is coming up",
    Phase.AWAITING_PROMOTION: "it is proven, and waits for promotion",
    Phase.SWITCHING: "traffic moves to {target}",
    Phase.CLEANING_UP: "{target} has all the traffic",
    Phase.COMPLETED: "{kind} completed",
    Phase.DELETING: "it is being removed",
    Phase.ERRORED: "it came to nothing",
}


@dataclass(frozen=True)
class Happened:
    """One thing at one time (RFC 3339). ``lasting`` tells our record from Kubernetes' event.

    ``about`` is a revision, or an object as in ``Pod/chat-r2-abc``; ``count`` is how often it was seen until then.
    """

    at: str
    lasting: bool
    warning: bool
    about: str
    reason: str
    said: str
    count: int = 1


@dataclass(frozen=True)
class Events:
    """Everything that is known to have happened, oldest first; ``unseen`` says what we had no right to read."""

    happened: tuple[Happened, ...]
    unseen: tuple[str, ...] = ()


async def events(world: World, namespace: str, name: str) -> Events:
    """Both kinds, merged in time. Raises NotFound when there is neither a Workload of that name nor a record of one."""
    cluster = await world.connect()
    anchors, records, (found, unseen) = await asyncio.gather(
        cluster.list(SERVICE, namespace, labels=f"{labels.PART}=endpoint"),
        records_of(cluster, namespace, name),
        _events(cluster, namespace),
    )
    names = {str(each["metadata"]["name"]) for each in anchors}
    if name not in names and not records:
        records = await records_of(cluster, namespace, name, deleted=True)
    if name not in names and not records:
        raise await missing(cluster, namespace, name)
    theirs = [_kubernetes(each) for each in found if _workload_of(each, names | {name}) == name]
    ours = [entry for each in records for entry in recorded(past_of(each))]
    return Events(tuple(sorted([*ours, *theirs], key=_moment)), unseen)


def _moment(entry: Happened) -> datetime:
    """For sorting: times are written with and without fractions of a second."""
    try:
        found = datetime.fromisoformat(entry.at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def _events(cluster: Cluster, namespace: str) -> tuple[list[Body], tuple[str, ...]]:
    try:
        return await cluster.list(EVENT, namespace), ()
    except Forbidden:
        return [], (f"no right to list events in namespace {namespace}: only our own records are shown",)


def _workload_of(event: Body, names: Iterable[str]) -> str | None:
    """Whose object an event is about, also when that is gone: the longest name that can be meant."""
    about = str((event.get("involvedObject") or event.get("regarding") or {}).get("name"))
    near = [name for name in names if about.startswith(name)]  # there may be thousands of both
    fitting = [name for name in near if re.fullmatch(rf"{re.escape(name)}(-r[0-9]+(-.*)?)?", about)]
    return max(fitting, key=len, default=None)


def _kubernetes(event: Body) -> Happened:
    about = event.get("involvedObject") or event.get("regarding") or {}
    series = event.get("series") or {}
    last = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return Happened(
        at=str(last or event["metadata"].get("creationTimestamp") or ""),
        lasting=False,
        warning=event.get("type") == "Warning",
        about=f"{about.get('kind')}/{about.get('name')}",
        reason=str(event.get("reason") or ""),
        said=" ".join(str(event.get("message") or event.get("note") or "").split()),
        count=int(series.get("count") or event.get("count") or 1),
    )


def recorded(past: Past) -> Iterator[Happened]:
    """A record as what happened: one entry for each phase that it has a time of."""
    kind = f"{past.kind} to {past.back_to}" if past.back_to else past.kind
    for phase, at in sorted(past.phases.items(), key=lambda each: each[1]):
        known = next((each for each in Phase if each == phase), None)
        said = _SAID[known].format(kind=kind, who=past.who, target=past.back_to or past.revision) if known else ""
        failed = known is Phase.ERRORED
        if known is Phase.SUBMITTED and past.reason:
            said = f"{said}: {past.reason}"
        if known in (Phase.ERRORED, Phase.COMPLETED) and past.message:
            said = past.message
        reason = past.outcome if past.outcome and known in (Phase.ERRORED, Phase.COMPLETED) else phase
        yield Happened(at, lasting=True, warning=failed, about=past.revision, reason=reason, said=said)
