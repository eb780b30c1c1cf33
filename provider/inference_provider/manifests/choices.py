"""What each choice of bundles makes of a blueprint: its own template, its own hardware, all else the same."""

from dataclasses import replace

from inference_provider.domain.bundle import Chosen, choices, main_container
from inference_provider.domain.content import spec_of
from inference_provider.domain.rolling import template_hash
from inference_provider.domain.runtime import Runtime
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.proton import Blueprint


def choices_of(plain: Blueprint, runtime: Runtime) -> tuple[Blueprint, ...]:
    """The blueprint once for each choice, the best first; () where no group has a bundle to choose."""
    return tuple(_with(plain, runtime, each) for each in bundles_offered(plain.content, runtime) if each)


def bundles_offered(content: Body, runtime: Runtime) -> tuple[Chosen, ...]:
    """Every way to give the groups of a content their bundles, the best first; an empty one when none has any."""
    return choices({name: runtime.group(name).resource_bundles for name in spec_of(content).group_names})


def _with(plain: Blueprint, runtime: Runtime, bundles: Chosen) -> Blueprint:
    hardware = {
        group.name: hardware_of(runtime.group(group.name), bundles.get(group.name), main=main_container(group))
        for group in spec_of(plain.content).container_groups
    }
    template = template_hash(plain.content, runtime, bundles=bundles)
    return replace(plain, template=template, hardware=hardware, bundles=bundles)
