"""Values that a preview does not know yet: taken out before anything is validated, and put back afterwards."""

from collections.abc import Mapping

from inference_provider.domain.paths import inside
from inference_provider.errors import Fault
from inference_provider.resources.world import Properties

#: How "not known yet" is written on the wire.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def without_unknowns(inputs: Properties) -> tuple[Properties, tuple[str, ...]]:
    """The inputs without what is unknown, and the paths of what was taken out."""
    paths: list[str] = []
    known = {key: _known(value, key, paths) for key, value in inputs.items() if not _unknown(value, key, paths)}
    return known, tuple(paths)


def as_before(inputs: Properties, olds: Properties) -> Properties:
    """The inputs with the old value wherever one is unknown: what surely differs is then all that differs."""
    return {key: _as_before(value, olds.get(key)) for key, value in inputs.items()}


def _as_before(value: object, old: object) -> object:
    if value == UNKNOWN:
        return old
    if isinstance(value, Mapping):
        before = old if isinstance(old, Mapping) else {}
        return {key: _as_before(item, before.get(key)) for key, item in value.items()}
    if isinstance(value, list):
        items = old if isinstance(old, list) else []
        padded = items + [None] * (len(value) - len(items))
        return [_as_before(item, before) for item, before in zip(value, padded, strict=False)]
    return value


def with_unknowns(known: Properties, inputs: Properties, paths: tuple[str, ...]) -> Properties:
    """Checked inputs as the engine gets them: wherever something was unknown, the whole property stays as it was."""
    tops = {path.partition(".")[0].partition("[")[0] for path in paths}
    return known | {key: inputs[key] for key in tops}


def concerns_unknown(fault: Fault, paths: tuple[str, ...]) -> bool:
    """Whether a fault may only be there because something is unknown: at it, above it, or below it."""
    return any(_covers(path, fault.path) or _covers(fault.path, path) for path in paths)


def _covers(outer: str, inner: str) -> bool:
    return outer in ("", inner) or inner.startswith((f"{outer}.", f"{outer}["))


def _unknown(value: object, path: str, paths: list[str]) -> bool:
    if value == UNKNOWN:
        paths.append(path)
        return True
    return False


def _known(value: object, path: str, paths: list[str]) -> object:
    if isinstance(value, Mapping):
        at_keys = [(key, inside(path, str(key)), item) for key, item in value.items()]
        return {key: _known(item, where, paths) for key, where, item in at_keys if not _unknown(item, where, paths)}
    if isinstance(value, list):
        at = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
        return [_known(item, where, paths) for where, item in at if not _unknown(item, where, paths)]
    return value
