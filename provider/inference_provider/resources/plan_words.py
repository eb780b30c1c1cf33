"""How is a plan said? One line of a preview, and the remarks beside it, made of the value alone."""

import math
from collections.abc import Sequence

from inference_provider.resources.workload import NOT_HERE
from inference_provider.rollout.plan import Cause, Expected, GroupPlan, Plan, PlanVerdict

_IN_PLACE = "in place; no pod restarts"


def remarks(plan: Plan) -> tuple[str, ...]:
    """What is put right on the way, where anything is done at all, and which hardware the new version gets instead."""
    silent = (PlanVerdict.MADE_ANEW, PlanVerdict.NOT_HERE, PlanVerdict.WITHHELD)
    bundle = tuple(each for each in (plan.bundle_said, plan.places if plan.rolls else None) if each is not None)
    if not plan.mended or plan.verdict in silent or plan.waiting is not None:
        return bundle
    return (f"{_named(plan)} is put right: {'; '.join(plan.mended)}", *bundle)


def warnings(plan: Plan) -> tuple[str, ...]:
    """What somebody should know before they say yes."""
    surge = [plan.surge.said] if plan.surge is not None and plan.surge.said is not None else []
    denied = [f"{_named(plan)} would be refused: {plan.denied}"] if plan.rolls and plan.denied is not None else []
    return (
        *plan.unseen,
        *denied,
        *([f"it will be refused: {plan.unshared}"] if plan.unshared is not None else []),
        *plan.violations,
        *plan.budgets,
        *plan.autoscalers,
        *surge,
        *(_later(plan, each) for each in plan.groups or () if each.later_missing),
    )


def _later(plan: Plan, group: GroupPlan) -> str:
    """Pods that follow the switch may find no room as long as the old ones are there."""
    more = f"{group.later_pods} more {'pod' if group.later_pods == 1 else 'pods'} of {group.group}"
    return (
        f"once it serves, {more} will be added, for which {group.later_missing} GPUs are missing as long as "
        f"{plan.from_revision} holds its own"
    )


def line(plan: Plan) -> str | None:
    """What happens and why; None when nothing does, and the tree says it all."""
    name = _named(plan)
    match plan.verdict:
        case PlanVerdict.NOTHING:
            return None
        case PlanVerdict.NOT_HERE:
            advice = "If it was deleted, `pulumi refresh` lets it be made anew; else check the context"
            return f"{name}: {NOT_HERE}. {advice}"
        case PlanVerdict.MADE_ANEW:
            return f"{name}: {_anew(plan)}"
        case PlanVerdict.IN_PLACE:
            return _in_place(plan)
        case _:
            return f"{name} {headline(plan)}"


def headline(plan: Plan) -> str:
    """The verdict in words, without the Workload's name."""
    match plan.verdict:
        case PlanVerdict.WITHHELD:
            return _withheld(plan)
        case PlanVerdict.STOPS if plan.manual:
            return (
                f"stays stopped with {_serves(plan)}: {plan.to_version or 'the new version'} cannot wait for promotion "
                "while nothing runs, and comes up once the Workload is started. What else changes is done in place"
            )
        case PlanVerdict.STARTS if plan.manual:
            return (
                f"starts {_serves(plan)}, whose pods load their model; {plan.to_version or 'the new version'} then "
                "comes up beside it and waits for promotion"
            )
        case PlanVerdict.STOPS:
            return "stops: its pods end and their GPUs fall free; endpoint and history stay"
        case PlanVerdict.STARTS:
            return "starts: its pods come back, and load their model"
        case PlanVerdict.GOES_BACK:
            kept = f"whose pods are kept until {plan.kept_until}"
            return f"goes back{_from(plan)} to {plan.to_version}, {kept}: {_back(plan)}{_gate(plan)}"
        case _ if plan.waiting is not None:
            return _staged(plan)
        case _:
            return _rolls(plan)


def _serves(plan: Plan) -> str:
    return f"{plan.from_revision} ({plan.from_version})"


def _named(plan: Plan) -> str:
    return f"Workload {plan.namespace}/{plan.name}"


def _from(plan: Plan) -> str:
    return f" from {plan.from_revision} ({plan.from_version})" if plan.from_revision else ""


def _rolls(plan: Plan) -> str:
    verb = "may roll" if plan.verdict is PlanVerdict.MAY_ROLL else "rolls"
    named = not plan.causes or any(each.path == "artifactId" and each.known for each in plan.causes)
    to = f" to {plan.to_version}" if named and plan.to_version else ""
    why = f"because of {listed([_cause(each) for each in plan.causes])}"
    if not plan.causes:
        why = f"because {plan.from_revision} serves, which is not what is wanted"
    cost = costs(plan.expected)
    return f"{verb}{_from(plan)}{to} {why}; {room(plan)}{f'; {cost}' if cost else ''}{_gate(plan)}"


def _gate(plan: Plan) -> str:
    return "; it then waits for promotion" if plan.manual else ""


def _anew(plan: Plan) -> str:
    sure = [each for each in plan.replaces if each not in plan.unknown]
    if not sure:
        return f"{' and '.join(plan.replaces)} not known yet; another one makes it anew, and its endpoint changes"
    return f"{' and '.join(sure)} changes, so it is made anew and its endpoint changes"


