"""A person at the command line, and what she finds: shared by the stories of orders, stops and promotions."""

from inference_provider.converge.orders import Order
from inference_provider.rollout.fleet import Fleet
from tests.converge.stage import Stage
from tests.support.blueprints import wanted


def order(stage: Stage, reason: str = "latency") -> Order:
    """What Ann orders."""
    return Order(stage.cluster, "models", "llama", "ann", reason, 3600, stage.heard)


def serving(fleet: Fleet) -> tuple[str, tuple[int, ...]]:
    """Who is active, and which slots get traffic."""
    assert fleet.active is not None
    return fleet.active.name, fleet.traffic


async def replaced(stage: Stage) -> list[str]:
    """r1 is kept, r2 serves; the names of r1's pods."""
    await stage.create(wanted("v1"))
    pods = stage.pods(1)
    await stage.update(wanted("v2", keepOldVersionMinutes=60))
    return pods
