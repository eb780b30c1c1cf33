"""Do the typed arguments of the program-side API say what the domain accepts? This writes them from its models.

`python -m tools.argsgen` writes provider/inference_provider/dynamic/arguments/, `--check` fails when that is stale.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from types import UnionType
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import SecretStr, WithJsonSchema

from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.domain.explicit_replacement import ReplacementInputs
from inference_provider.domain.model import Input
from inference_provider.domain.policy import PolicyInputs
from inference_provider.domain.workload import WorkloadInputs

TARGET = Path("provider/inference_provider/dynamic/arguments")
#: Their fields become the keyword parameters of the resource classes.
RESOURCES: tuple[type[Input], ...] = (ArtifactInputs, WorkloadInputs, ReplacementInputs, PolicyInputs)
#: Room for the text of a docstring inside of a class.
WIDTH = 110
NAMES: Mapping[object, str] = {str: "str", int: "int", float: "float", bool: "bool", object: "object", SecretStr: "str"}

Model = type[Input]
_Item = TypeVar("_Item")


def main(arguments: list[str]) -> int:
    """Write the files, or (``--check``) say whether they are what would be written: 0 when they are."""
    parser = argparse.ArgumentParser(prog="python -m tools.argsgen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the files are stale")
    checking = bool(parser.parse_args(arguments).check)
    target = Path(__file__).parent.parent / TARGET
    wanted = sources()
    if checking:
        return _complain(stale(target, wanted))
    target.mkdir(exist_ok=True)
    for leftover in {path.name for path in target.glob("*.py")} - set(wanted):
        (target / leftover).unlink()
    for name, text in wanted.items():
        (target / name).write_text(text)
    return 0


def stale(target: Path, wanted: Mapping[str, str]) -> list[str]:
    """The names of files in ``target`` that differ from what is wanted, are missing, or are too much."""
    present = {path.name: path.read_text() for path in target.glob("*.py")}
    return sorted(name for name in {*present, *wanted} if present.get(name) != wanted.get(name))


def _complain(names: list[str]) -> int:
    if names:
        sentence = f"{TARGET} is not what the domain says: {', '.join(names)}. Run `python -m tools.argsgen`."
        print(sentence, file=sys.stderr)
    return 1 if names else 0


def sources() -> dict[str, str]:
    """File name → text: one file for each module of the domain that has nested models, and one that has them all."""
    rooms = _by_room(nested_models())
    files = {f"{room}.py": _file(room, models) for room, models in rooms.items()}
    return {name: _formatted(text) for name, text in {**files, "__init__.py": _contents(rooms)}.items()}


def nested_models() -> list[Model]:
    """Every model below the resources' inputs, each after those that it is made of."""
    found: dict[Model, None] = {}

    def visit(model: Model) -> None:
        for hint in _hints(model).values():
            for inner in _models_in(hint):
                visit(inner)
        found[model] = None

    for resource in RESOURCES:
        visit(resource)
    return [model for model in found if model not in RESOURCES]


def _hints(model: Model) -> dict[str, object]:
    hints = get_type_hints(model, include_extras=True)
    return {name: hints[name] for name in model.model_fields}


def _models_in(hint: object) -> Iterator[Model]:
    if isinstance(hint, type) and issubclass(hint, Input):
        yield hint
    for part in get_args(hint):
        yield from _models_in(part)


def _by_room(models: Iterable[Model]) -> dict[str, list[Model]]:
    rooms: dict[str, list[Model]] = {}
    for model in models:
        rooms.setdefault(_room(model), []).append(model)
    return rooms


def _room(model: Model) -> str:
    return model.__module__.rpartition(".")[2]


def _file(room: str, models: list[Model]) -> str:
    body = "\n\n".join(_classes(model) for model in models)
    note = f"Written by tools/argsgen.py from domain/{room}.py; not edited by hand."
    return "\n\n".join([f'"""{_title(room)}\n\n{note}\n"""', _imports(room, models, body), body])


def _title(room: str) -> str:
    return f"What a program may say in the {room} part of its inputs: each as a class, or as a dict of the same shape."


