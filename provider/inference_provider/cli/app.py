"""DOOR 3: `pulumi-inference`, for people who ask what serves now, and who take it back at night."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of_package
from typing import Annotated

import typer

from inference_provider.cli import acts, looking, machine, planning, policies
from inference_provider.cli.call import Call, command
from inference_provider.cli.failure import FAILED
from inference_provider.cli.table import findings
from inference_provider.cli.terminal import TerminalReporter, remarks
from inference_provider.cli.visit import Surroundings
from inference_provider.errors import ClusterError
from inference_provider.resources.doctor import Finding, Level, examine, fine, problem
from inference_provider.seam.errand import Target

app = typer.Typer(
    name="pulumi-inference",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    app()


def _show_version(*, wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(version_of_package("pulumi-inference-provider"))
        except PackageNotFoundError:
            typer.echo("unknown: the package is not installed")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Say which release this is.", show_default=False)
    ] = False,
) -> None:
    """GPU inference on Kubernetes: what serves now, what was before, and the way back."""
    _show_version(wanted=version)


def _doctor(call: Call) -> None:
    """Check cluster, rights, GPUs and this machine.

    Ends with 1 when something keeps `pulumi up` from working.
    """
    here = call.here
    found = [*_cluster(here, call.target), machine.pulumi(here.environ), machine.backend(here.environ, here.home)]
    call.says(found, lambda: findings(found))
    if any(each.level is Level.PROBLEM for each in found):
        raise typer.Exit(FAILED)


def _cluster(here: Surroundings, target: Target) -> list[Finding]:
    try:
        with TerminalReporter(remarks()) as report, here.visit(target, report) as visit:
            there = visit.errand
            who = visit.do(there.cluster.whoami())
            context = f"context {there.context}" if there.context else "a pod's own service account"
            seen = visit.do(examine(there.cluster, there.namespace, version=there.version))
    except ClusterError as error:
        return [problem("cluster", str(error), "")]
    stacks = machine.stacks(here.folder, namespace=there.namespace, context=there.context)
    return [fine("cluster", f"{context} at {there.server}, as {who}"), *seen, *stacks]


looking.register(app)
planning.register(app)
policies.register(app)
command(app, "doctor")(_doctor)
acts.register(app)
