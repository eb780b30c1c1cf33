"""What leads from an Envoy AI Gateway to a Workload, and what limits the tokens on that way?

Four objects of one name, owned by the Workload's Service: a Backend (the address), an AIServiceBackend (what is spoken
there), an AIGatewayRoute (from where, and what is counted), and a BackendTrafficPolicy (the limits), only while there
is something to limit. Fields: envoyproxy/ai-gateway api/v1beta1, envoyproxy/gateway api/v1alpha1.

Each route has one rule, which takes every request, so that there is one count; buckets that are ``shared`` would lose
what a request costs (envoyproxy/gateway#9244).
"""

import json
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.names import gateway_route_name
from inference_provider.domain.token_limits import TokenLimit, TokenRule
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import (
    AI_GATEWAY_ROUTE,
    AI_SERVICE_BACKEND,
    BACKEND_TRAFFIC_POLICY,
    GATEWAY_BACKEND,
    Body,
    Kind,
)
from inference_provider.manifests.ownership import owner_reference

PART = "gateway-route"
#: In this order they are made: the limits first, the way to the pods last.
GATEWAY_KINDS = (BACKEND_TRAFFIC_POLICY, GATEWAY_BACKEND, AI_SERVICE_BACKEND, AI_GATEWAY_ROUTE)
_METADATA = "io.envoy.ai_gateway"
_TYPES = {"input": "InputToken", "output": "OutputToken", "total": "TotalToken"}


def gateway_bodies(anchor: Body, route: GatewayRoute, rules: Sequence[TokenRule]) -> tuple[tuple[Kind, Body], ...]:
    """All that there should be, in the order in which it is made."""
    name, port = anchor["metadata"]["name"], int(anchor["spec"]["ports"][0]["port"])
    address = {"hostname": f"{name}.{anchor['metadata']['namespace']}.svc.cluster.local", "port": port}
    own = gateway_route_name(name)
    backend = {"group": "gateway.envoyproxy.io", "kind": GATEWAY_BACKEND.name, "name": own}
    specs: list[tuple[Kind, Body]] = [
        (GATEWAY_BACKEND, {"endpoints": [{"fqdn": address}]}),
        (AI_SERVICE_BACKEND, {"schema": {"name": "OpenAI"}, "backendRef": backend}),
        (AI_GATEWAY_ROUTE, _route(route, own, rules)),
    ]
    if rules:
        specs.insert(0, (BACKEND_TRAFFIC_POLICY, _limited(own, rules)))
    return tuple((kind, _body(kind, anchor, own, spec)) for kind, spec in specs)


def _body(kind: Kind, anchor: Body, name: str, spec: Body) -> Body:
    metadata = {
        "name": name,
        "namespace": anchor["metadata"]["namespace"],
        "labels": labels.identity(anchor["metadata"]["name"]) | {labels.PART: PART},
        "ownerReferences": [owner_reference(anchor)],
    }
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, "spec": spec}


def _route(route: GatewayRoute, own: str, rules: Sequence[TokenRule]) -> Body:
    """No time limit: the gateway's own would cut long answers off after a minute. One empty match is every request."""
    spec: Body = {
        "parentRefs": [_parent(each.name, each.namespace, each.section_name) for each in route.parent_refs],
        "rules": [{"matches": [{}], "backendRefs": [{"name": own}], "timeouts": {"request": "0s"}}],
    }
    if route.hostnames:
        spec["hostnames"] = list(route.hostnames)
    costs = {_key(each.limit): _cost(each.limit) for each in rules}
    if costs:
        spec["llmRequestCosts"] = [costs[key] for key in sorted(costs)]
    return spec


def _parent(name: str, namespace: str | None, section: str | None) -> Body:
    said = {"namespace": namespace, "sectionName": section}
    given = {key: value for key, value in said.items() if value is not None}
    return {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": name} | given


def _key(limit: TokenLimit) -> str:
    """Under which key the gateway notes what a request costs; the same for policies that count alike."""
    weighed = f"_{limit.input_weight}_{limit.output_weight}" if limit.weighed else ""
    return f"pulumi_inference_{limit.counted}{weighed}"


def _cost(limit: TokenLimit) -> Body:
    if not limit.weighed:
        return {"metadataKey": _key(limit), "type": _TYPES[limit.counted]}
    formula = f"input_tokens * {limit.input_weight}u + output_tokens * {limit.output_weight}u"
    return {"metadataKey": _key(limit), "type": "CEL", "cel": formula}


def _limited(own: str, rules: Sequence[TokenRule]) -> Body:
    """The HTTPRoute that the AI Gateway makes of a route has its name."""
    target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": own}
    return {
        "targetRefs": [target],
        "rateLimit": {"type": "Global", "global": {"rules": [_rule(each) for each in rules]}},
    }


def _rule(rule: TokenRule) -> Body:
    """A request costs nothing when it comes, and what it took when its answer is over."""
    limit = rule.limit
    spent = {"from": "Metadata", "metadata": {"namespace": _METADATA, "key": _key(limit)}}
    body: Body = {
        "limit": {"requests": limit.most, "unit": limit.unit.capitalize()},
        "cost": {"request": {"from": "Number", "number": 0}, "response": spent},
    }
    return body | ({"shadowMode": True} if rule.shadow else {})


def noted(route: GatewayRoute | None) -> str | None:
    """The route as an annotation of the Workload's Service; None without one."""
    return json.dumps(as_written(route), sort_keys=True) if route is not None else None


def as_written(route: GatewayRoute) -> dict[str, object]:
    """The route as a program would write it."""
    return route.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def is_routed(anchor: Body) -> bool:
    """Whether a Workload has a route, or is about to lose it: only then anybody has to look for these objects."""
    return annotation(anchor, labels.GATEWAY) is not None


def route_of(anchor: Body) -> GatewayRoute | None:
    """The route that its Service notes; None where there is none, or somebody has made it unreadable."""
    try:
        return GatewayRoute.model_validate(json.loads(annotation(anchor, labels.GATEWAY) or "null"))
    except (ValueError, TypeError, ValidationError):
        return None


def covers(found: object, wanted: object) -> bool:
    """Whether what is there says all that is wanted; what the API server adds by default is no difference."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(covers(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return False
        return all(covers(one, other) for one, other in zip(found, wanted, strict=True))
    return bool(found == wanted)
