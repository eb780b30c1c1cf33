"""A Workload's way through a gateway, as check, diff, refresh and an update see it: is it there, and do limits hold?"""

from dataclasses import replace

from pydantic import ValidationError

from inference_provider.converge.gateway import Found, Way, missing_gateway, own_way, settle
from inference_provider.converge.ports import Cluster
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, Forbidden, InferenceError, NotFound
from inference_provider.manifests.gateway import as_written, is_routed, route_of
from inference_provider.manifests.kinds import AI_GATEWAY_ROUTE, Body
from inference_provider.placement.allowance import Rules
from inference_provider.placement.tokens import token_rules
from inference_provider.resources.policies_in_force import in_force, standing
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.gateway import amiss, rejections


async def faults(world: World, model: WorkloadInputs, *, unknown: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    """Why there can be no such way; nothing while it is not known, or where nobody can look: an update fails then."""
    if model.service.gateway is None or is_unknown(unknown):
        return ()
    try:
        missing = await missing_gateway(await world.connect())
    except InferenceError:
        return ()
    cure = "install one, or leave this out"
    return (Fault("service.gateway", f"{missing}; {cure}"),) if missing is not None else ()


def noted_service(anchor: Body) -> Properties:
    """The input `service` of a Workload as far as it says through which gateway; nothing without one."""
    route = route_of(anchor)
    return {"service": {"gateway": as_written(route)}} if route is not None else {}


def is_unknown(unknown: tuple[str, ...]) -> bool:
    """Whether a preview does not know the way yet."""
    return any(path == "service" or path.startswith("service.gateway") for path in unknown)


def gives_up(olds: Properties, news: Properties) -> bool:
    """Whether a change takes the Workload out of its gateway, or leads it through another one."""
    return _said(olds) is not None and _said(olds) != _said(news)


def _said(properties: Properties) -> object:
    service = properties.get("service")
    return service.get("gateway") if isinstance(service, dict) else None


async def astray(world: World, fleet: Fleet) -> tuple[str, ...]:
    """What is not in order and an update puts right; nothing when we cannot look."""
    if not is_routed(fleet.anchor):
        return ()
    try:
        rules = await in_force(world, standing(fleet.anchor))
        found = await _there(await world.connect(), fleet.anchor)
    except InferenceError:
        return ()
    return () if rules.broken else amiss(fleet.anchor, found, route_of(fleet.anchor), token_rules(rules))


async def _there(cluster: Cluster, anchor: Body) -> Found:
    try:
        return await own_way(cluster, anchor["metadata"]["namespace"], anchor["metadata"]["name"])
    except NotFound:  # nor is there a gateway any more
        return {}


async def counted(world: World, fleet: Fleet, rules: Rules) -> Rules:
    """The same rules as they hold for what runs: nobody counts where the objects are gone, or the gateway refuses them.

    Who may not look at them takes the gateway at its word. Raises other ClusterErrors.
    """
    wanted, anchor = token_rules(rules), fleet.anchor
    if not wanted or rules.uncounted is not None:
        return rules
    try:
        found = await _there(await world.connect(), anchor)
    except Forbidden:
        return rules
    said = (*amiss(anchor, found, route_of(anchor), wanted), *rejections(found))
    return replace(rules, uncounted="; ".join(said) or None)


async def caught_up(world: World, anchor: Body) -> None:
    """After an update: what is limited is what policies say now. One of them may have changed meanwhile."""
    if not is_routed(anchor):
        return
    cluster = await world.connect()
    rules = await in_force(world, standing(anchor))
    if not rules.broken:
        await settle(cluster, anchor, Way(route_of(anchor), token_rules(rules)), report=world.report)


async def visible_gateway(cluster: Cluster, fleet: Fleet, inputs: Properties) -> Properties:
    """`service` where others have changed the route; nothing where it is as it was said, or nobody may look."""
    route, service = route_of(fleet.anchor), inputs.get("service")
    if route is None or not isinstance(service, dict):
        return {}
    try:
        found = await _there(cluster, fleet.anchor)
    except InferenceError:
        return {}
    held = next(iter(found.get(AI_GATEWAY_ROUTE, ())), None)
    shown = _shown(held) if held is not None else None
    return {} if shown == as_written(route) else {"service": {**service, "gateway": shown}}


async def led_by(cluster: Cluster, anchor: Body) -> GatewayRoute | None:
    """The route as the gateway has it; as its Service notes it where there is none. Who may promote may edit the note,
    and is not to lead requests anywhere by that. Raises ClusterErrors.
    """
    found = (await _there(cluster, anchor)).get(AI_GATEWAY_ROUTE, ())
    try:
        return GatewayRoute.model_validate(_shown(found[0])) if found else route_of(anchor)
    except ValidationError:  # somebody has made another thing of it
        return route_of(anchor)


def _shown(held: Body) -> dict[str, object]:
    """A route as a program would write it."""
    spec = held.get("spec") or {}
    keys = ("name", "namespace", "sectionName")
    parents = [{key: each[key] for key in keys if key in each} for each in spec.get("parentRefs") or []]
    return {"parentRefs": parents} | ({"hostnames": list(spec["hostnames"])} if spec.get("hostnames") else {})
