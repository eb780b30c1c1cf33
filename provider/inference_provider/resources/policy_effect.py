"""What holds to a Policy once it is made or changed: the API server, and, where it is about tokens, the gateways of the
Workloads under it. It counts with the Policy's own update; no pod is touched.
"""

from collections.abc import Iterable

from inference_provider.converge.gateway import Way, missing_gateway, settle
from inference_provider.converge.policy import Under, under
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Fault, InferenceError, InputError
from inference_provider.manifests.gateway import is_routed
from inference_provider.manifests.kinds import Body
from inference_provider.placement.tokens import token_rules
from inference_provider.resources.admission import hold
from inference_provider.resources.gateway import led_by
from inference_provider.resources.policies_in_force import in_force, standing
from inference_provider.resources.world import World


async def uncountable(world: World, policy: PolicyInputs) -> tuple[Fault, ...]:
    """Why nobody could ever count for a policy; only said of a sandbox, and where nobody can look."""
    if policy.type != "maxTokens":
        return ()
    named = f"Policy {policy.namespace or world.namespace}/{policy.name}"
    try:
        missing = await missing_gateway(await world.connect())
    except InferenceError as error:
        world.report.warn(f"whether a gateway could count tokens for {named} is not known: {error.message}")
        return ()
    if missing is None:
        return ()
    said = f"limits tokens, which only an Envoy AI Gateway in front of the model can count, and {missing}"
    if policy.sandbox:
        world.report.warn(f"{named} {said}; it is a sandbox, so that is only said")
        return ()
    return (Fault("type", f"a policy of type maxTokens {said}: install one, or set `sandbox` to be warned instead"),)


async def countable(world: World, policy: PolicyInputs) -> None:
    """Raise InputError where nobody could count for a policy, ClusterErrors where nobody can say."""
    if policy.type != "maxTokens" or policy.sandbox:
        return
    await missing_gateway(await world.connect())  # whoever cannot be asked has not said yes
    faults = await uncountable(world, policy)
    if faults:
        raise InputError(list(faults))


async def take_effect(world: World, policy: PolicyInputs, *before: Under) -> None:
    """From now on the API server refuses what a policy forbids, a warning where it cannot, and gateways count what it
    limits. ``before``: who was under it while it limited tokens.
    """
    cluster = await world.connect()
    seen = await under(cluster, policy)
    if before or policy.type == "maxTokens":
        await bring_up_to_date(world, policy, seen, *before)
    said = await hold(cluster, policy, seen)
    if said is not None:
        world.report.warn(said)


async def bring_up_to_date(world: World, policy: PolicyInputs, *those: Under) -> None:
    """Have every gateway limit what the policies say now, for Workloads that are under this one, or were.

    Raises InferenceError naming what could not be done; what was done stays.
    """
    anchors = {str(each["metadata"]["uid"]): each for one in those for each in one.anchors}
    for anchor in anchors.values():
        await _settled(world, policy, anchor)


async def _settled(world: World, policy: PolicyInputs, anchor: Body) -> None:
    cluster = await world.connect()
    rules = await in_force(world, standing(anchor))
    if is_routed(anchor) and not rules.broken:
        await settle(cluster, anchor, Way(await led_by(cluster, anchor), token_rules(rules)), report=world.report)
    if rules.uncounted is not None and _names(rules.policies, policy):
        meta = anchor["metadata"]
        world.report.warn(
            f"Policy {policy.namespace}/{policy.name} does not limit the tokens of Workload {meta['namespace']}/"
            f"{meta['name']}: {rules.uncounted}"
        )


def _names(policies: Iterable[PolicyInputs], policy: PolicyInputs) -> bool:
    return any(
        (each.namespace, each.name, each.type) == (policy.namespace, policy.name, "maxTokens") for each in policies
    )
