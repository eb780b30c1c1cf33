"""A resource bundle: hardware that people have a name for, what it costs, and which of several a version may get.

Bundles are written where they are used; a program shares one by holding it in a constant.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from inference_provider.domain.allocation import ResourceAllocation
from inference_provider.domain.artifact import ContainerGroup, name_taken_twice
from inference_provider.domain.fields import AnnotationKey, EnvName, LabelValue, Number
from inference_provider.domain.model import Broken, Given, Input

#: So many bundles a group may have, and so many ways there may be to choose for all groups: each may have to be tried.
MOST, MOST_CHOICES = 8, 64


def _bundle_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", text):
        raise ValueError(f"{text!r} cannot name a bundle: use letters, digits, `-`, `_` and `.`, as in h100-80gb")
    return text


class Toleration(Input):
    """A taint of nodes that the pods do not mind."""

    key: Annotated[AnnotationKey | None, Field(description="The taint's key. Default: every key.")] = None
    operator: Annotated[
        Literal["Equal", "Exists"],
        Field(description="Equal (default): the value must be the same. Exists: any value will do."),
    ] = "Equal"
    value: Annotated[
        LabelValue | None, Field(description="The taint's value, with operator Equal. Default: empty.")
    ] = None
    effect: Annotated[
        Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None,
        Field(description="The taint's effect. Default: every effect."),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """As Kubernetes has it: Exists has no value, and only Exists goes without a key."""
        exists = given.get("operator") == "Exists"
        if exists and given.has("value"):
            yield ("value",), "cannot be given with operator Exists, which takes any value; leave it out"
        if not exists and not given.has("key"):
            yield ("key",), "is required, unless the operator is Exists"


class ResourceBundle(ResourceAllocation):
    """A kind of hardware with a name, and what a pod on it costs."""

    name: Annotated[
        Annotated[str, AfterValidator(_bundle_name)], Field(description="What people call it, such as h100-80gb.")
    ]
    node_selector: Annotated[
        dict[AnnotationKey, LabelValue],
        Field(
            description="Labels that the nodes must have, keys as written: a node pool, for instance. Default: none."
        ),
    ] = Field(default_factory=dict)
    tolerations: Annotated[
        tuple[Toleration, ...], Field(description="Taints of the nodes that the pods do not mind. Default: none.")
    ] = ()
    env: Annotated[
        dict[EnvName, str],
        Field(
            description="Environment variables of the main container on this hardware, over those of the artifact, "
            "names as written; its `args` may use one as $(NAME). Default: none."
        ),
    ] = Field(default_factory=dict)
    price_per_hour: Annotated[
        Number | None, Field(ge=0, description="What one pod costs per hour, in any currency. Default: not known.")
    ] = None

    def said(self) -> dict[str, object]:
        """All of it that enters the pods: neither what people call it, nor what it costs."""
        told = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"name", "price_per_hour"})
        return {key: value for key, value in told.items() if value}


#: One bundle for each group that has any.
Chosen = Mapping[str, ResourceBundle]


def choices(listed: Mapping[str, Sequence[ResourceBundle]]) -> tuple[Chosen, ...]:
    """Every way to give each group one of its bundles, the best first: fewest steps down the lists, earlier groups
    before later ones. One empty choice when no group has any.
    """
    having = {group: bundles for group, bundles in listed.items() if bundles}
    every = product(*(range(len(bundles)) for bundles in having.values()))
    ranked = sorted(every, key=lambda ranks: (sum(ranks), ranks))
    pairs = tuple(having.items())
    return tuple(
        {group: bundles[rank] for (group, bundles), rank in zip(pairs, ranks, strict=True)} for ranks in ranked
    )


def main_container(group: ContainerGroup) -> str:
    """The container that a bundle is for: the primary one; in a group without it, the first."""
    primary = (each.name for each in group.containers if each.primary)
    return next(primary, group.containers[0].name)


def choice_faults(runtime: Given) -> Iterator[Broken]:
    """Too many ways to choose for all groups together."""
    ways = prod(max(1, len(group.children("resourceBundles"))) for _, group in runtime.children("containerGroups"))
    if ways > MOST_CHOICES:
        reason = (
            f"leave {ways} ways to choose `resourceBundles` for all groups together; at most {MOST_CHOICES} are tried"
        )
        yield ("containerGroups",), reason


def bundle_faults(group: Given) -> Iterator[Broken]:
    """What is wrong about a group's bundles: too many, a name twice, or a container that says which GPUs, too."""
    bundles = group.children("resourceBundles")
    if len(bundles) > MOST:
        yield ("resourceBundles",), f"has {len(bundles)} bundles; at most {MOST} can be chosen from"
    yield from name_taken_twice(group, "resourceBundles", default=None)
    for index, container in group.children("containers") if bundles else ():
        allocation = container.child("resourceAllocation")
        for field in ("gpu", "gpuMemory", "gpuModel"):
            if allocation.has(field) and allocation.get(field) != 0:
                where = ("containers", index, "resourceAllocation", field)
                yield where, "cannot be given together with `resourceBundles`, which say what GPUs the pods get"
