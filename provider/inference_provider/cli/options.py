"""The options that several commands share, each written once."""

from typing import Annotated

import typer

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

Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs; everything that is known.")]
