"""Writing the record of a revision: made when it starts, its phases added as they happen."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inference_provider.converge.claim import claim
from inference_provider.converge.operation import Operation
from inference_provider.domain.names import revision_record_name
from inference_provider.errors import Conflict, NameTaken, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations, value_test
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body
from inference_provider.manifests.ownership import is_owned_by
from inference_provider.manifests.revision import named_records, number_of, phase_notes, revision_record
from inference_provider.rollout.phases import Phase, may_follow

#: How many records are kept besides those of protons that are still there.
KEPT_RECORDS = 50


async def take_number(op: Operation, *, above: int = 0) -> int:
    """The next revision number, taken by compare-and-swap on the anchor: never used before, never again.

    The same patch says on the anchor that this revision is under way, for whoever comes after an interruption.
    It is higher than ``above``.
    """
    while True:
        anchor = op.anchor()
        number = max(await _last(op, anchor), above) + 1
        bump = change_operations(anchor, {labels.LAST_REVISION: str(number), labels.UNDER_WAY: f"r{number}"})
        test = {"op": "test", "path": "/metadata/resourceVersion", "value": anchor["metadata"]["resourceVersion"]}
        try:
            await op.patch(SERVICE, anchor, [test, *bump])
        except Conflict:
            await op.pause(op.mirror.version, waiting_for="taking the next revision number")
            continue
        return number


async def reserve_number(op: Operation) -> int:
    """The next revision number for what is done as soon as it is recorded; whoever works meanwhile is not disturbed.

    No lock is needed: of two that take a number at once, one takes the next.
    """
    while True:
        anchor = op.anchor()
        number = await _last(op, anchor) + 1
        test = {"op": "test", "path": "/metadata/resourceVersion", "value": anchor["metadata"]["resourceVersion"]}
        try:
            await op.unfenced(SERVICE, anchor, [test, *change_operations(anchor, {labels.LAST_REVISION: str(number)})])
        except Conflict:
            await op.pause(op.mirror.version, waiting_for="taking the next revision number")
            continue
        return number


async def _last(op: Operation, anchor: Body) -> int:
    """The highest number that was ever taken; where somebody has edited it away, that of what is still there."""
    noted = annotation(anchor, labels.LAST_REVISION) or ""
    if noted.isdigit():
        return int(noted)
    living = [each.revision for each in op.fleet().protons]
    return max([*map(number_of, await under_name(op)), *living], default=0)


async def open_record(op: Operation, *, revision: int, kind: str, template: str, facts: Mapping[str, object]) -> Body:
    """Make the record of a revision. Its facts are who, what and from where; see ``manifests.revision``."""
    await op.lock.sure()
    body = revision_record(
        op.anchor(), workload=op.workload, revision=revision, kind=kind, template=template, facts=facts
    )
    first = phase_notes(body, Phase.SUBMITTED, at=op.now(), outcome=None, message=None)
    body["metadata"]["annotations"] |= first
    made = await claim(op.cluster, CONFIG_MAP, body, report=op.report)
    # One without times is another release's, whose run was interrupted before it had written them.
    return made if annotation(made, labels.PHASES) else await enter(op, made, Phase.SUBMITTED)


async def find_record(op: Operation, revision: int) -> Body | None:
    """The record that an interrupted run left of a revision, so that it tells the end of the story too."""
    found = await op.cluster.find(CONFIG_MAP, op.namespace, revision_record_name(op.workload, revision))
    return found if found is not None and is_own(found, op.anchor()) else None


def is_own(found: Body, anchor: Body) -> bool:
    """Whether a record is this very Workload's, also where a deletion that was killed has released it already."""
    return is_owned_by(found, anchor) or annotation(found, labels.LIFE) == anchor["metadata"]["uid"]


async def late_record(op: Operation, revision: int) -> Body | None:
    """The record of a number that an earlier run took, made here where that run never came to it.

    Its own request may still be on its way; the name is taken then, and nothing is opened behind our back.
    """
    found = await find_record(op, revision)
    if found is not None:
        return found
    try:
        return await open_record(op, revision=revision, kind="replacement", template="", facts={})
    except NameTaken:  # it has arrived at this moment
        return await find_record(op, revision)


async def enter(
    op: Operation,
    record: Body,
    phase: Phase,
    *,
    passed: Sequence[tuple[Phase, str]] = (),
    outcome: str | None = None,
    message: str | None = None,
    more: Mapping[str, str | None] = MappingProxyType({}),
) -> Body:
    """Note that the replacement entered ``phase``, and ``more`` annotations.

    ``passed`` are phases that it has been through since the last note, each with its time, as far as they are news.
    Raises ValueError when the table of phases forbids it.
    """
    now = Phase(annotation(record, labels.PHASE) or Phase.SUBMITTED)
    path = _news(now, passed)
    if not may_follow(_last_of(now, path), phase):
        raise ValueError(f"a replacement that is {now} cannot become {phase}")
    notes = {**more, **_notes(record, [*path, (phase, op.now())], outcome=outcome, message=message)}
    try:
        change = [value_test(labels.PHASE, now), *change_operations(record, notes)]  # late, it would go backwards
        return await op.cluster.patch(CONFIG_MAP, op.namespace, record["metadata"]["name"], change)
    except NotFound:  # somebody tidied up; a record is worth less than a finished replacement
        return record


def leads_to(now: Phase, passed: Sequence[tuple[Phase, str]], phase: Phase) -> bool:
    """Whether a record that says ``now`` can enter another phase, by way of those that it has passed."""
    return now is not phase and may_follow(_last_of(now, _news(now, passed)), phase)


def _last_of(now: Phase, path: Sequence[tuple[Phase, str]]) -> Phase:
    return path[-1][0] if path else now


def _news(now: Phase, passed: Sequence[tuple[Phase, str]]) -> list[tuple[Phase, str]]:
    """Those of the phases that come after ``now``, each right after the one before."""
    path: list[tuple[Phase, str]] = []
    for phase, at in passed:
        last = _last_of(now, path)
        if phase is not last and may_follow(last, phase):
            path.append((phase, at))
    return path


def _notes(
    record: Body, path: Sequence[tuple[Phase, str]], *, outcome: str | None, message: str | None
) -> dict[str, str | None]:
    """The annotations of a record that has gone all this way."""
    notes: dict[str, str | None] = {}
    for phase, at in path:
        there = {**(record["metadata"].get("annotations") or {}), **notes}
        so_far: Body = {"metadata": {"annotations": there}}
        notes |= phase_notes(so_far, phase, at=at, outcome=outcome, message=message)
    return notes


async def under_name(op: Operation) -> list[Body]:
    """Every record under this Workload's name, in no order: its own, and what earlier lives of it have left."""
    return await op.cluster.list(CONFIG_MAP, op.namespace, labels=named_records(op.workload))


async def all_records(op: Operation) -> list[Body]:
    """Every record of this Workload, in no order."""
    return [each for each in await under_name(op) if is_owned_by(each, op.anchor())]


async def prune(op: Operation, records: Sequence[Body]) -> None:
    """Delete the oldest records beyond the limit, except those about protons that are still there."""
    living = {proton.name for proton in op.fleet().protons}
    by_age = sorted(records, key=number_of)
    spare = [each for each in by_age if living.isdisjoint((f"r{number_of(each)}", each["data"].get("promotes")))]
    for record in spare[: max(0, len(by_age) - KEPT_RECORDS)]:
        await op.cluster.delete(CONFIG_MAP, op.namespace, record["metadata"]["name"], uid=record["metadata"]["uid"])
