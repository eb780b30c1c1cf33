"""The kinds of single fields that inputs are made of, each with its own check.

Pulumi sends every number as a double, so whole doubles are integers here; true and "2" are not numbers.
"""

import re
from collections.abc import Callable
from typing import Annotated, TypeGuard

from pydantic import AfterValidator, BeforeValidator, StrictBool, StringConstraints, WithJsonSchema

from inference_provider.domain.durations import LONGEST_SECONDS, duration_seconds
from inference_provider.domain.kubernetes_words import (
    check_annotation_key,
    check_header_name,
    check_image,
    check_label_value,
    check_secret_key,
    check_secret_name,
    check_url_path,
)
from inference_provider.domain.names import (
    check_artifact_name,
    check_container_name,
    check_env_name,
    check_group_name,
    check_namespace,
    check_workload_name,
)
from inference_provider.domain.quantity import canonical_cpu, canonical_memory, gpu_count

#: Kubernetes counts replicas, seconds and ports in 32 bits.
_LARGEST = 2**31 - 1

_NUMBER_OR_TEXT = {"oneOf": [{"type": "number"}, {"type": "string"}]}


def whole(value: object) -> object:
    """Accept 2 and 2.0 as 2; raise ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
        raise ValueError("must be a whole number")
    if abs(value) > _LARGEST:
        raise ValueError("is larger than Kubernetes can count")
    return int(value)


def number(value: object) -> object:
    """Accept an int or a finite float; raise ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0:
        raise ValueError("must be a number")
    return float(value)


def _up_to_a_year(value: float, *, unit: str, longest: int) -> float:
    if value > longest:
        raise ValueError(f"is longer than a year ({longest} {unit})")
    return value


def _minutes(value: float) -> float:
    return _up_to_a_year(value, unit="minutes", longest=LONGEST_SECONDS // 60)


def _plain_seconds(value: float) -> float:
    return _up_to_a_year(value, unit="seconds", longest=LONGEST_SECONDS)


def not_yet(*, default: object = None) -> AfterValidator:
    """Refuse every value but ``default``: the field is part of the product, but nothing acts on it so far."""

    def check(value: object) -> object:
        if value is None or value == default:
            return value
        instead = "leave it out" if not isinstance(default, str | bool) else f"leave it out or give {_shown(default)}"
        given = f" with the value {_shown(value)}" if isinstance(value, str | bool) else ""
        raise ValueError(f"is not yet supported{given}; {instead}")

    return AfterValidator(check)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _taking(check: Callable[[int | float | str], str | int]) -> BeforeValidator:
    """A field of a number or text; other things are refused before ``check`` sees them."""

    def convert(value: object) -> str | int:
        if not _is_number_or_text(value):
            raise ValueError("must be a number or text")
        return check(value)

    return BeforeValidator(convert)


def _is_number_or_text(value: object) -> TypeGuard[int | float | str]:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _seconds(value: object) -> float:
    if not _is_number_or_text(value):
        raise ValueError('must be a duration such as "30m", or a number of seconds')
    return duration_seconds(value)


def _port(value: int) -> int:
    if not 1 <= value <= 65535:
        raise ValueError("must be between 1 and 65535")
    return value


def _unprivileged_port(value: int) -> int:
    if not 1024 <= value <= 65535:
        raise ValueError(
            f"is {value}, but must be between 1024 and 65535: lower ports need root rights in the container"
        )
    return value


def _revision_name(value: str) -> str:
    if not re.fullmatch(r"r[1-9][0-9]{0,8}", value):  # as many digits as names of objects have room for
        raise ValueError(f"is {value!r}, but a revision is written as in the output `revision`: r7")
    return value


Whole = Annotated[int, BeforeValidator(whole)]
Number = Annotated[float, BeforeValidator(number)]
Minutes = Annotated[Number, AfterValidator(_minutes)]
PlainSeconds = Annotated[Number, AfterValidator(_plain_seconds)]
Truth = StrictBool
Text = Annotated[str, StringConstraints(min_length=1)]
RevisionName = Annotated[str, AfterValidator(_revision_name)]
Port = Annotated[Whole, AfterValidator(_port)]
UnprivilegedPort = Annotated[Whole, AfterValidator(_unprivileged_port)]
Seconds = Annotated[float, BeforeValidator(_seconds), WithJsonSchema(_NUMBER_OR_TEXT)]

#: Held as the one canonical text of the amount, so that two spellings of it are equal.
Cpu = Annotated[str, _taking(canonical_cpu), WithJsonSchema(_NUMBER_OR_TEXT)]
Memory = Annotated[str, _taking(canonical_memory), WithJsonSchema(_NUMBER_OR_TEXT)]
GpuCount = Annotated[int, _taking(gpu_count), WithJsonSchema({"type": "number"})]

WorkloadName = Annotated[str, AfterValidator(check_workload_name)]
ArtifactName = Annotated[str, AfterValidator(check_artifact_name)]
GroupName = Annotated[str, AfterValidator(check_group_name)]
ContainerName = Annotated[str, AfterValidator(check_container_name)]
Namespace = Annotated[str, AfterValidator(check_namespace)]
EnvName = Annotated[str, AfterValidator(check_env_name)]
AnnotationKey = Annotated[str, AfterValidator(check_annotation_key)]
LabelValue = Annotated[str, AfterValidator(check_label_value)]
SecretName = Annotated[str, AfterValidator(check_secret_name)]
SecretKey = Annotated[str, AfterValidator(check_secret_key)]
HeaderName = Annotated[str, AfterValidator(check_header_name)]
UrlPath = Annotated[str, AfterValidator(check_url_path)]
ImageText = Annotated[Text, AfterValidator(check_image)]
