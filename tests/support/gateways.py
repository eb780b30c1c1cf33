"""The kinds of an Envoy AI Gateway, as far as we use them, without any gateway behind them.

SIMULATED: the schemas are written for these tests after api/v1beta1 of envoyproxy/ai-gateway and api/v1alpha1 of
envoyproxy/gateway (1.9). They know the fields that we send, those that others are likely to add, and nothing else, so
that the API server refuses what is misspelt.
"""

from typing import Any

from inference_provider.manifests.gateway import GATEWAY_KINDS
from inference_provider.manifests.kinds import (
    AI_GATEWAY_ROUTE,
    AI_SERVICE_BACKEND,
    BACKEND_TRAFFIC_POLICY,
    GATEWAY_BACKEND,
    Body,
    Kind,
)

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "integer"}


def known(*required: str, **properties: Schema) -> Schema:
    """An object with these fields, some of which are required."""
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def listed(items: Schema, most: int) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "maxItems": most}


def one_of(*words: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(words)}


def ruled(schema: Schema, rule: str, message: str) -> Schema:
    """A schema with a rule in CEL."""
    return schema | {"x-kubernetes-validations": [{"rule": rule, "message": message}]}


CONDITIONS = listed(known("type", "status", type=TEXT, status=TEXT, message={"type": "string"}), 8)
PARENT = known(
    "name",
    group={"type": "string", "default": "gateway.networking.k8s.io"},
    kind={"type": "string", "default": "Gateway"},
    name=TEXT,
    namespace=TEXT,
    sectionName=TEXT,
)
COST = known(
    "metadataKey",
    "type",
    metadataKey=TEXT,
    type=one_of("OutputToken", "InputToken", "CachedInputToken", "TotalToken", "ReasoningToken", "CEL"),
    cel=TEXT,
)
ROUTE = known(
    "rules",
    parentRefs=ruled(listed(PARENT, 16), "self.all(each, each.kind == 'Gateway')", "only Gateway is supported"),
    hostnames=listed(TEXT, 16),
    llmRequestCosts=listed(COST, 36),
    rules=listed(
        known(
            backendRefs=listed(known("name", name=TEXT, weight=NUMBER | {"default": 1}), 128),
            matches=listed(known(headers=listed(known("name", "value", name=TEXT, value=TEXT), 16)), 128),
            modelsOwnedBy={"type": "string", "default": "Envoy AI Gateway"},
            timeouts=known(request=TEXT),
        ),
        15,
    ),
)
SERVED = known(
    "schema",
    "backendRef",
    schema=known("name", name=one_of("OpenAI", "Cohere", "Anthropic"), prefix=TEXT),
    backendRef=ruled(
        known("name", group=TEXT, kind=TEXT, name=TEXT, port=NUMBER),
        "has(self.kind) && self.kind == 'Backend' && has(self.group) && self.group == 'gateway.envoyproxy.io'",
        "must be a Backend of Envoy Gateway",
    ),
)
ADDRESS = known(
    endpoints=listed(known(fqdn=known("hostname", "port", hostname=TEXT, port=NUMBER)), 64),
    type={"type": "string", "default": "Endpoints"},
)
SPENT = ruled(
    known(
        "from",
        **{"from": one_of("Number", "Metadata")},
        number=NUMBER,
        metadata=known("namespace", "key", namespace=TEXT, key=TEXT),
    ),
    "!(has(self.number) && has(self.metadata))",
    "only one of number or metadata can be specified",
)
RULE = known(
    "limit",
    limit=known(
        "requests",
        "unit",
        requests=NUMBER | {"minimum": 1, "maximum": 4294967295},
        unit=one_of("Second", "Minute", "Hour", "Day", "Month", "Year"),
    ),
    cost=known(request=SPENT, response=SPENT),
    clientSelectors=listed(known(headers=listed(known("name", name=TEXT, type=TEXT), 16)), 8),
    shared={"type": "boolean"},
    shadowMode={"type": "boolean"},
)
LIMITED = known(
    targetRefs=listed(known("group", "kind", "name", group=TEXT, kind=TEXT, name=TEXT), 16),
    rateLimit=known(type=one_of("Global", "Local"), **{"global": known("rules", rules=listed(RULE, 128))}),
)
SPECS: dict[Kind, Schema] = {
    AI_GATEWAY_ROUTE: ROUTE,
    AI_SERVICE_BACKEND: SERVED,
    GATEWAY_BACKEND: ADDRESS,
    BACKEND_TRAFFIC_POLICY: LIMITED,
}
STATUS = known(conditions=CONDITIONS, ancestors=listed(known(conditions=CONDITIONS), 16))


def definition(kind: Kind) -> Body:
    """The CustomResourceDefinition of one of the kinds."""
    group, _, version = kind.api_version.partition("/")
    schema = known(spec=SPECS[kind], status=STATUS)
    names = {"kind": kind.name, "listKind": f"{kind.name}List", "plural": kind.plural, "singular": kind.name.lower()}
    served = {
        "name": version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [served]},
    }


def served_lists() -> dict[str, Body]:
    """What an API server with a gateway says that it serves, by group and version."""
    found: dict[str, Body] = {}
    for kind in GATEWAY_KINDS:
        empty: Body = {"metadata": {"name": ""}, "resources": []}
        found.setdefault(kind.api_version, empty)["resources"].append({"name": kind.plural, "kind": kind.name})
    return found