def _cause(cause: Cause) -> str:
    return cause.path if cause.known else f"{cause.path} (not known yet)"


def room(plan: Plan) -> str:
    """GPUs that are needed beside those in use, and whether they are free."""
    if plan.groups is None:
        return "what it needs is not known yet"
    groups = [each for each in plan.groups if each.pods]
    if not groups:
        return "it needs no further GPUs" if plan.gpus is not None and plan.gpus.candidate else "it needs no GPUs"
    if any(each.missing is None for each in groups):
        return f"needs {_gpus(groups)} GPUs beside those in use; {uncounted(plan)}"
    return "; ".join(each.said for each in groups) + ", beside those in use"


def uncounted(plan: Plan) -> str:
    """That nobody knows how many are free, and for want of which right, if that is the reason."""
    return f"free GPUs unknown ({plan.right_missing})" if plan.right_missing is not None else "free GPUs unknown"


def _gpus(groups: Sequence[GroupPlan]) -> int:
    return sum(each.gpus for each in groups)


def costs(expected: Expected | None) -> str:
    """Until it serves, and what both versions hold until the old one is gone: "about 6 min, 1.6 GPU-hours …"."""
    if expected is None or expected.minutes is None:
        return ""
    said = f"{bound(expected)} {duration(expected.minutes)}{not_counted(expected)}"
    if not expected.gpu_hours:
        return said
    return f"{said}, {amount(expected.gpu_hours)} GPU-hours while both run"


def bound(expected: Expected) -> str:
    """Whether the minutes are what it took last time, or what the probes allow."""
    return "about" if expected.measured is not None or not expected.load_seconds else "at most about"


def not_counted(expected: Expected) -> str:
    """What comes on top, though nobody knows how long it takes."""
    return f" and its warm-up of {expected.not_counted}" if expected.not_counted is not None else ""


def duration(minutes: float) -> str:
    """``40 s``, ``6 min``, ``2.5 h``: no more precise than an estimate can be."""
    if minutes * 60 < 100:
        return f"{math.ceil(minutes * 60)} s"
    return f"{round(minutes)} min" if minutes < 100 else f"{minutes / 60:.1f} h"


def amount(hours: float) -> str:
    """Two figures, so that a short overlap is not said to cost nothing: 0.013, 1.6, 24."""
    if hours >= 10:
        return f"{hours:.0f}"
    return f"{hours:.1f}" if hours >= 1 else f"{hours:.2g}"


def _back(plan: Plan) -> str:
    """Kept pods run; where what serves has more of them by now, the others are started."""
    if not any(each.pods for each in plan.groups or ()):
        return "no load, no further GPUs"
    return f"these do not load, and as many more start as serve now: {room(plan)}"


def _withheld(plan: Plan) -> str:
    hold = plan.hold
    said = f"{hold.said}. {hold.advice(plan.namespace, plan.name)}" if hold is not None else "a person has said so"
    return f"stays as it is: {said}"


def _staged(plan: Plan) -> str:
    """What becomes of the version that waits for promotion."""
    waits = plan.waiting
    if waits is None:
        return ""
    serves = plan.from_revision
    since = f"{waits.revision} ({waits.artifact_id}), which waits for promotion since {waits.since},"
    match plan.verdict:
        case PlanVerdict.CANCELS:
            return f"goes no further: {since} is cancelled and removed; {serves} serves on"
        case PlanVerdict.REFUSED:
            ways = "Promote it, or put the program back, or set onConflict: supersede"
            return f"would be refused: {since} is in the way. {ways}"
        case PlanVerdict.SWITCHES:
            return f"switches: {since} takes over from {serves}: its pods run already, no load, no further GPUs"
        case _:
            other = f"; replacement.promote names {waits.promote}, which is not what waits" if waits.promote else ""
            return f"stays staged: {since} goes on waiting{other}; {serves} serves. What else changes is done in place"


def _in_place(plan: Plan) -> str:
    if plan.renamed:
        return f"{_named(plan)} names another Artifact with the same content, {_IN_PLACE}"
    if plan.already is not None:
        return f"{_named(plan)}: {plan.already} runs that already, {_IN_PLACE}"
    return f"{_named(plan)}: {changes(plan)}, {_IN_PLACE}{_scaling(plan)}"


def changes(plan: Plan) -> str:
    """What changes in place, and what counts later."""
    if plan.in_place == ("candidateProtonIds",) and not plan.next_roll:
        return "removes what an interrupted run has left"
    parts = [f"{listed(plan.in_place)} changes"] if plan.in_place else []
    parts += [f"{listed(plan.next_roll)} counts from the next roll on"] if plan.next_roll else []
    return ", ".join(parts)


def _scaling(plan: Plan) -> str:
    return f"; {room(plan)}" if plan.groups else ""


def listed(paths: Sequence[str]) -> str:
    """At most three of them."""
    shown = ", ".join(paths[:3])
    return f"{shown} and {len(paths) - 3} more" if len(paths) > 3 else shown
