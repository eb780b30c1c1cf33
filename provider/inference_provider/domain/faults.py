"""How a program's inputs become models, or a list of everything that is wrong with them."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.domain.explicit_replacement import ReplacementInputs
from inference_provider.domain.model import Input
from inference_provider.domain.paths import path_text
from inference_provider.domain.policy import PolicyInputs
from inference_provider.domain.remembered import Remembered
from inference_provider.domain.rolling import check_runtime
from inference_provider.domain.sentences import sentence
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, InputError

_Inputs = TypeVar("_Inputs", bound=Input)


def faults_of(error: ValidationError) -> list[Fault]:
    """One Fault per mistake, with Pulumi's property path and a short sentence; never a secret's value."""
    faults: dict[Fault, None] = {}
    for item in error.errors(include_input=False):
        # pydantic marks a bad *key* of a map by one more element behind it.
        location = item["loc"][:-1] if item["loc"][-1:] == ("[key]",) else item["loc"]
        faults[Fault(path_text(location), sentence(item, known=()))] = None
    return list(faults)


def parse_artifact(inputs: Mapping[str, object]) -> ArtifactInputs:
    """The inputs of an Artifact. Raises InputError with all faults at once."""
    return parse(ArtifactInputs, inputs)


def parse_workload(inputs: Mapping[str, object]) -> WorkloadInputs:
    """The inputs of a Workload. Raises InputError with all faults at once.

    With an artifact written inside, its groups and containers are compared with those of the runtime too.
    """
    return _WORKLOADS.of(inputs)


def _workload(inputs: Mapping[str, object]) -> WorkloadInputs:
    workload = parse(WorkloadInputs, inputs)
    if workload.artifact is not None:
        faults = check_runtime(workload.artifact.spec, workload.runtime)
        if faults:
            raise InputError(faults)
    return workload


def parse_replacement(inputs: Mapping[str, object]) -> ReplacementInputs:
    """The inputs of a Replacement. Raises InputError with all faults at once."""
    return parse(ReplacementInputs, inputs)


def parse_policy(inputs: Mapping[str, object]) -> PolicyInputs:
    """The inputs of a Policy. Raises InputError with all faults at once."""
    return parse(PolicyInputs, inputs)


def parse(model: type[_Inputs], inputs: Mapping[str, object]) -> _Inputs:
    """Any model of inputs. Raises InputError with all faults at once."""
    try:
        return model.model_validate(dict(inputs))
    except ValidationError as error:
        faults = faults_of(error)
    # Raised outside of the handler: the original error, which has seen every value, is not carried along.
    raise InputError(faults)


_WORKLOADS = Remembered(_workload)
