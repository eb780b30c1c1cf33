"""What may a Workload come to cost per hour? As many pods as load may ask for, on the dearest of their bundles.

While a version takes over, and as long as the old one is kept, both have pods; whether that counts can be set.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.flavors import Flavor, described, flavor_of
from inference_policies.pods import Hardware, Pods, pods_of
from inference_policies.settings import Settings
from inference_policies.subjects import Replacement, Workload
from inference_provider.domain.fields import Number
from inference_provider.placement.flavors import CPU


class Prices(Settings):
    """How dear it may be; nothing is refused while no ceiling is named."""

    ceiling: Annotated[
        Number | None, Field(ge=0, description="The most per hour, in the currency of the prices. Default: none.")
    ] = None
    prices: Annotated[
        dict[Flavor, Annotated[Number, Field(ge=0)]],
        Field(
            description="What one GPU costs per hour, by what people call it (h100) or by what nodes are labelled; "
            "under cpu, what a pod without GPUs costs. For pods whose bundle has no `pricePerHour`."
        ),
    ] = Field(default_factory=dict)
    unpriced: Annotated[
        Literal["refuse", "ignore"],
        Field(description="Pods of which nobody says what they cost: refuse, or ignore, as if they were free."),
    ] = "refuse"
    replacing: Annotated[
        Literal["ignore", "count"],
        Field(
            description="The time in which the old version has pods beside the new one: ignore, or count both, as if "
            "the old one cost the same. With `surge: recreate` there is no such time."
        ),
    ] = "ignore"


@dataclass(frozen=True)
class Cost:
    """At most ``amount`` per hour; ``how`` it comes to that; and, in sentences, what is not in it."""

    amount: float = 0
    how: str = ""
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Group:
    """The pods of one group on one kind of hardware; None where nobody knows."""

    pods: Pods
    hardware: Hardware
    price: float | None

    @property
    def amount(self) -> float | None:
        return self.price * self.pods.most if self.price is not None and self.pods.most is not None else None

    @property
    def said(self) -> str:
        limit = "up to " if self.pods.most != self.pods.least else ""
        pods = "pod" if self.pods.most == 1 else "pods"
        return f"group {self.pods.group}, {self.hardware.said}: {limit}{self.pods.most} {pods} at {self.price:g}"

    @property
    def unpriced(self) -> str:
        if self.pods.most is None:
            return (
                f"group {self.pods.group}: how many pods it has is said by another program, so nobody can say what "
                "they cost"
            )
        return (
            f"group {self.pods.group}, {self.hardware.said}: nobody says what a pod with {described(self.hardware)} "
            "costs; give the bundle its `pricePerHour`, or the pack the price among its `prices`"
        )


def cost_of(subject: Workload | Replacement, settings: Prices, declared: Declared) -> Cost:
    """What its pods may come to cost."""
    if isinstance(subject, Workload) and not subject.running:
        return Cost()
    every = [list(_priced(pods, settings.prices)) for pods in pods_of(subject, declared)]
    dearest = [max(group, key=lambda each: each.amount or 0) for group in every]
    amount = sum(each.amount or 0 for each in dearest)
    how = " + ".join(each.said for each in dearest if each.amount is not None)
    twice = settings.replacing == "count" and _has_both(subject)
    missing = [each.unpriced for group in every for each in group if each.amount is None]
    return Cost(
        round(amount * 2 if twice else amount, 6),
        f"{how}, and as much for the old version while it is there" if twice and how else how,
        tuple(missing) if settings.unpriced == "refuse" else (),
    )


def _has_both(subject: Workload | Replacement) -> bool:
    """Whether its next version comes up beside the old one."""
    return subject.taking_over is not None and subject.taking_over.surge != "recreate"


def _priced(pods: Pods, prices: Mapping[str, float]) -> Iterator[_Group]:
    """The group on each hardware that it may get."""
    return (_Group(pods, hardware, _price(hardware, prices)) for hardware in pods.hardware)


def _price(hardware: Hardware, prices: Mapping[str, float]) -> float | None:
    if hardware.price is not None:
        return hardware.price
    name = flavor_of(hardware, tuple(prices))
    return None if name is None else prices[name] * (1 if name == CPU else hardware.gpus)