def _imports(room: str, models: list[Model], body: str) -> str:
    abstract = [name for name in ("Mapping", "Sequence") if f"{name}[" in body]
    typing = [name for name in ("Literal", "Required") if f"{name}[" in body] + ["TypedDict"]
    inner = [each for model in models for hint in _hints(model).values() for each in _models_in(hint)]
    lines = [f"from collections.abc import {', '.join(abstract)}"] if abstract else []
    lines += ["from dataclasses import dataclass", f"from typing import {', '.join(typing)}", ""]
    lines += ["from pulumi import Input", ""]
    for model in sorted(_unique(each for each in inner if _room(each) != room), key=_room):
        where = f"inference_provider.dynamic.arguments.{_room(model)}"
        lines.append(f"from {where} import {model.__name__}Args, {model.__name__}ArgsDict")
    return "\n".join(lines)


def _unique(items: Iterable[_Item]) -> list[_Item]:
    return list(dict.fromkeys(items))


def _classes(model: Model) -> str:
    name, about = model.__name__, " ".join((model.__doc__ or "").split())
    fields = _hints(model).items()
    return "\n".join(
        [
            f"@dataclass(kw_only=True)\nclass {name}Args:\n    {_docstring(about)}\n",
            *(_attribute(model, field, hint) for field, hint in fields),
            f"\n\nclass {name}ArgsDict(TypedDict, total=False):\n    {_docstring(about)}\n",
            *(_key(model, field, hint) for field, hint in fields),
        ]
    )


def _attribute(model: Model, field: str, hint: object) -> str:
    default = "" if model.model_fields[field].is_required() else " | None = None"
    return f"    {field}: Input[{type_text(hint)}]{default}\n    {_described(model, field)}\n"


def _key(model: Model, field: str, hint: object) -> str:
    text = f"Input[{type_text(hint)}]"
    required = model.model_fields[field].is_required()
    return f"    {field}: {f'Required[{text}]' if required else f'{text} | None'}\n    {_described(model, field)}\n"


def _described(model: Model, field: str) -> str:
    return _docstring(model.model_fields[field].description or "")


def _docstring(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', "'")
    lines = wrap(quoted, WIDTH)
    return '"""' + "\n    ".join(lines if len(lines) < 2 else [*lines, ""]) + '"""'


def type_text(hint: object) -> str:
    """The type of a field's value as a program may give it; nested values may be Outputs too."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        loose = any(isinstance(note, WithJsonSchema) and "oneOf" in (note.json_schema or {}) for note in parts[1:])
        return "float | str" if loose else type_text(parts[0])
    if origin in (Union, UnionType):
        return " | ".join(type_text(part) for part in parts if part is not type(None))
    if origin is Literal:
        # A value may also be plain text, so that it can come from a stack's configuration; Check answers then.
        return f"Literal[{', '.join(repr(part) for part in parts)}] | str"
    if origin is tuple:
        return f"Sequence[Input[{type_text(parts[0])}]]"
    if origin is dict:
        return f"Mapping[str, Input[{type_text(parts[1])}]]"
    if isinstance(hint, type) and issubclass(hint, Input):
        return f"{hint.__name__}Args | {hint.__name__}ArgsDict"
    return NAMES[hint]


def _contents(rooms: Mapping[str, list[Model]]) -> str:
    lines = ['"""The typed arguments of the dynamic door. Written by tools/argsgen.py; not edited by hand."""', ""]
    names: list[str] = []
    for room, models in sorted(rooms.items()):
        here = sorted(f"{model.__name__}{end}" for model in models for end in ("Args", "ArgsDict"))
        lines.append(f"from inference_provider.dynamic.arguments.{room} import {', '.join(here)}")
        names += here
    return "\n".join([*lines, "", f"__all__ = {sorted(names)!r}", ""])


def _formatted(text: str) -> str:
    """The text as `ruff check --fix` (order of imports) and `ruff format` leave it."""
    for command in (["check", "--select", "I,RUF022", "--fix", "--quiet"], ["format", "--quiet"]):
        call = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(TARGET / "written.py"), "-"]
        root = Path(__file__).parent.parent
        text = subprocess.run(call, input=text, capture_output=True, text=True, check=True, cwd=root).stdout
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
