"""The resources of the plugin door as a program without an SDK declares them, spelt as the dynamic door spells them."""

import pulumi
from pydantic.alias_generators import to_camel, to_snake

from inference_provider.dynamic.wire import wire
from inference_provider.resources.registry import ARTIFACT, POLICY, REPLACEMENT, WORKLOAD, Kind


class _Resource(pulumi.CustomResource):
    kind: Kind

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **given: object) -> None:
        outputs: dict[str, pulumi.Input[object] | None] = dict.fromkeys(self.kind.outputs)
        inputs = wire(self.kind.inputs, given, of=f"{self.kind.name} {resource_name!r}")
        props = {to_snake(key): value for key, value in {**outputs, **inputs}.items()}
        super().__init__(self.kind.token, resource_name, props, opts)

    def translate_input_property(self, prop: str) -> str:
        """``version_id`` travels as ``versionId``."""
        return to_camel(prop)

    def translate_output_property(self, prop: str) -> str:
        """``versionId`` is read as ``version_id``."""
        return to_snake(prop)


class Artifact(_Resource):
    """What runs."""

    kind = ARTIFACT


class Workload(_Resource):
    """What serves."""

    kind = WORKLOAD


class Policy(_Resource):
    """Where, and on which hardware, Workloads may run."""

    kind = POLICY


class Replacement(_Resource):
    """What moves a Workload from one version to the next."""

    kind = REPLACEMENT
