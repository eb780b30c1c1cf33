"""On which hardware may Workloads run?"""

from typing import Annotated

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.flavors import Flavor, described, flavor_of
from inference_policies.pods import pods_of
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Artifact, Subject


class AllowedFlavors(Settings):
    """The hardware; nothing is refused while none is named."""

    flavors: Annotated[
        tuple[Flavor, ...],
        Field(
            description="As people say them (t4, l4, a100-80gb, h100), or as nodes are labelled "
            "(NVIDIA-H100-80GB-HBM3); cpu for pods without GPUs. Default: any."
        ),
    ] = ()


def judge(subject: Subject, settings: AllowedFlavors, declared: Declared) -> Violations:
    """One sentence for each group and bundle that is on other hardware, or may be."""
    if isinstance(subject, Artifact) or not settings.flavors:
        return
    for pods in pods_of(subject, declared):
        for hardware in pods.hardware:
            if flavor_of(hardware, settings.flavors) is None:
                yield (
                    f"group {pods.group}, {hardware.said}: asks for {described(hardware)}; "
                    f"allowed are {', '.join(settings.flavors)}"
                )


RULE = Rule("allowed-flavors", "Workloads may run on allowed hardware only.", AllowedFlavors, judge)
