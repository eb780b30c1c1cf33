"""A difference as the engine shows it: which property, and whether it changes in place or makes another resource."""

import re
from collections.abc import Collection, Mapping

from pulumi.runtime.proto import provider_pb2

from inference_provider.resources.world import Difference, Properties

#: The property under which the engine lists what is not in order in the cluster, though no input changed.
FOUND = "status"
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+)')


def detailed(
    difference: Difference, olds: Properties, news: Properties, *, told: Collection[str] = ()
) -> dict[str, provider_pb2.PropertyDiff]:
    """By property path. Never empty when something changes: the engine would show an update of nothing.

    ``told`` are outputs: no program takes them away by leaving them out.
    """
    found = {
        path: _entry(path, olds, news, replaces=_top(path) in difference.replaces, told=told)
        for path in (*difference.replaces, *difference.changed)
    }
    if difference.found and FOUND not in found:
        found[FOUND] = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.UPDATE, inputDiff=False)
    return found


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _entry(
    path: str, olds: Properties, news: Properties, *, replaces: bool, told: Collection[str]
) -> provider_pb2.PropertyDiff:
    was, will_be = _at(olds, path), _at(news, path)
    kinds = provider_pb2.PropertyDiff
    if was is None and will_be is not None:
        kind = kinds.ADD_REPLACE if replaces else kinds.ADD
    elif was is not None and will_be is None and _top(path) not in told:
        kind = kinds.DELETE_REPLACE if replaces else kinds.DELETE
    else:
        kind = kinds.UPDATE_REPLACE if replaces else kinds.UPDATE
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=_top(path) in news)


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
