"""What the outputs will be, as far as a preview can know: what may change is unknown, what stays is said."""

from inference_provider.resources.outputs import Lasts
from inference_provider.resources.registry import Kind
from inference_provider.resources.workload import is_external, rolling_causes
from inference_provider.resources.world import Difference, Properties, touches
from inference_provider.seam.unknowns import UNKNOWN

#: What may bring another version to serve, or take one away, though it is no part of any.
_SWITCHING = ("running", "held", "candidateProtonIds", "replacement")


def foreseen_creation(kind: Kind, inputs: Properties) -> Properties:
    """The outputs of a resource that is not there yet: its inputs, and what check could tell beforehand."""
    return {**dict.fromkeys(kind.outputs, UNKNOWN), **inputs}


def foreseen_update(kind: Kind, olds: Properties, inputs: Properties, difference: Difference) -> Properties:
    """The outputs after an update. A known one is a promise: the real run must give the same."""
    lasting: set[Lasts] = set()
    if not difference.found:  # being put right may mean being made anew
        lasting.add("for good")
    if not _another_version(kind, inputs, difference):
        lasting.add("with the version")
    staying = {
        name: olds[name] for name, lasts in kind.outputs.items() if lasts in lasting and olds.get(name) is not None
    }
    for name in _moving(kind, olds, difference):
        staying.pop(name, None)
    return {**dict.fromkeys(kind.outputs, UNKNOWN), **staying, **inputs}


def _another_version(kind: Kind, inputs: Properties, difference: Difference) -> bool:
    """Whether another version may come to serve, or has come since. Being put right may mean that as well."""
    if kind.name != "Workload" or is_external(
        inputs
    ):  # a Replacement comes after it, and the stack knows the one before
        return True
    unsure = difference.found or difference.unknown or touches(difference.changed, _SWITCHING)
    return bool(unsure or rolling_causes(difference))


def _moving(kind: Kind, olds: Properties, difference: Difference) -> tuple[str, ...]:
    """Outputs that last as a rule, and not this time."""
    if kind.name == "Replacement":  # another Workload, or the same one made anew
        return ("incarnation",) if touches(difference.changed, ("workloadId",)) else ()
    # Where check cannot tell the address, the cloud gives one: by the service's settings, and some time after it began.
    inside = ".svc." in str(olds.get("endpoint"))
    return ("endpoint",) if inside or touches(difference.changed, ("service",)) else ()
