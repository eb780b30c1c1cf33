"""What both resource classes do on their way to Pulumi: names, the URN, and outputs that exist from the start."""

from collections.abc import Mapping

import pulumi
import pulumi.dynamic
from pulumi.runtime.stack import Stack

from inference_provider.domain.model import Input
from inference_provider.dynamic.outputs import keys_of
from inference_provider.dynamic.wire import PREVIEWING, Misplaced, wire


def properties(
    resource: type[pulumi.Resource],
    resource_name: str,
    *,
    inputs: type[Input],
    given: Mapping[str, object],
    opts: pulumi.ResourceOptions | None,
) -> dict[str, pulumi.Input[object]]:
    """Everything that Pulumi is told of a resource: its inputs, its URN for status lines, and its outputs as None.

    A property that is None does not travel, but makes Pulumi keep an output of that name. Raises TypeError.
    """
    kind = resource.__name__
    if "name" in inputs.model_fields:
        given = {**given, "name": resource_name if given.get("name") is None else given["name"]}
    try:
        wired = wire(inputs, given, of=f"{kind} {resource_name!r}")
    except Misplaced as error:  # how we walked through the inputs is no part of what the program's author reads
        raise TypeError(str(error)) from None
    return {
        **dict.fromkeys(keys_of(resource)),
        **wired,
        "resourceUrn": urn_of(kind, resource_name, opts),
        PREVIEWING: pulumi.runtime.is_dry_run(),
    }


def urn_of(kind: str, resource_name: str, opts: pulumi.ResourceOptions | None) -> pulumi.Output[str]:
    """The URN that the engine will give the resource; it carries the types of its parents, but never the stack's."""
    parent = opts.parent if opts else None
    if parent is None or isinstance(parent, Stack):
        return pulumi.create_urn(resource_name, f"pulumi-python:dynamic/inference:{kind}")
    return pulumi.create_urn(resource_name, f"pulumi-python:dynamic/inference:{kind}", _bare(parent.urn))


async def _bare(urn: pulumi.Output[str]) -> str:
    """The text alone: with the Output, a resource would wait for its parent, and so for itself among the children."""
    return str(await urn.future())
