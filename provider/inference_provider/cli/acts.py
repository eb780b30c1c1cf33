"""The commands that change something: what each asks first, does, and says afterwards."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass

import typer
from rich.text import Text

from inference_provider.cli.address import address
from inference_provider.cli.call import Call, command
from inference_provider.cli.failure import FAILED, USAGE, in_sentences, say
from inference_provider.cli.options import Reason, To, Workload, Yes, revision_of
from inference_provider.cli.terminal import TerminalReporter, remarks
from inference_provider.cli.visit import Surroundings, Visit
from inference_provider.resources import workload_commands as commands
from inference_provider.resources.status import Status, Version, status
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Role


@dataclass(frozen=True)
class Act:
    """One verb. ``question`` says what will happen, from what is there; those without do not ask.

    An empty one means that there is nothing to be done: no need to ask, the act itself says why.
    """

    verb: str
    help: str
    do: Callable[[World, str, "Ordered"], Coroutine[object, object, Properties]]
    question: Callable[[Status, str | None], str] | None = None
    afterwards: str = ""


@dataclass(frozen=True)
class Ordered:
    """A verb as it was typed. ``to`` is the revision that is meant; ``sure``: nobody is to be asked."""

    act: Act
    workload: str
    to: str | None = None
    reason: str = ""
    sure: bool = False


def _undo(seen: Status, to: str | None) -> str:
    kept = [each for each in seen.of_role(Role.RETAINED) if to in (None, each.revision)]
    return f"Take {seen.namespace}/{seen.name} back from {seen.revision} to {_told(kept[-1])}?" if kept else ""


def _promote(seen: Status, _: str | None) -> str:
    coming = seen.of_role(Role.CANDIDATE)
    staged = [each for each in coming if each.staged]
    if coming and not staged and seen.revision:
        return f"Let {_told(coming[-1])} take over from {seen.revision} as soon as it is proven?"
    return f"Let {_told(staged[-1])} take over from {seen.revision}?" if staged else ""


def _cancel(seen: Status, _: str | None) -> str:
    coming = " and ".join(each.revision for each in seen.of_role(Role.CANDIDATE))
    serves = f"{seen.revision} goes on serving" if seen.revision else "Nothing serves yet"
    return f"Cancel {coming} of {seen.namespace}/{seen.name}? {serves}." if coming else ""


def _stop(seen: Status, _: str | None) -> str:
    return f"Stop {seen.namespace}/{seen.name}? Nobody answers at {seen.endpoint} until it is started again."


def _told(version: Version) -> str:
    return f"{version.revision} ({version.artifact_id}, {version.ready} of {version.wanted} pods ready)"


ACTS = (
    Act(
        "undo",
        "Go back to the version before, now; the program may follow.",
        lambda world, namespace, it: commands.undo(world, namespace, it.workload, to=it.to, reason=it.reason),
        _undo,
    ),
    Act(
        "promote",
        "Let the version that waits for promotion take over.",
        lambda world, namespace, it: commands.promote(world, namespace, it.workload, reason=it.reason),
        _promote,
    ),
    Act(
        "resume",
        "Lift a hold: the next `pulumi up` may roll again.",
        lambda world, namespace, it: commands.resume(world, namespace, it.workload),
        afterwards="The next `pulumi up` does what the program says",
    ),
    Act(
        "cancel",
        "Call a replacement off, also one that is running.",
        lambda world, namespace, it: commands.cancel(world, namespace, it.workload, reason=it.reason),
        _cancel,
    ),
    Act(
        "stop",
        "End all pods; endpoint, history and settings stay.",
        lambda world, namespace, it: commands.stop(world, namespace, it.workload, reason=it.reason),
        _stop,
    ),
    Act(
        "start",
        "Bring back what was stopped.",
        lambda world, namespace, it: commands.start(world, namespace, it.workload),
    ),
)


def register(app: typer.Typer) -> None:
    """Give the command line its verbs."""
    for act in ACTS:
        typed = _undoing(act) if act.verb == "undo" else _asking(act) if act.question else _plain(act)
        command(app, act.verb, about=act.help)(typed)


def _plain(act: Act) -> Callable[[Call, str], None]:
    def run(call: Call, workload: Workload) -> None:
        _perform(call, Ordered(act, workload, sure=True))

    return run


def _asking(act: Act) -> Callable[..., None]:
    def run(call: Call, workload: Workload, *, reason: Reason = "", yes: Yes = False) -> None:
        _perform(call, Ordered(act, workload, reason=reason, sure=yes))

    return run


def _undoing(act: Act) -> Callable[..., None]:
    def run(call: Call, workload: Workload, *, to: To = None, reason: Reason = "", yes: Yes = False) -> None:
        _perform(call, Ordered(act, workload, to=revision_of(to) if to else None, reason=reason, sure=yes))

    return run


def _perform(call: Call, ordered: Ordered) -> None:
    here, act, workload = call.here, ordered.act, ordered.workload
    again = address(call.target, workload)
    if not ordered.sure and not here.interactive():
        say("error", f"`{act.verb}` asks first, and here is nobody to be asked: add --yes")
        raise typer.Exit(USAGE)
    left = (
        "what serves goes on serving, and the lock is given back. "
        f"`{again.format('status')}` shows how far it came; the same command again carries on"
    )
    with (
        in_sentences(interrupted=left),
        TerminalReporter(remarks()) as report,
        here.visit(call.target, report) as visit,
    ):
        if not ordered.sure and not _agreed(here, visit, ordered):
            say("refused", "nothing was changed")
            raise typer.Exit(FAILED)
        namespace = visit.errand.namespace
        outputs = visit.do(act.do(visit.errand.world, namespace, ordered))
        report.status("")
    named = {"namespace": namespace, "name": workload}
    call.says({**named, **outputs}, lambda: _outcome(namespace, workload, outputs, again, afterwards=act.afterwards))


def _agreed(here: Surroundings, visit: Visit, ordered: Ordered) -> bool:
    if ordered.act.question is None:
        return True
    seen = visit.do(status(visit.errand.world, visit.errand.namespace, ordered.workload))
    asked = ordered.act.question(seen, ordered.to)
    return not asked or here.confirm(asked)


def _outcome(namespace: str, workload: str, outputs: Properties, again: str, *, afterwards: str) -> Text:
    """What serves now, and what keeps the program from rolling."""
    if not outputs:
        return Text(f"{namespace}/{workload} is not there any more: its first creation was called off")
    said = [f"{namespace}/{workload} is {outputs['status']}: {_serving(outputs)}", *filter(None, [afterwards])]
    held = outputs.get("held")
    if isinstance(held, Mapping):
        lift = again.format("start" if held.get("kind") == "stop" else "resume")
        said.append(f"{held.get('revision')} is held: `{lift}` lifts that, as does any other version in the program")
    return Text("\n".join(said))


def _serving(outputs: Properties) -> str:
    if not outputs["activeArtifactId"]:
        return "nothing serves yet"
    version = f"{outputs['revision']} ({outputs['activeArtifactId']})"
    return (
        f"{version} has no pods" if outputs["status"] == "stopped" else f"{version} serves, {outputs['statusMessage']}"
    )
