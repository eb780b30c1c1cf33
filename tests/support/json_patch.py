"""JSON patch (RFC 6902: add, remove, replace, test) as the API server understands it, small enough to be believed."""

import copy
from collections.abc import Mapping, Sequence

from inference_provider.manifests.kinds import Body


class PatchTestFailed(Exception):
    """A ``test`` of the patch does not hold."""


class PatchPathMissing(Exception):
    """The patch speaks of a place that is not there."""


def applied(body: Body, operations: Sequence[Mapping[str, object]]) -> Body:
    """The object after the patch; the one given stays as it was."""
    result = copy.deepcopy(body)
    for operation in operations:
        *parents, last = [_plain(part) for part in str(operation["path"]).split("/")[1:]]
        holder: Body = result
        for part in parents:
            if part not in holder:
                raise PatchPathMissing(str(operation["path"]))
            holder = holder[part]
        _one(holder, last, operation)
    return result


def _one(holder: Body, last: str, operation: Mapping[str, object]) -> None:
    verb = operation["op"]
    if verb == "test":
        if holder.get(last) != operation["value"]:
            raise PatchTestFailed(f"{operation['path']} is {holder.get(last)!r}")
        return
    if verb in {"remove", "replace"} and last not in holder:
        raise PatchPathMissing(str(operation["path"]))
    if verb == "remove":
        del holder[last]
    else:
        holder[last] = copy.deepcopy(operation["value"])


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
