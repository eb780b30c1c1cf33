"""On which hardware may Workloads run?"""

from typing import Annotated

from pydantic import Field

from inference_policies.confined import Confined, confined
from inference_policies.declared import Declared
from inference_policies.flavors import Flavor, described, flavor_of, within
from inference_policies.pods import hardware_of
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Replacement, Subject, Workload


class AllowedFlavors(Settings):
    """The hardware; nothing is refused while none is named."""

    flavors: Annotated[
        tuple[Flavor, ...],
        Field(
            description="As people say them (t4, l4, a100-80gb, h100), or as nodes are labelled "
            "(NVIDIA-H100-80GB-HBM3); cpu for pods without GPUs. Default: any."
        ),
    ] = ()
    trusted: Annotated[
        tuple[str, ...],
        Field(
            description="Policies of other programs (`namespace/name`) that are known to allow no more; a Workload "
            "that names one passes."
        ),
    ] = ()


def judge(subject: Subject, settings: AllowedFlavors, declared: Declared) -> Violations:
    """One sentence for each group and bundle that is on other hardware, or may be."""
    if not isinstance(subject, Workload | Replacement) or not settings.flavors:
        return
    for group, hardware in hardware_of(subject, declared):
        if flavor_of(hardware, settings.flavors) is not None:
            continue
        held = confined(subject, declared) if hardware.vague else Confined()
        if not within(held.about("flavor"), settings.flavors) and not held.trusts(settings.trusted):
            yield (
                f"group {group}, {hardware.said}: asks for {described(hardware)}; "
                f"allowed are {', '.join(settings.flavors)}{held.remarks('flavor')}"
            )


RULE = Rule("allowed-flavors", "Workloads may run on allowed hardware only.", AllowedFlavors, judge)
