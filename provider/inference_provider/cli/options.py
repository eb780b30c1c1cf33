"""The options that several commands share, each written once."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from inference_provider.domain.names import parse_revision, revision_text


class Output(StrEnum):
    """For whom an answer is written."""

    TEXT = "text"
    JSON = "json"


def _colourless(*, wanted: bool) -> bool:
    """As if NO_COLOR had been set: whatever prints from here on obeys it."""
    if wanted:
        os.environ["NO_COLOR"] = "1"
    return wanted


def revision_of(text: str) -> str:
    """``r7`` for "r7" or "7". Raises BadParameter in a sentence."""
    try:
        return revision_text(parse_revision("r" + text.removeprefix("r")))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a revision; write it as in r7") from None


Workload = Annotated[str, typer.Argument(help="The Workload's name.", show_default=False)]

SomeWorkload = Annotated[
    str | None, typer.Argument(help="One Workload; without it all of the namespace, a row each.", show_default=False)
]

Namespace = Annotated[
    str | None, typer.Option("--namespace", "-n", help="Default: the kubeconfig context's.", show_default=False)
]

Context = Annotated[
    str | None, typer.Option("--context", help="Of the kubeconfig; default: its current one.", show_default=False)
]

Kubeconfig = Annotated[
    str | None,
    typer.Option("--kubeconfig", help="Path; default: KUBECONFIG, else ~/.kube/config.", show_default=False),
]

Reason = Annotated[str, typer.Option("--reason", help="Why, for those who read the history later.", show_default=False)]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first; needed where nobody can be asked.")]

To = Annotated[
    str | None,
    typer.Option("--to", help="Only if this is the version that is kept, as in r7; else say how to get there."),
]

Revision = Annotated[str, typer.Argument(help="Its number, as in r7 or 7.", show_default=False)]

Watch = Annotated[bool, typer.Option("--watch", "-w", help="Go on showing it as it changes, until Ctrl-C.")]

AllNamespaces = Annotated[bool, typer.Option("--all-namespaces", "-A", help="Of all namespaces.")]

Deleted = Annotated[bool, typer.Option("--deleted", help="Of Workloads that are gone and left their records.")]

Page = Annotated[
    str | None,
    typer.Option("--html", help="Write a page with the timeline of every replacement to this file.", metavar="FILE"),
]

Format = Annotated[Output, typer.Option("--output", "-o", help="`json` for programs: everything that is known.")]

Json = Annotated[bool, typer.Option("--json", help="The same as -o json.")]

NoColor = Annotated[
    bool,
    typer.Option("--no-color", help="No colours; NO_COLOR in the environment does the same.", callback=_colourless),
]
