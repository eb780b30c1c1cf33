"""Which model server is measured? A small one that loads in 0.3 s (simulated), so that our own share is what shows.

What its container's environment says (``SIM_LOAD_TIME``, …) makes it another one.
"""

import hashlib
from collections.abc import Mapping

from inference_provider.resources import artifact, workload
from inference_provider.resources.world import Properties, World

_PROBE = {"path": "/health", "periodSeconds": 1, "initialDelaySeconds": 0}


def _variables(env: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in env.items()]


def _spec(image: str, env: Mapping[str, str], *, workers: Mapping[str, str] | None) -> Properties:
    container = {
        "name": "vllm",
        "image": image,
        "env": _variables(env),
        "primary": True,
        "port": 8000,
        # No readiness probe: traffic would wait for two of its periods, and that is nobody's share but the probe's.
        "startupProbe": {**_PROBE, "failureThreshold": 60},
    }
    groups: list[Properties] = [{"containers": [container]}]
    if workers is not None:
        worker = {"name": "vllm", "image": image, "env": _variables(workers)}
        groups.append({"name": "worker", "containers": [worker]})
    return {"containerGroups": groups}


def server_spec(number: int, *, load: str) -> Properties:
    """An Artifact's spec with an image of its own, which loads for so long (``20s``; simulated)."""
    return _spec(image_of(number), {"SIM_LOAD_TIME": load}, workers=None)


def image_of(number: int) -> str:
    """An image that carries its digest already: nothing is asked of any registry."""
    return f"registry.invalid/vllm@sha256:{hashlib.sha256(str(number).encode()).hexdigest()}"


async def artifact_version(
    world: World,
    name: str,
    *,
    number: int,
    before: Properties | None = None,
    env: Mapping[str, str] | None = None,
    workers: Mapping[str, str] | None = None,
) -> Properties:
    """Make (or, with the outputs of ``before``, change) an Artifact; the outputs hold its ``versionId``.

    ``workers``: the environment of a second group of pods, behind the one that answers. None: there is none.
    """
    spec = _spec(image_of(number), env or {}, workers=workers)
    checked = await artifact.check(world, before or {}, {"name": name, "spec": spec})
    assert not checked.faults, checked.faults
    if before is None:
        return (await artifact.create(world, checked.inputs))[1]
    return await artifact.update(world, f"{world.namespace}/{name}", checked.inputs)


async def workload_inputs(
    world: World,
    name: str,
    version: object,
    *,
    replicas: int,
    gpus: int,
    replacement: Properties | None = None,
    workers: int = 0,
) -> Properties:
    """The checked inputs of a Workload that runs this version; the old one is kept for an hour, if not said else."""
    hardware = {"gpu": gpus, "cpu": 4, "memory": "16Gi"}
    containers = [{"name": "vllm", "resourceAllocation": hardware}]
    groups = [{"replicaCount": replicas, "containers": containers}]
    groups += [{"name": "worker", "replicaCount": workers, "containers": containers}] if workers else []
    given: Properties = {
        "name": name,
        "artifactId": version,
        "runtime": {"containerGroups": groups},
        "replacement": replacement or {"keepOldVersionMinutes": 60},
    }
    checked = await workload.check(world, {}, given)
    assert not checked.faults, checked.faults
    return checked.inputs
