"""What has every command in common? Where it looks, how it answers, and how it ends; written once, here."""

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import typer
from rich.console import RenderableType

from inference_provider.cli.failure import in_sentences
from inference_provider.cli.options import Context, Format, Json, Kubeconfig, Namespace, NoColor, Output
from inference_provider.cli.terminal import TerminalReporter, answer, remarks
from inference_provider.cli.visit import Surroundings, surroundings
from inference_provider.cli.written import as_json
from inference_provider.seam.errand import Errand, Target

P = ParamSpec("P")
T = TypeVar("T")

#: Said after Ctrl-C where nothing but reading was done.
ONLY_READ = "nothing was changed"


@dataclass(frozen=True)
class Call:
    """One command as it was typed: its surroundings, which cluster it means, and whether a program reads the answer."""

    here: Surroundings
    target: Target
    json: bool = False

    def asks(self, question: Callable[[Errand], Coroutine[object, object, T]]) -> T:
        """The answer of the cluster, while a person sees what is waited for."""
        with TerminalReporter(remarks()) as report, self.here.visit(self.target, report) as visit:
            return visit.do(question(visit.errand))

    def says(self, value: object, shown: Callable[[], RenderableType]) -> None:
        """Print ``value`` as JSON for a program, or what is ``shown`` for a person."""
        if self.json:
            typer.echo(as_json(value))
        else:
            answer(shown())


def command(
    app: typer.Typer, verb: str, *, about: str = ""
) -> Callable[[Callable[Concatenate[Call, P], None]], Callable[Concatenate[Call, P], None]]:
    """Make a function a command: beside its own parameters it gets the options that all have, as a Call.

    Whatever it raises becomes a sentence and an exit code.
    """

    def register(function: Callable[Concatenate[Call, P], None]) -> Callable[Concatenate[Call, P], None]:
        anyhow: Callable[..., None] = function

        def run(**given: object) -> None:
            own = {name: value for name, value in given.items() if name not in _SHARED}
            with in_sentences(interrupted=ONLY_READ):
                anyhow(_ANYHOW(**{name: given[name] for name in _SHARED}), **own)

        run.__dict__["__signature__"] = _signature(function)  # where `inspect`, and so typer, looks first
        app.command(verb, help=about or inspect.getdoc(function))(run)
        return function

    return register


def _call(
    *,
    ctx: typer.Context,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
    output: Format = Output.TEXT,
    json: Json = False,
    no_color: NoColor = False,
) -> Call:
    """The call, from the options that every command has; ``no_color`` has done its work by being read."""
    del no_color
    return Call(surroundings(ctx), Target(namespace, context, kubeconfig), json or output is Output.JSON)


_ANYHOW: Callable[..., Call] = _call
_SHARED = inspect.signature(_call).parameters


def _signature(function: Callable[..., None]) -> inspect.Signature:
    """What typer is to offer: the function's own parameters without its Call, then those of all commands."""
    own = list(inspect.signature(function).parameters.values())[1:]
    named = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    return inspect.Signature([*named, *_SHARED.values()])
