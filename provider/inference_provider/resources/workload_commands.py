"""What people do to a Workload at the command line: undo, promote, cancel, resume, stop, start."""

from inference_provider.converge import orders
from inference_provider.converge.orders import Order
from inference_provider.resources.policy_standing import told
from inference_provider.resources.sharing import naming_roles
from inference_provider.resources.workload_outputs import observed
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Fleet

#: Time for one command (seconds): starting loads models, the others take moments.
COMMAND_SECONDS = 3600.0


async def undo(world: World, namespace: str, name: str, *, to: str | None = None, reason: str = "") -> Properties:
    """Give traffic back to the kept version, if it is the one that is meant by ``to``.

    Raises InferenceError in a sentence, with what serves left serving.
    """
    async with naming_roles(world, namespace, name):
        return await _told(world, await orders.undo(await _order(world, namespace, name, reason), to=to))


async def promote(world: World, namespace: str, name: str, *, reason: str = "") -> Properties:
    """Let the version that waits for promotion take over. Raises InferenceError, with what serves left serving."""
    async with naming_roles(world, namespace, name):
        return await _told(world, await orders.promote(await _order(world, namespace, name, reason)))


async def cancel(world: World, namespace: str, name: str, *, reason: str = "") -> Properties:
    """End the replacement under way; empty when that was the first creation, of which nothing is left."""
    async with naming_roles(world, namespace, name):
        fleet = await orders.cancel(await _order(world, namespace, name, reason))
        return await _told(world, fleet) if fleet is not None else {}


async def resume(world: World, namespace: str, name: str) -> Properties:
    """Lift the hold. Raises InferenceError when there is none."""
    async with naming_roles(world, namespace, name):
        return await _told(world, await orders.resume(await _order(world, namespace, name, "")))


async def stop(world: World, namespace: str, name: str, *, reason: str = "") -> Properties:
    """Take all pods away; the endpoint and the history stay."""
    async with naming_roles(world, namespace, name):
        return await _told(world, await orders.halt(await _order(world, namespace, name, reason)))


async def start(world: World, namespace: str, name: str) -> Properties:
    """Give a stopped Workload its pods again, and wait until they serve."""
    async with naming_roles(world, namespace, name):
        return await _told(world, await orders.restart(await _order(world, namespace, name, "")))


async def _told(world: World, fleet: Fleet) -> Properties:
    """What is there now. People have the last word: where policies forbid what they brought back, that is a warning."""
    return {**observed(fleet), **await told(world, fleet)}


async def _order(world: World, namespace: str, name: str, reason: str) -> Order:
    cluster = await world.connect()
    by = world.facts.get("person") or await cluster.whoami()
    return Order(cluster, namespace, name, by, reason, COMMAND_SECONDS, world.report)
