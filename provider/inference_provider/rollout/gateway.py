"""What of a Workload's way through a gateway is not as it should be, and what mends it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.token_limits import TokenRule
from inference_provider.manifests.gateway import GATEWAY_KINDS, covers, gateway_bodies
from inference_provider.manifests.kinds import AI_GATEWAY_ROUTE, BACKEND_TRAFFIC_POLICY, Body, Kind
from inference_provider.manifests.ownership import is_condemned

#: Where lists hold only what was wanted: another entry there would let more through, or lead elsewhere.
_ABSENT = {AI_GATEWAY_ROUTE: ("hostnames", "llmRequestCosts")}


@dataclass(frozen=True)
class Change:
    """One object that is not as wanted. ``body`` is what is there (or, to be made, what is wanted)."""

    action: Literal["make", "alter", "drop"]
    kind: Kind
    body: Body
    said: str
    wanted: Body | None = None


def outstanding(
    anchor: Body, found: Mapping[Kind, Sequence[Body]], route: GatewayRoute | None, rules: Sequence[TokenRule]
) -> tuple[Change, ...]:
    """What has to be done, in this order: nothing is led to the pods before its limits are there, and the way is taken
    away before they are.
    """
    there = {kind: [each for each in found.get(kind, ()) if not is_condemned(each)] for kind in GATEWAY_KINDS}
    wanted = dict(gateway_bodies(anchor, route, rules)) if route is not None else {}
    changes = [each for kind, body in wanted.items() for each in _brought(kind, body, there[kind])]
    surplus = [
        Change("drop", kind, body, f"{kind.name} {body['metadata']['name']} is there, and nobody wants it")
        for kind in reversed(GATEWAY_KINDS)
        for body in there[kind]
        if kind not in wanted or body["metadata"]["name"] != wanted[kind]["metadata"]["name"]
    ]
    return (*changes, *surplus)


def _brought(kind: Kind, wanted: Body, there: Sequence[Body]) -> list[Change]:
    name = wanted["metadata"]["name"]
    held = next((each for each in there if each["metadata"]["name"] == name), None)
    if held is None:
        return [Change("make", kind, wanted, f"{kind.name} {name} is not there")]
    if same(kind, held, wanted):
        return []
    return [Change("alter", kind, held, f"{kind.name} {name} is not as it should be", wanted)]


def same(kind: Kind, held: Body, wanted: Body) -> bool:
    """Whether an object does what is wanted of it, and no more."""
    spec, want = held.get("spec") or {}, wanted["spec"]
    more = any(spec.get(key) for key in _ABSENT.get(kind, ()) if key not in want)
    if kind is BACKEND_TRAFFIC_POLICY:
        more = more or any(_conditional(each) for each in _rules(spec))
        more = more or any(bool(a.get("shadowMode")) != bool(b.get("shadowMode")) for a, b in _pairs(spec, want))
    return covers(spec, want) and not more


def _rules(spec: Body) -> list[Body]:
    return list((((spec.get("rateLimit") or {}).get("global")) or {}).get("rules") or [])


def _pairs(spec: Body, want: Body) -> list[tuple[Body, Body]]:
    return list(zip(_rules(spec), _rules(want), strict=False))


def _conditional(rule: Body) -> bool:
    """Whether a limit is for some callers only, or in a bucket of another kind: ours are for all."""
    return bool(rule.get("clientSelectors") or rule.get("shared"))


def respec(change: Change) -> list[Body]:
    """The JSON patch of an alteration; it does nothing if the object is not the very same."""
    same_one = {"op": "test", "path": "/metadata/uid", "value": change.body["metadata"]["uid"]}
    return [same_one, {"op": "add", "path": "/spec", "value": (change.wanted or {})["spec"]}]


def recorded(rules: Sequence[TokenRule]) -> tuple[TokenRule, ...]:
    """Those that refuse nothing."""
    return tuple(each for each in rules if each.shadow)


def enforced(rules: Sequence[TokenRule]) -> tuple[TokenRule, ...]:
    """Those that refuse what is too much."""
    return tuple(each for each in rules if not each.shadow)


def amiss(
    anchor: Body, found: Mapping[Kind, Sequence[Body]], route: GatewayRoute | None, rules: Sequence[TokenRule]
) -> tuple[str, ...]:
    """One half-sentence for each thing that is not in order. A gateway that cannot count without refusing has none of
    the rules that only count, and that is no fault of anybody.
    """
    ways = (rules, enforced(rules)) if recorded(rules) else (rules,)
    changes = min((outstanding(anchor, found, route, each) for each in ways), key=len)
    return tuple(each.said for each in changes)


def rejections(found: Mapping[Kind, Sequence[Body]]) -> tuple[str, ...]:
    """One half-sentence for each object that the gateway itself says it does not follow. One that says nothing so far
    is taken at its word.
    """
    every = [(kind, body, each) for kind, bodies in found.items() for body in bodies for each in _conditions(body)]
    return tuple(
        f"the gateway does not follow {kind.name} {body['metadata']['name']}: {each.get('message') or each['type']}"
        for kind, body, each in every
        if (str(each.get("type")), str(each.get("status"))) in (("Accepted", "False"), ("NotAccepted", "True"))
    )


def _conditions(body: Body) -> list[Body]:
    status = body.get("status") or {}
    held = [status, *(status.get("ancestors") or [])]
    return [each for one in held for each in one.get("conditions") or []]
