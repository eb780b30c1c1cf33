"""The Policy of a program: where, and on which hardware, Workloads may run."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pulumi
import pulumi.dynamic

from inference_provider.domain.policy import PolicyInputs
from inference_provider.dynamic.arguments import (
    MaxTokensArgs,
    MaxTokensArgsDict,
    PolicyFlavorArgs,
    PolicyFlavorArgsDict,
    PolicyLocationArgs,
    PolicyLocationArgsDict,
    TimeoutsArgs,
    TimeoutsArgsDict,
)
from inference_provider.dynamic.outputs import Told
from inference_provider.dynamic.provider import PolicyProvider
from inference_provider.dynamic.resource import properties


class Policy(pulumi.dynamic.Resource, module="inference", name="Policy"):
    """How do I say where, and on which hardware, models may run? Declare a Policy in their namespace.

    It counts for every Workload of its namespace that it chooses by ``resource_types`` and ``labels``, and for those
    that name it in their ``policies``. A version that it does not allow is never started; what runs already is left
    alone, and told of.
    """

    workloads = Told[list[str]]()
    """The ids of the Workloads that are under it."""

    name = Told[str]()
    """The Policy's name in its namespace."""

    namespace = Told[str]()
    """The namespace it is kept in."""

    created_at = Told[str | None]()
    """When it was made (RFC 3339)."""

    updated_at = Told[str | None]()
    """When it was last changed (RFC 3339)."""

    creator = Told[str | None]()
    """Who made it: the person whom CI names, else the Kubernetes user."""

    updater = Told[str | None]()
    """Who changed it last."""

    incarnation = Told[str]()
    """Changes when the Policy is made anew under the same name."""

    def __init__(
        self,
        resource_name: str,
        *,
        type: pulumi.Input[Literal["location", "flavor", "maxTokens"] | str],
        name: pulumi.Input[str] | None = None,
        namespace: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        locations: pulumi.Input[Sequence[pulumi.Input[PolicyLocationArgs | PolicyLocationArgsDict]]] | None = None,
        flavors: pulumi.Input[Sequence[pulumi.Input[PolicyFlavorArgs | PolicyFlavorArgsDict]]] | None = None,
        max_tokens: pulumi.Input[MaxTokensArgs | MaxTokensArgsDict] | None = None,
        resource_types: pulumi.Input[Sequence[pulumi.Input[Literal["model", "agent", "function"] | str]]] | None = None,
        sandbox: pulumi.Input[bool] | None = None,
        force_delete: pulumi.Input[bool] | None = None,
        timeouts: pulumi.Input[TimeoutsArgs | TimeoutsArgsDict] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a Policy.

        :param resource_name: Its name in the stack.
        :param type: What the rule is about: location, flavor or maxTokens.
        :param name: Its name in the cluster, at most 50 characters. Default: ``resource_name``.
        :param namespace: Default: the stack's ``inference:namespace``, else ``default``.
        :param display_name: Name for people.
        :param labels: Chooses Workloads whose ``tags`` have all of these. Default: every one.
        :param locations: For type location: regions, countries, continents. Any of them will do.
        :param flavors: For type flavor: GPUs, or cpu for pods without any. Any of them will do.
        :param max_tokens: For type maxTokens, which an Envoy AI Gateway has to count.
        :param resource_types: Chooses Workloads that serve a model, an agent or a function. Default: all.
        :param sandbox: true warns instead of refusing. Default false.
        :param force_delete: true lets it be deleted while Workloads are under it. Default false.
        :param timeouts: Time allowed; only ``delete`` waits: "2m" or seconds.
        :param opts: Pulumi's own options.
        :raises TypeError: a field somewhere inside does not exist; the message says which was meant.
        """
        given = {
            "name": name,
            "namespace": namespace,
            "display_name": display_name,
            "labels": labels,
            "type": type,
            "locations": locations,
            "flavors": flavors,
            "max_tokens": max_tokens,
            "resource_types": resource_types,
            "sandbox": sandbox,
            "force_delete": force_delete,
            "timeouts": timeouts,
        }
        props = properties(Policy, resource_name, inputs=PolicyInputs, given=given, opts=opts)
        super().__init__(PolicyProvider(), resource_name, props, opts)
