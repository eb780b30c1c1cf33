"""What is a resource called that the program gives no name? As in the program, unless the stack says otherwise."""

from pulumi.runtime.proto import provider_pb2

from inference_provider.errors import Fault
from inference_provider.resources.world import Properties

_OPTIONS = provider_pb2.CheckRequest.AutonamingOptions


def named(request: provider_pb2.CheckRequest, olds: Properties, given: Properties) -> Properties:
    """The inputs with a name, if one may be found for it.

    What is there keeps the name that it has: an alias may give it another logical one, and nothing is made anew.
    """
    if given.get("name"):
        return given
    if not request.HasField("autonaming"):
        return {**given, "name": olds.get("name") or request.name or request.urn.split("::", 3)[-1]}
    if request.autonaming.mode == _OPTIONS.DISABLE:
        return {key: value for key, value in given.items() if key != "name"}
    return {**given, "name": olds.get("name") or request.autonaming.proposed_name}


def unnamed(request: provider_pb2.CheckRequest, given: Properties) -> tuple[Fault, ...]:
    """The fault of a name that is missing where the stack finds none."""
    if given.get("name") or not request.HasField("autonaming") or request.autonaming.mode != _OPTIONS.DISABLE:
        return ()
    return (Fault("name", "give one: `pulumi:autonaming` of this stack is disabled"),)
