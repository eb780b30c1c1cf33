"""Bringing a Workload's way through a gateway, and the limits on it, to what is wanted, in place. No pod is touched.

Before anything rolls, so that a right that we lack, or a gateway that is not there, is told before anything moves.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from inference_provider.converge.claim import claim
from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.wanted import Wanted
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.names import gateway_route_name
from inference_provider.domain.token_limits import TokenRule
from inference_provider.errors import ClusterError, Conflict, Forbidden, InferenceError, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.gateway import GATEWAY_KINDS, PART, gateway_bodies, is_routed, noted
from inference_provider.manifests.kinds import SERVICE, Body, Kind
from inference_provider.placement.tokens import token_rules
from inference_provider.rollout.gateway import Change, enforced, outstanding, recorded, respec

#: What an API server says of a group that it serves: everybody who is logged in may ask.
_SERVED = {
    version: Kind(f"APIResourceList of {version}", "", version, namespaced=False)
    for version in sorted({each.api_version for each in GATEWAY_KINDS})
}

Found = Mapping[Kind, Sequence[Body]]


@dataclass(frozen=True)
class Way:
    """What is wanted: the route (None: no gateway), and all limits on it."""

    route: GatewayRoute | None
    rules: tuple[TokenRule, ...] = ()


async def missing_gateway(cluster: Cluster) -> str | None:
    """Why there is no Envoy AI Gateway to use; None when there is one. Raises ClusterErrors when nobody can say."""
    lists = await asyncio.gather(*(cluster.known(each, None, "") for each in _SERVED.values()))
    served = {
        (version, str(each.get("name")))
        for version, found in zip(_SERVED, lists, strict=True)
        for each in (found or {}).get("resources") or []
    }
    lacking = {each.api_version: each.name for each in GATEWAY_KINDS if _named(each) not in served}
    if not lacking:
        return None
    said = " and ".join(f"{name} of {version}" for version, name in sorted(lacking.items()))
    return f"no Envoy AI Gateway is installed in this cluster: it does not know {said}"


def _named(kind: Kind) -> tuple[str, str]:
    return kind.api_version, kind.plural


async def own_way(cluster: Cluster, namespace: str, workload: str) -> Found:
    """What we have made of a Workload's way through a gateway. Raises Forbidden, and NotFound without a gateway."""
    chosen = f"{labels.PART}={PART},{labels.WORKLOAD}={workload},app.kubernetes.io/managed-by={labels.MANAGED_BY}"
    lists = await asyncio.gather(*(cluster.list(kind, namespace, labels=chosen) for kind in GATEWAY_KINDS))
    return dict(zip(GATEWAY_KINDS, lists, strict=True))


async def lead(op: Operation, wanted: Wanted) -> bool:
    """Make the way, or take it away; False when it was so. Raises InferenceError, with nothing else changed.

    What is noted on the Service comes first and goes last, so that whoever comes after an interruption looks here.
    """
    service, note = op.anchor(), noted(wanted.gateway)
    if note is None and not is_routed(service):
        return False
    if wanted.rules.broken:
        op.report.warn(f"the way of {op.named} through its gateway is left as it is: {wanted.rules.broken[0]}")
        return False
    way = Way(wanted.gateway, token_rules(wanted.rules))
    _keep_limits(op, way)
    change = change_operations(service, {labels.GATEWAY: note}) if note is not None else []
    if change:
        await op.patch(SERVICE, service, change)
    done = await settle(op.cluster, op.anchor(), way, report=op.report, sure=op.lock.sure, fresh=op.fresh)
    if note is None:
        await op.patch(SERVICE, op.anchor(), change_operations(op.anchor(), {labels.GATEWAY: None}))
    return bool(change) or done or note is None


def _keep_limits(op: Operation, way: Way) -> None:
    limiting = enforced(way.rules)
    if way.route is None and limiting:
        raise InferenceError(
            f"could not take {op.named} out of its gateway: Policy {limiting[0].policy} limits its tokens, which are "
            "counted there. Keep `service.gateway`, or change the policy first"
        )


async def _at_any_time() -> None:
    """Nobody else holds a lock that could be lost."""


