"""Does an object look as if a JSON patch (RFC 6902) had been applied to it? Pure.

Asked when the answer to a patch got lost and its repetition was refused: a ``remove``, or a test of the version that
the patch itself has moved on, does not fit a second time.
"""

from collections.abc import Mapping, Sequence

from inference_provider.manifests.kinds import Body

#: What every patch changes, so that its test says nothing afterwards.
_VERSION = "/metadata/resourceVersion"


def in_effect(body: Body, operations: Sequence[Mapping[str, object]]) -> bool:
    """Whether everything stands as the operations leave it, and whatever else they test is still so.

    False when they test nothing but the version: another's change may look just like ours.
    """
    tests = [each for each in operations if each["op"] == "test"]
    if tests and all(each["path"] == _VERSION for each in tests):
        return False
    return all(_stands(body, each) for each in operations if each["path"] != _VERSION)


def _stands(body: Body, operation: Mapping[str, object]) -> bool:
    found, value = _at(body, str(operation["path"]))
    if operation["op"] == "remove":
        return not found
    if operation["op"] == "add" and operation.get("value") == {}:
        return found  # made empty, to be filled by the operations that follow
    return found and value == operation.get("value")


def _at(body: Body, pointer: str) -> tuple[bool, object]:
    value: object = body
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return False, None
    return True, value
