"""What a program may say in the artifact part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/artifact.py; not edited by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input

from inference_provider.dynamic.arguments.container import ContainerArgs, ContainerArgsDict


@dataclass(kw_only=True)
class ContainerGroupArgs:
    """Containers that run together in one pod; every group is scaled on its own."""

    name: Input[str] | None = None
    """Unique; the runtime refers to it. Default 'default'."""

    containers: Input[Sequence[Input[ContainerArgs | ContainerArgsDict]]]
    """The containers of each pod."""


class ContainerGroupArgsDict(TypedDict, total=False):
    """Containers that run together in one pod; every group is scaled on its own."""

    name: Input[str] | None
    """Unique; the runtime refers to it. Default 'default'."""

    containers: Required[Input[Sequence[Input[ContainerArgs | ContainerArgsDict]]]]
    """The containers of each pod."""


@dataclass(kw_only=True)
class StorageArgs:
    """Where a NIM keeps its model weights."""

    mode: Input[Literal["dedicatedPvc", "nimCache"] | str] | None = None
    """dedicatedPvc (default): a volume of this Workload's own. nimCache: not yet supported."""

    pvc_size: Input[float | str] | None = None
    """Size of the dedicated volume, such as 150Gi. Default: the provider's own."""


class StorageArgsDict(TypedDict, total=False):
    """Where a NIM keeps its model weights."""

    mode: Input[Literal["dedicatedPvc", "nimCache"] | str] | None
    """dedicatedPvc (default): a volume of this Workload's own. nimCache: not yet supported."""

    pvc_size: Input[float | str] | None
    """Size of the dedicated volume, such as 150Gi. Default: the provider's own."""


@dataclass(kw_only=True)
class ArtifactSpecArgs:
    """Everything that decides what the pods run."""

    container_groups: Input[Sequence[Input[ContainerGroupArgs | ContainerGroupArgsDict]]]
    """The groups; one Deployment each. Exactly one container in all is primary."""

    storage: Input[StorageArgs | StorageArgsDict] | None = None
    """Storage of model weights; type nim only. Default: none."""

    template_id: Input[str] | None = None
    """The template that this was made from. Default: none."""


class ArtifactSpecArgsDict(TypedDict, total=False):
    """Everything that decides what the pods run."""

    container_groups: Required[Input[Sequence[Input[ContainerGroupArgs | ContainerGroupArgsDict]]]]
    """The groups; one Deployment each. Exactly one container in all is primary."""

    storage: Input[StorageArgs | StorageArgsDict] | None
    """Storage of model weights; type nim only. Default: none."""

    template_id: Input[str] | None
    """The template that this was made from. Default: none."""
