"""When did which revision come up, serve, stay, and go? Read from the records, and from what is there now.

Not everything is on record: how many pods were ready is for the time of a replacement only, and when a kept version
really ended is not. What is concluded from the settings is marked as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.errors import NotFound
from inference_provider.resources.history import records_of
from inference_provider.resources.revision import Revision, as_recorded, known_records
from inference_provider.resources.status import Status, Version, status
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Role
from inference_provider.rollout.phases import Phase


class Doing(StrEnum):
    """What a revision does for a while."""

    COMING = "coming up"
    WAITING = "waiting for promotion"
    SERVING = "serving"
    KEPT = "kept"


@dataclass(frozen=True)
class Span:
    """One revision does one thing from ``begin`` to ``end``; None: it still does.

    ``sure`` is False where the end is not on record, but follows from the settings.
    """

    doing: Doing
    begin: datetime
    end: datetime | None
    sure: bool = True


@dataclass(frozen=True)
class Lane:
    """One revision over time. ``wanted`` pods were asked for, ``ready`` of them are ready now if it is still there."""

    revision: str
    artifact_id: str | None
    outcome: str | None
    spans: tuple[Span, ...]
    role: str | None = None
    ready: int | None = None
    wanted: int | None = None


@dataclass(frozen=True)
class Timeline:
    """All revisions of a Workload at ``now``; ``status`` is None when it is gone. Lanes and records: oldest first."""

    namespace: str
    workload: str
    now: datetime
    status: Status | None
    lanes: tuple[Lane, ...]
    records: tuple[Revision, ...]

    def lane(self, revision: str | None) -> Lane | None:
        """The lane of a revision."""
        return next((each for each in self.lanes if each.revision == revision), None)


async def timeline(world: World, namespace: str, name: str, *, now: datetime, deleted: bool = False) -> Timeline:
    """Everything that is known, or (``deleted``) of the Workloads of that name that are gone. Raises NotFound."""
    cluster = await world.connect()
    try:
        seen = None if deleted else await status(world, namespace, name)
    except NotFound:
        seen = None
    records = await (known_records if seen is None else records_of)(cluster, namespace, name, deleted=deleted)
    revisions = tuple(map(as_recorded, records))
    latest = [at for each in revisions for text in each.past.phases.values() if (at := moment(text))]
    now = max([now, *latest])  # the cluster's clock may be ahead of this machine's
    return Timeline(namespace, name, now, seen, lanes(revisions, seen, now=now), revisions)


def moment(text: str | None) -> datetime | None:
    """A time as records write it; None when it cannot be read."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


@dataclass
class _Tape:
    """What is known after some of the records: who does what from when to when, and who has the traffic."""

    spans: dict[str, list[Span]] = field(default_factory=dict)
    serving: str | None = None

    def begin(self, revision: str, doing: Doing, begin: datetime, end: datetime | None, *, sure: bool = True) -> None:
        self.spans.setdefault(revision, []).append(Span(doing, begin, end, sure))

    def end(self, revision: str, doing: Doing, at: datetime, *, sure: bool = True) -> None:
        """What it still does, or was thought to do for longer, ends here."""
        known = self.spans.get(revision, [])
        for index, span in enumerate(known):
            if span.doing is doing and (span.end is None or span.end > at):
                known[index] = replace(span, end=at, sure=sure)


def lanes(records: Sequence[Revision], seen: Status | None, *, now: datetime) -> tuple[Lane, ...]:
    """One lane for each revision that was ever begun; an undo has none of its own: it brings another one back."""
    tape = _Tape()
    own = {each.past.revision: each for each in records}
    for each in records:
        _play(tape, each, own)
    there = {each.revision: each for each in (seen.versions if seen else ())}
    return tuple(
        _lane(record, tape.spans[revision], there.get(revision), now)
        for revision, record in own.items()
        if revision in tape.spans
    )


def _play(tape: _Tape, record: Revision, own: Mapping[str, Revision]) -> None:
    """One record: its own revision comes up, unless it brought another one back; then, maybe, the traffic moves."""
    past = record.past
    began, switched, ended = moment(past.began), moment(past.switched), moment(past.ended)
    if began is None or past.promotes:
        return
    over = switched if past.outcome in (None, "completed") else None
    if not past.back_to:
        staged = moment(past.phases.get(Phase.AWAITING_PROMOTION))
        tape.begin(past.revision, Doing.COMING, began, staged or over or ended)
        if staged:
            tape.begin(past.revision, Doing.WAITING, staged, over or ended)
    if over:
        came = own.get(past.previous or "") if past.back_to else record
        _move(tape, past.back_to or past.revision, over, keep=_keep(came))


def _move(tape: _Tape, target: str, at: datetime, *, keep: timedelta) -> None:
    """The traffic goes to ``target``. What had it is kept; what was kept before that is ended, to make room."""
    before = tape.serving
    if before == target:
        return
    for other in tape.spans:
        tape.end(other, Doing.KEPT, at, sure=other == target)
    if before is not None:
        tape.end(before, Doing.SERVING, at)
        if keep:
            tape.begin(before, Doing.KEPT, at, at + keep, sure=False)
    tape.begin(target, Doing.SERVING, at, None)
    tape.serving = target


def _keep(record: Revision | None) -> timedelta:
    """How long the old version was to be kept."""
    said = (record.settings if record else None) or {}
    minutes = said.get("keepOldVersionMinutes")
    default = ReplacementSettings().keep_old_version_minutes
    return timedelta(minutes=float(minutes) if isinstance(minutes, int | float) else default)


def _lane(record: Revision, spans: Sequence[Span], there: Version | None, now: datetime) -> Lane:
    return Lane(
        revision=record.past.revision,
        artifact_id=record.past.artifact_id,
        outcome=record.past.outcome,
        spans=tuple(_as_it_is(span, there, now) for span in _within_life(spans, moment(record.deleted_at))),
        role=there.role if there else None,
        ready=there.ready if there else None,
        wanted=there.wanted if there else _asked(record),
    )


def _within_life(spans: Sequence[Span], deleted: datetime | None) -> list[Span]:
    """What it did until its Workload was deleted, which ended all of it."""
    if deleted is None:
        return list(spans)
    lived = [each for each in spans if each.begin < deleted]
    return [each if each.end and each.end <= deleted else replace(each, end=deleted, sure=True) for each in lived]


def _as_it_is(span: Span, there: Version | None, now: datetime) -> Span:
    """What the records leave open, as the cluster shows it now. What is gone did nothing beyond now."""
    if there is None:
        gone = span.end is None or span.end > now
        return replace(span, end=now, sure=False) if gone else span
    until = moment(there.until)
    if there.role == Role.RETAINED and span.doing is Doing.KEPT and until and (span.end is None or span.end > now):
        return replace(span, end=until, sure=True)
    return span


def _asked(record: Revision) -> int | None:
    """How many pods the program asked for; None where that is not on record."""
    if record.runtime is None:
        return None
    groups = record.runtime.get("containerGroups")
    given = [each for each in groups if isinstance(each, Mapping)] if isinstance(groups, list) else []
    counts = [each.get("replicaCount") for each in given]
    return sum(int(each) if isinstance(each, int | float) else 1 for each in counts) or 1
