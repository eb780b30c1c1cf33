"""Programs whose groups load scales, and what a test looks at."""

from collections.abc import Mapping
from dataclasses import replace

from inference_provider.converge.look import look_around
from inference_provider.converge.orders import Order
from inference_provider.converge.wanted import Wanted
from inference_provider.domain.autoscaling import Scaling
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.autoscaler import noted
from inference_provider.manifests.kinds import HORIZONTAL_POD_AUTOSCALER, POD, Body
from inference_provider.rollout.leftovers import leftovers
from tests.converge.stage import Stage
from tests.support.blueprints import DIGEST, group, wanted

CPU = {"cpuAverageUtilization": 70.0}
ROUTER = {"name": "router", "image": f"example/router{DIGEST}", "primary": True, "port": 8000}
WORKER = {"name": "worker"}


def scaled(image: str = "v1", *, least: int = 1, most: int = 8, promotion: str = "automatic") -> Wanted:
    """A Workload of one group that load scales."""
    program = wanted(image, replicas=least, keepOldVersionMinutes=5, promotion=promotion)
    return by_load(program, {"default": (least, most)})


def by_load(program: Wanted, bounds: Mapping[str, tuple[int, int]]) -> Wanted:
    """The same program with these groups scaled by load."""
    note = noted({name: Scaling(least, most, CPU) for name, (least, most) in bounds.items()})
    counts = {**program.counts, **{name: least for name, (least, _) in bounds.items()}}
    return replace(program, counts=counts, face=Face(notes={labels.AUTOSCALING: note}))


def bounds(stage: Stage, name: str) -> tuple[int, int]:
    """What an autoscaler allows."""
    spec = stage.cluster.named(HORIZONTAL_POD_AUTOSCALER, name)["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


def autoscalers(stage: Stage) -> list[str]:
    """The names of all that there are."""
    return stage.names(HORIZONTAL_POD_AUTOSCALER)


async def noticed(stage: Stage) -> str:
    """What a diff would find that is not in order."""
    return "; ".join(leftovers((await look_around(stage.cluster, "models"))["llama"]))


def under_load(stage: Stage, name: str, pods: int) -> None:
    """Load asks for so many pods of a Deployment from now on."""
    stage.controllers.loads[name] = pods
    stage.controllers.react()


def first_bounds(stage: Stage) -> list[tuple[int, int]]:
    """The bounds with which each autoscaler that is made from now on appears."""
    seen = {each["metadata"]["uid"] for each in stage.cluster.all_of(HORIZONTAL_POD_AUTOSCALER)}
    found: list[tuple[int, int]] = []

    def look() -> None:
        for each in stage.cluster.all_of(HORIZONTAL_POD_AUTOSCALER):
            uid, spec = each["metadata"]["uid"], each["spec"]
            if uid not in seen:
                seen.add(uid)
                found.append((spec["minReplicas"], spec["maxReplicas"]))

    stage.cluster.after_write.insert(0, look)
    return found


def order(stage: Stage) -> Order:
    """What somebody orders at the command line."""
    return Order(stage.cluster, "models", "llama", by="ann", reason="", seconds=3600, report=stage.heard)


def ready(stage: Stage) -> list[Body]:
    """The pods of what the Workload's Service names active that are ready."""
    active = stage.service()["metadata"]["annotations"][labels.ACTIVE]
    pods = [each for each in stage.cluster.all_of(POD) if each["metadata"]["labels"][labels.REVISION] == active]
    return [each for each in pods if {"type": "Ready", "status": "True"} in each["status"]["conditions"]]


def fleet_of(version: str, *names: str, bounds: Mapping[str, tuple[int, int]], replicas: int = 1) -> Wanted:
    """A router, and groups of workers with these names; load scales those with bounds."""
    router = group(ROUTER | {"env": [{"name": "VERSION", "value": version}]}, name="router")
    workers = [group(WORKER | {"image": f"example/{each}-{version}{DIGEST}"}, name=each) for each in names]
    program = wanted(groups=(router, *workers), replicas=replicas, keepOldVersionMinutes=5)
    return by_load(program, bounds)
