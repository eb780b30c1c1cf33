"""DOOR 3: `pulumi-inference`, for people who ask what serves now, and who take it back at night."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of_package
from typing import Annotated

import typer
from rich.text import Text

from inference_provider.cli import acts, machine
from inference_provider.cli.address import address
from inference_provider.cli.failure import in_sentences
from inference_provider.cli.options import Context, Json, Kubeconfig, Namespace, SomeWorkload
from inference_provider.cli.table import findings, listing
from inference_provider.cli.terminal import TerminalReporter, answer, remarks
from inference_provider.cli.tree import tree
from inference_provider.cli.visit import Surroundings, surroundings
from inference_provider.cli.written import as_json, listed_as_json
from inference_provider.errors import ClusterError
from inference_provider.resources import status as asked
from inference_provider.resources.doctor import Finding, Level, examine, fine, problem
from inference_provider.seam.errand import Target

#: Said after Ctrl-C where nothing but reading was done.
_ONLY_READ = "nothing was changed"

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


@app.command()
def status(
    ctx: typer.Context,
    workload: SomeWorkload = None,
    *,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
    json: Json = False,
) -> None:
    """What serves, what comes, what is kept, who is at it."""
    here, target = surroundings(ctx), Target(namespace, context, kubeconfig)
    with in_sentences(interrupted=_ONLY_READ):
        if workload is None:
            _all(here, target, json=json)
        else:
            _one(here, target, workload, json=json)


def _one(here: Surroundings, target: Target, workload: str, *, json: bool) -> None:
    with TerminalReporter(remarks()) as report, here.visit(target, report) as visit:
        found = visit.do(asked.status(visit.errand.world, visit.errand.namespace, workload))
    if json:
        typer.echo(as_json(found))
        return
    answer(tree(found, now=here.now(), command=address(target, workload)))


def _all(here: Surroundings, target: Target, *, json: bool) -> None:
    with TerminalReporter(remarks()) as report, here.visit(target, report) as visit:
        found, namespace = visit.do(asked.listing(visit.errand.world, visit.errand.namespace)), visit.errand.namespace
    if json:
        typer.echo(listed_as_json(found))
    elif found:
        answer(listing(found, now=here.now()))
        for line in sorted({line for each in found for line in each.unseen}):
            remarks().print(Text(line, "dim"))
    else:
        remarks().print(f"There is no Workload in namespace {namespace}; name another one with -n.")


@app.command()
def doctor(
    ctx: typer.Context, *, namespace: Namespace = None, context: Context = None, kubeconfig: Kubeconfig = None
) -> None:
    """Check cluster, rights, GPUs and this machine.

    Ends with 1 when something keeps `pulumi up` from working.
    """
    here, target = surroundings(ctx), Target(namespace, context, kubeconfig)
    with in_sentences(interrupted=_ONLY_READ):
        found = [*_cluster(here, target), machine.pulumi(here.environ), machine.backend(here.environ, here.home)]
        answer(findings(found))
        if any(each.level is Level.PROBLEM for each in found):
            raise typer.Exit(1)


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


acts.register(app)
