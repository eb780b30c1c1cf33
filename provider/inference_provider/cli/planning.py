"""`plan`: what would happen to the GPUs if a Workload moved to another version? Nothing is changed, nobody is asked."""

import importlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from inference_provider.cli.call import Call, command
from inference_provider.cli.failure import FAILED
from inference_provider.cli.options import Workload, revision_of
from inference_provider.cli.plan_block import block
from inference_provider.domain.names import parse_revision
from inference_provider.errors import InferenceError
from inference_provider.resources.plan_question import Question, plan_for
from inference_provider.resources.world import Properties

_Version = Annotated[
    str | None,
    typer.Option("--artifact", help="A version to move to, as in llama@0123456789ab.", show_default=False),
]
_Back = Annotated[str | None, typer.Option("--to", help="A revision to go back to, as in r7.", show_default=False)]
_Replicas = Annotated[
    list[str] | None,
    typer.Option("--replicas", help="Pods: 4, or GROUP=4 where there are several groups.", show_default=False),
]
_Files = Annotated[
    list[str] | None,
    typer.Option("--file", "-f", help="Inputs of the Workload that change, as JSON or YAML.", show_default=False),
]
_COUNT = re.compile(r"(?:(?P<group>[a-z0-9][-a-z0-9]*)=)?(?P<count>[0-9]+)")


def register(app: typer.Typer) -> None:
    """Give the command line what foretells."""
    command(app, "plan")(_plan)


def _plan(
    call: Call,
    workload: Workload,
    *,
    artifact: _Version = None,
    to: _Back = None,
    replicas: _Replicas = None,
    file: _Files = None,
) -> None:
    """What an update would do: GPUs, minutes, what rolls.

    Nothing is changed. Ends with 1 when the update would be refused.
    """
    question = _question(artifact, to, replicas or [], file or [])
    found = call.asks(lambda errand: plan_for(errand.world, errand.namespace, workload, question))
    call.says(found, lambda: block(found))
    if found.refused:
        raise typer.Exit(FAILED)


def _question(artifact: str | None, to: str | None, replicas: Sequence[str], files: Sequence[str]) -> Question:
    if artifact is not None and to is not None:
        raise typer.BadParameter("--artifact and --to both say which version is meant; keep one of them")
    if not (artifact or to or replicas or files):
        raise typer.BadParameter("say what is to be planned: --artifact, --to, --replicas or --file")
    inputs: Properties = {}
    for each in files:
        inputs |= _inputs(Path(each))
    number = parse_revision(revision_of(to)) if to is not None else None
    return Question(artifact, number, dict(map(_count, replicas)), inputs)


def _count(text: str) -> tuple[str, int]:
    """``decode=4`` or ``4``."""
    found = _COUNT.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a number of pods; write 4, or GROUP=4")
    return found["group"] or "", int(found["count"])


def _inputs(path: Path) -> Properties:
    """A Workload's inputs from a file. Raises InferenceError in a sentence when it holds none."""
    yaml = importlib.import_module("yaml")  # by name, because PyYAML (there through pulumi) comes without types
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise InferenceError(f"could not read inputs from {path}: {error.strerror}; name another file") from None
    except (ValueError, yaml.YAMLError):
        raise InferenceError(f"could not read inputs from {path}: it is neither JSON nor YAML") from None
    if not isinstance(found, Mapping):
        raise InferenceError(f"could not read inputs from {path}: it holds no mapping such as `runtime: ...`")
    return {str(key): value for key, value in found.items()}
