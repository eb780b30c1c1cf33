"""A cluster whose GPUs are few, and Workloads that want them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from inference_provider.converge.wanted import Wanted
from inference_provider.rollout.fleet import Fleet
from tests.converge.stage import Stage
from tests.support.blueprints import blueprint, content, gpus, group, settings, vllm, wanted
from tests.support.fake_scheduler import MODEL, FakeScheduler


def asking(image: str, *, replicas: int = 2, gpu: int = 2, **given: object) -> Wanted:
    """A Workload whose pods want GPUs; ``given`` are replacement settings."""
    plan = blueprint(content(group(vllm(image=image))), runtime=gpus(gpu, model=MODEL))
    return replace(wanted(image, replicas=replicas), blueprint=plan, settings=settings(**given))


def cluster_of(stage: Stage, *nodes: int) -> FakeScheduler:
    """Nodes with so many GPUs each."""
    return FakeScheduler(stage.cluster, stage.controllers, *nodes)


def served(fleet: Fleet) -> tuple[str, dict[str, int]]:
    """Who serves, and with how many pods."""
    assert fleet.active is not None
    assert fleet.traffic == (fleet.active.slot,)
    return fleet.active.name, fleet.active.replicas()


async def killed_when(stage: Stage, update: Wanted, look: Callable[[], object]) -> None:
    """An update whose process is killed as soon as something is so."""
    run = asyncio.create_task(stage.update(update))
    await stage.sees(look)
    run.cancel()
    await asyncio.wait({run})
