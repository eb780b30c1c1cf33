"""How is a plan shown to a person? The verdict first, then GPUs, places, minutes, and what to be warned of."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from inference_provider.cli.pods import short_model
from inference_provider.resources.plan_words import (
    amount,
    bound,
    changes,
    duration,
    headline,
    not_counted,
    remarks,
    room,
    uncounted,
    warnings,
)
from inference_provider.rollout.plan import Expected, GpuCount, GroupPlan, Plan, PlanVerdict, QuotaPlan

#: Verdicts that are told in a word each, as rows below say the rest.
_WORDS = {
    PlanVerdict.NOTHING: ("changes nothing", "green"),
    PlanVerdict.IN_PLACE: ("changes in place; no pod restarts", "green"),
    PlanVerdict.ROLLS: ("rolls", "yellow"),
    PlanVerdict.MAY_ROLL: ("may roll", "yellow"),
    PlanVerdict.GOES_BACK: ("goes back to kept pods", "green"),
    PlanVerdict.SWITCHES: ("switches to what waits", "green"),
    PlanVerdict.REFUSED: ("is refused", "red"),
}
#: So many nodes are named.
_NODES = 6
#: So many counts of quotas are shown, those that are short first.
_QUOTAS = 6


def block(plan: Plan) -> RenderableType:
    """The whole plan, a row for each thing that is known."""
    word, style = _WORDS.get(plan.verdict, (plan.verdict.value, "yellow"))
    if plan.verdict not in _WORDS:
        word = headline(plan)
    head = Text.assemble((f"{plan.namespace}/{plan.name}", "bold"), "  ", (word, style))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for title, said in _lines(plan):
        grid.add_row(title, said)
    warned = [Text.assemble(("warning: ", "yellow"), each) for each in warnings(plan)]
    return Group(head, *([grid] if grid.row_count else []), *map(Text, remarks(plan)), *warned)


def _lines(plan: Plan) -> Iterator[tuple[str, str]]:
    if plan.rolls or plan.verdict in (PlanVerdict.GOES_BACK, PlanVerdict.SWITCHES):
        yield "from", _version(plan.from_revision, plan.from_version)
        yield "to", _version(plan.to_revision, plan.to_version)
    if plan.waiting is not None and plan.verdict in _WORDS:
        yield "why", headline(plan)
    if plan.rolls and plan.causes:
        yield "because", ", ".join(each.path for each in plan.causes)
    if plan.verdict is PlanVerdict.IN_PLACE and plan.already is not None:
        yield "because", f"{plan.already} runs that already"
    elif plan.in_place or plan.next_roll:
        yield "also" if plan.rolls else "what", changes(plan)
    if plan.kept_until is not None:
        yield "kept", f"until {plan.kept_until}"
    if plan.gpus is not None and (gpus := _gpus(plan, plan.gpus)):
        yield "GPUs", gpus
    for each in plan.groups or ():
        yield "place", _place(plan, each, several=len(plan.groups or ()) > 1)
    if plan.rolls and plan.groups is None:
        yield "place", room(plan)
    for quota in sorted(plan.quotas, key=lambda each: each.fits)[:_QUOTAS]:
        yield "quota", _quota(quota)
    if plan.expected is not None:
        yield from _times(plan, plan.expected)


def _quota(count: QuotaPlan) -> str:
    short = "" if count.fits else ": too little"
    return f"{count.quota} leaves {count.left} of {count.hard} {count.resource}, {count.needed} needed{short}"


def _version(revision: str | None, version: str | None) -> str:
    return "  ".join(filter(None, (revision, (version or "").rpartition("/")[2]))) or "not known"


def _gpus(plan: Plan, count: GpuCount) -> str:
    """What is held now, what comes, and the most at one time."""
    said = [f"{count.active} serve" if count.active else "", f"{count.others} kept or ending" if count.others else ""]
    if count.candidate:
        said.append(f"{count.candidate} for the new version" if plan.rolls else f"{count.candidate} to go back to")
    held = ", ".join(filter(None, said))
    most = f"; at most {count.peak} at one time" if count.peak is not None else ""
    return f"{held}{most}" if held or count.peak else ""


def _place(plan: Plan, group: GroupPlan, *, several: bool) -> str:
    name = f"{group.group}: " if several else ""
    return name + "; ".join(
        filter(None, (_first(plan, group) if group.pods else "", _later(group) if group.later_pods else ""))
    )


def _pods(group: GroupPlan, count: int) -> str:
    bundle = f" ({group.bundle})" if group.bundle is not None else ""
    model = short_model(group.model or "") or "GPU"
    return f"{count} {'pod' if count == 1 else 'pods'} × {group.gpus_per_pod} × {model}{bundle}"


def _first(plan: Plan, group: GroupPlan) -> str:
    needs = _pods(group, group.pods)
    if group.missing is None or group.nodes is None:
        return f"{needs}; {uncounted(plan)}"
    free = f"{group.free} free{_on(tuple(sorted(group.free_on or {})))}"
    return f"{needs}: {free}, {group.missing} missing" if group.missing else f"{needs} fit{_on(group.nodes)}; {free}"


def _later(group: GroupPlan) -> str:
    """Pods that are added once the version serves."""
    lacks = f", {group.later_missing} missing for these" if group.later_missing else ""
    return f"{_pods(group, group.later_pods)} more once it serves{lacks}"


def _on(nodes: tuple[str, ...]) -> str:
    if not nodes:
        return ""
    more = f" and {len(nodes) - _NODES} more" if len(nodes) > _NODES else ""
    return f" on {', '.join(nodes[:_NODES])}{more}"


def _times(plan: Plan, expected: Expected) -> Iterator[tuple[str, str]]:
    if expected.minutes is None:
        yield "time", "not known: nothing on record tells how long it loads, and its probes do not say"
    else:
        yield "time", f"{_until(plan, expected)}{_after(plan, expected)}"
    if expected.gpu_hours:
        extra = f", {amount(expected.extra_gpu_hours)} more than one alone" if expected.extra_gpu_hours else ""
        yield "cost", f"{amount(expected.gpu_hours)} GPU-hours while both versions hold theirs{extra}"
    if plan.manual:
        yield "then", "it waits for promotion, and both versions hold their GPUs until somebody decides"


def _until(plan: Plan, expected: Expected) -> str:
    if not expected.load_seconds and not expected.warmup_seconds:
        return "no load"
    source = f" (as {expected.measured} took)" if expected.measured is not None else " (what its probes allow)"
    warm = f", {duration(expected.warmup_seconds / 60)} of it warm-up" if expected.warmup_seconds else ""
    goal = "it is ready" if plan.manual else "it serves"
    nobody = ", and nobody serves meanwhile" if expected.outage_minutes is not None else ""
    more = not_counted(expected)
    return f"{bound(expected)} {duration(expected.minutes or 0.0)}{more} until {goal}{source}{warm}{nobody}"


def _after(plan: Plan, expected: Expected) -> str:
    """What becomes of what serves now."""
    if expected.outage_minutes is not None or plan.from_revision is None:
        return ""
    if expected.keep_old_seconds > expected.drain_seconds:
        return f"; {plan.from_revision} is kept for {duration(expected.keep_old_seconds / 60)} after that"
    return f"; {plan.from_revision} ends {duration(expected.drain_seconds / 60)} after that"