async def settle(
    cluster: Cluster,
    anchor: Body,
    way: Way,
    *,
    report: Reporter,
    sure: Callable[[], Awaitable[None]] = _at_any_time,
    fresh: bool = False,
) -> bool:
    """Do everything that is outstanding; False when that was nothing. Raises InferenceError naming what is lacking."""
    meta = anchor["metadata"]
    named = f"Workload {meta['namespace']}/{meta['name']}"
    try:
        found = {} if fresh else await _found(cluster, anchor, way)
        if outstanding(anchor, found, way.route, way.rules):
            way = await _countable(cluster, anchor, way, report)
        changes = outstanding(anchor, found, way.route, way.rules)
        for each in changes:
            await sure()
            report.status(f"gateway of {named}: {each.kind.name} {each.body['metadata']['name']}")
            await _send(cluster, each, report)
    except (Forbidden, NotFound) as error:
        raise _lacking(named, error) from None
    return bool(changes)


async def close(cluster: Cluster, anchor: Body, report: Reporter) -> None:
    """Take the way of a Workload that is being deleted away. Where we may not, garbage collection does, which takes
    half a minute to hear of a gateway's kinds that were installed a moment ago.
    """
    if is_routed(anchor):
        with contextlib.suppress(InferenceError):
            await settle(cluster, anchor, Way(None), report=report)


async def _found(cluster: Cluster, anchor: Body, way: Way) -> Found:
    """What there is; nothing where the gateway was taken away already, and only traces of it are to go."""
    try:
        return await own_way(cluster, anchor["metadata"]["namespace"], anchor["metadata"]["name"])
    except NotFound:
        if way.route is not None:
            raise
        return {}


async def _countable(cluster: Cluster, anchor: Body, way: Way, report: Reporter) -> Way:
    """The same without limits that are only recorded, where the gateway cannot do that: a patch would drop the word
    that says so, and they would refuse.
    """
    if way.route is None or not recorded(way.rules):
        return way
    kind, body = gateway_bodies(anchor, way.route, recorded(way.rules))[0]
    meta = anchor["metadata"]
    body = body | {"metadata": body["metadata"] | {"name": f"{gateway_route_name(meta['name'])}-asks"}}
    try:
        await cluster.rehearse(kind, body)
    except ClusterError as error:
        if "shadowMode" not in error.said:
            raise
        policies = ", ".join(sorted({each.policy for each in recorded(way.rules)}))
        report.warn(
            f"Policy {policies} is a sandbox, and this gateway cannot count without refusing (Envoy Gateway 1.7 can): "
            f"nothing of Workload {meta['namespace']}/{meta['name']} is counted for it"
        )
        return Way(way.route, enforced(way.rules))
    return way


async def _send(cluster: Cluster, change: Change, report: Reporter) -> None:
    """Send one change. Somebody else who was faster is dealt with by the next run."""
    meta = change.body["metadata"]
    try:
        match change.action:
            case "make":
                await claim(cluster, change.kind, change.body, report=report)
            case "alter":
                await cluster.patch(change.kind, meta["namespace"], meta["name"], respec(change))
            case "drop":
                await cluster.delete(change.kind, meta["namespace"], meta["name"], uid=meta["uid"])
    except Conflict:
        report.warn(f"{change.kind.name} {meta['namespace']}/{meta['name']} was changed by somebody else meanwhile")


def _lacking(named: str, error: ClusterError) -> InferenceError:
    """What is lacking, and what to do about it."""
    if isinstance(error, NotFound):
        why = "the cluster does not know these objects, so no Envoy AI Gateway is installed there"
        cure = "Install one, or leave `service.gateway` out"
    else:
        why = "this identity may not touch them"
        kinds = ", ".join(f"{each.plural}.{each.api_version.partition('/')[0]}" for each in GATEWAY_KINDS)
        cure = f"Grant it get, list, create, patch and delete on {kinds} in the namespace"
    refused = f"the API server would not {error.attempted} {error.kind} {error.name}: {error.said.rstrip('.')}"
    return InferenceError(f"could not lead the gateway to {named}: {why}; {refused}. {cure}")
