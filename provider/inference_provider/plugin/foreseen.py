"""What the outputs will be, as far as a preview can know: what may change is unknown, what stays is said."""

from inference_provider.resources.outputs import Lasts
from inference_provider.resources.registry import Kind
from inference_provider.resources.workload import rolls
from inference_provider.resources.world import Difference, Properties
from inference_provider.seam.unknowns import UNKNOWN


def foreseen_creation(kind: Kind, inputs: Properties) -> Properties:
    """The outputs of a resource that is not there yet: its inputs, and what check could tell beforehand."""
    return {**dict.fromkeys(kind.outputs, UNKNOWN), **inputs}


def foreseen_update(kind: Kind, olds: Properties, inputs: Properties, difference: Difference) -> Properties:
    """The outputs after an update. A known one is a promise: the real run must give the same."""
    lasting: set[Lasts] = {"for good"}
    if not _another_version(kind, difference):
        lasting.add("with the version")
    staying = {
        name: olds[name] for name, lasts in kind.outputs.items() if lasts in lasting and olds.get(name) is not None
    }
    return {**dict.fromkeys(kind.outputs, UNKNOWN), **staying, **inputs}


def _another_version(kind: Kind, difference: Difference) -> bool:
    """Whether another version may come to serve. Being put right may mean that as well."""
    if kind.name != "Workload":
        return True
    return bool(difference.found or difference.unknown) or any(map(_may_roll, difference.changed))


def _may_roll(path: str) -> bool:
    top = path.partition(".")[0].partition("[")[0]
    return rolls(path) or top in ("running", "held", "candidateProtonIds", "replacement")
