"""A difference as the engine shows it: which property, and whether it changes in place or makes another resource."""

import re
from collections.abc import Iterable, Mapping

from pulumi.runtime.proto import provider_pb2

from inference_provider.resources.world import Difference, Properties

#: The property under which the engine lists what is not in order in the cluster, though no input changed.
FOUND = "status"
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+)')
_Kinds = provider_pb2.PropertyDiff


def detailed(difference: Difference, olds: Properties, news: Properties) -> dict[str, provider_pb2.PropertyDiff]:
    """By property path. Never empty when something changes: the engine would show an update of nothing.

    ``olds`` and ``news`` are inputs, and so it is said (``inputDiff``): beside the old outputs the engine puts the new
    inputs, and draws every output that is mentioned as one that is taken away.
    """
    paths = (*difference.replaces, *difference.changed)
    found = {path: _kind(path, olds, news, replaces=_top(path) in difference.replaces) for path in paths}
    if difference.found:
        found.setdefault(FOUND, _Kinds.UPDATE)
    return {path: provider_pb2.PropertyDiff(kind=kind, inputDiff=True) for path, kind in found.items()}


def tops(paths: Iterable[str]) -> list[str]:
    """The properties in which these paths lie: the engine's one-line summary leaves out whatever is no property."""
    return list(dict.fromkeys(_top(path) for path in paths))


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _kind(path: str, olds: Properties, news: Properties, *, replaces: bool) -> provider_pb2.PropertyDiff.Kind.ValueType:
    was, will_be = _at(olds, path), _at(news, path)
    if was is None and will_be is not None:
        return _Kinds.ADD_REPLACE if replaces else _Kinds.ADD
    if was is not None and will_be is None:
        return _Kinds.DELETE_REPLACE if replaces else _Kinds.DELETE
    return _Kinds.UPDATE_REPLACE if replaces else _Kinds.UPDATE


def _at(properties: Properties, path: str) -> object:
    """The value at a path, or None."""
    value: object = properties
    for quoted, bare in _STEP.findall(path):
        step = quoted.replace('\\"', '"') or bare
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
