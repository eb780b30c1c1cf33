"""The commands that change something: what each asks first, does, and says afterwards."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass

import typer
from rich.text import Text

from inference_provider.cli.address import address
from inference_provider.cli.failure import in_sentences, say
from inference_provider.cli.options import Context, Kubeconfig, Namespace, Reason, Workload, Yes
from inference_provider.cli.terminal import TerminalReporter, answer, remarks
from inference_provider.cli.visit import Surroundings, Visit, surroundings
from inference_provider.resources import workload_commands as commands
from inference_provider.resources.status import Status, Version, status
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Role
from inference_provider.seam.errand import Target

#: As typer ends when a command is not written as it must be.
USAGE = 2


@dataclass(frozen=True)
class Act:
    """One verb. ``question`` says what will happen, from what is there; those without do not ask.

    An empty one means that there is nothing to be done: no need to ask, the act itself says why.
    """

    verb: str
    help: str
    do: Callable[[World, str, str, str], Coroutine[object, object, Properties]]
    question: Callable[[Status], str] | None = None
    afterwards: str = ""


def _undo(seen: Status) -> str:
    kept = seen.of_role(Role.RETAINED)
    return f"Take {seen.namespace}/{seen.name} back from {seen.revision} to {_told(kept[-1])}?" if kept else ""


def _promote(seen: Status) -> str:
    staged = [each for each in seen.of_role(Role.CANDIDATE) if each.staged]
    return f"Let {_told(staged[-1])} take over from {seen.revision}?" if staged else ""


def _cancel(seen: Status) -> str:
    coming = " and ".join(each.revision for each in seen.of_role(Role.CANDIDATE))
    serves = f"{seen.revision} goes on serving" if seen.revision else "Nothing serves yet"
    return f"Cancel {coming} of {seen.namespace}/{seen.name}? {serves}." if coming else ""


def _stop(seen: Status) -> str:
    return f"Stop {seen.namespace}/{seen.name}? Nobody answers at {seen.endpoint} until it is started again."


def _told(version: Version) -> str:
    return f"{version.revision} ({version.artifact_id}, {version.ready} of {version.wanted} pods ready)"


ACTS = (
    Act(
        "undo",
        "Go back to the version before, now; the program may follow.",
        lambda world, namespace, name, reason: commands.undo(world, namespace, name, reason=reason),
        _undo,
    ),
    Act(
        "promote",
        "Let the version that waits for promotion take over.",
        lambda world, namespace, name, reason: commands.promote(world, namespace, name, reason=reason),
        _promote,
    ),
    Act(
        "resume",
        "Lift a hold: the next `pulumi up` may roll again.",
        lambda world, namespace, name, _: commands.resume(world, namespace, name),
        afterwards="The next `pulumi up` does what the program says",
    ),
    Act(
        "cancel",
        "Call a replacement off, also one that is running.",
        lambda world, namespace, name, reason: commands.cancel(world, namespace, name, reason=reason),
        _cancel,
    ),
    Act(
        "stop",
        "End all pods; endpoint, history and settings stay.",
        lambda world, namespace, name, reason: commands.stop(world, namespace, name, reason=reason),
        _stop,
    ),
    Act(
        "start",
        "Bring back what was stopped.",
        lambda world, namespace, name, _: commands.start(world, namespace, name),
    ),
)


def register(app: typer.Typer) -> None:
    """Give the command line its verbs."""
    for act in ACTS:
        app.command(act.verb, help=act.help)(_asking(act) if act.question else _plain(act))


def _plain(act: Act) -> Callable[..., None]:
    def run(
        ctx: typer.Context,
        workload: Workload,
        *,
        namespace: Namespace = None,
        context: Context = None,
        kubeconfig: Kubeconfig = None,
    ) -> None:
        _perform(surroundings(ctx), Target(namespace, context, kubeconfig), act, workload, reason="", sure=True)

    return run


def _asking(act: Act) -> Callable[..., None]:
    def run(
        ctx: typer.Context,
        workload: Workload,
        *,
        namespace: Namespace = None,
        context: Context = None,
        kubeconfig: Kubeconfig = None,
        reason: Reason = "",
        yes: Yes = False,
    ) -> None:
        _perform(surroundings(ctx), Target(namespace, context, kubeconfig), act, workload, reason=reason, sure=yes)

    return run


def _perform(here: Surroundings, target: Target, act: Act, workload: str, *, reason: str, sure: bool) -> None:
    again = address(target, workload)
    if not sure and not here.interactive():
        say("error", f"`{act.verb}` asks first, and here is nobody to be asked: add --yes")
        raise typer.Exit(USAGE)
    left = (
        "what serves goes on serving, and the lock is given back. "
        f"`{again.format('status')}` shows how far it came; the same command again carries on"
    )
    with in_sentences(interrupted=left), TerminalReporter(remarks()) as report, here.visit(target, report) as visit:
        if not sure and act.question is not None and not _agreed(here, visit, act.question, workload):
            say("refused", "nothing was changed")
            raise typer.Exit(1)
        place = visit.errand.world, visit.errand.namespace, workload
        outputs = visit.do(act.do(*place, reason))
        report.status("")
        answer(_outcome(visit.errand.namespace, workload, outputs, again, afterwards=act.afterwards))


def _agreed(here: Surroundings, visit: Visit, question: Callable[[Status], str], workload: str) -> bool:
    seen = visit.do(status(visit.errand.world, visit.errand.namespace, workload))
    asked = question(seen)
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
