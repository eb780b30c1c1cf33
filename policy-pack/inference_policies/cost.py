"""What may a Workload come to cost per hour? As many pods as load may ask for, on the dearest of their bundles.

The time of a replacement, when both versions have pods, is not in it: the plan says what that takes.
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
        dict[Flavor, Number],
        Field(
            description="What one GPU costs per hour, by what people call it (h100) or by what nodes are labelled; "
            "under cpu, what a pod without GPUs costs. For pods whose bundle has no `pricePerHour`."
        ),
    ] = Field(default_factory=dict)
    unpriced: Annotated[
        Literal["refuse", "ignore"],
        Field(description="Pods of which nobody says what they cost: refuse, or ignore, as if they were free."),
    ] = "refuse"


@dataclass(frozen=True)
class Cost:
    """At most ``amount`` per hour, and, in sentences, what is not in it."""

    amount: float
    unpriced: tuple[str, ...]


def cost_of(subject: Workload | Replacement, settings: Prices, declared: Declared) -> Cost:
    """What its pods may come to cost."""
    if isinstance(subject, Workload) and not subject.running:
        return Cost(0, ())
    every = [(pods, list(_priced(pods, settings.prices))) for pods in pods_of(subject, declared)]
    amount = sum(max((price for _, price in priced if price is not None), default=0) for _, priced in every)
    missing = [_unpriced(pods, hardware) for pods, priced in every for hardware, price in priced if price is None]
    return Cost(round(amount, 6), tuple(missing) if settings.unpriced == "refuse" else ())


def _priced(pods: Pods, prices: Mapping[str, float]) -> Iterator[tuple[Hardware, float | None]]:
    """What the group costs on each hardware that it may get; None where that is not known."""
    for hardware in pods.hardware:
        one = _price(hardware, prices)
        yield hardware, one * pods.most if one is not None and pods.most is not None else None


def _price(hardware: Hardware, prices: Mapping[str, float]) -> float | None:
    if hardware.price is not None:
        return hardware.price
    name = flavor_of(hardware, tuple(prices))
    return None if name is None else prices[name] * (1 if name == CPU else hardware.gpus)


def _unpriced(pods: Pods, hardware: Hardware) -> str:
    if pods.most is None:
        return f"group {pods.group}: how many pods it has is said by another program, so nobody can say what they cost"
    return (
        f"group {pods.group}, {hardware.said}: nobody says what a pod with {described(hardware)} costs; give the "
        "bundle its `pricePerHour`, or the pack the price among its `prices`"
    )
