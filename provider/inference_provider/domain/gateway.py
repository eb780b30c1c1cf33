"""Through which Gateway do people reach a Workload, and under which host names?

Names and shapes are those of the Gateway API (``parentRefs``, ``hostnames`` of a route).
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.domain.fields import Namespace, Text
from inference_provider.domain.model import Input

#: The Gateway API takes so many of each.
MOST = 16
_HOSTNAME = re.compile(r"(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_OBJECT = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def _hostname(text: str) -> str:
    numbers = text.replace(".", "").isdigit()
    if numbers or len(text) > 253 or not _HOSTNAME.fullmatch(text):
        raise ValueError(
            f"{text!r} is no host name: write it in lower case as in chat.example.com; the first part may be *"
        )
    return text


def _object_name(text: str) -> str:
    if len(text) > 253 or not _OBJECT.fullmatch(text):
        raise ValueError(f"{text!r} cannot be a name in Kubernetes: lower-case letters, digits, hyphens and dots")
    return text


class GatewayParent(Input):
    """A Gateway that the route is attached to."""

    name: Annotated[Annotated[Text, AfterValidator(_object_name)], Field(description="The Gateway's name.")]
    namespace: Annotated[
        Namespace | None, Field(description="Where the Gateway is. Default: the Workload's namespace.")
    ] = None
    section_name: Annotated[
        Annotated[Text, AfterValidator(_object_name)] | None,
        Field(description="One of the Gateway's listeners. Default: every one that takes the route."),
    ] = None


class GatewayRoute(Input):
    """The route of an Envoy AI Gateway to the endpoint."""

    parent_refs: Annotated[
        tuple[GatewayParent, ...],
        Field(min_length=1, max_length=MOST, description="The Gateways that it is attached to; at least one."),
    ]
    hostnames: Annotated[
        tuple[Annotated[str, AfterValidator(_hostname)], ...],
        Field(max_length=MOST, description="Host names that lead to this Workload. Default: all of the Gateway's."),
    ] = ()
