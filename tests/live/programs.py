"""What a program would say, small: one server, steered by the simulation's environment variables."""

from collections.abc import Mapping

Inputs = dict[str, object]

#: Any digest: the simulated cluster pulls nothing.
DIGEST = "@sha256:" + "a" * 64
H100 = "NVIDIA-H100-80GB-HBM3"


def image(name: str) -> str:
    """A pinned image, so that no registry is asked."""
    return f"example/{name}{DIGEST}"


def server(
    name: str = "v1", *, probe: Mapping[str, object] | None = None, env: Mapping[str, str] | None = None
) -> Inputs:
    """The primary container. ``env`` steers the simulation: SIM_LOAD_TIME, SIM_NEVER_READY, SIM_OOM …"""
    quick = {"path": "/health", "initialDelaySeconds": 0, "periodSeconds": 1, "failureThreshold": 5}
    return {
        "name": "server",
        "image": image(name),
        "primary": True,
        "port": 8000,
        "env": [{"name": key, "value": value} for key, value in (env or {}).items()],
        "startupProbe": dict(probe or quick),
    }


def artifact(*containers: Inputs, **more: object) -> Inputs:
    """An Artifact with one group."""
    return {"name": "llama", "spec": {"containerGroups": [{"containers": list(containers or [server()])}]}, **more}


def runtime(replicas: int = 1, *, gpu: int = 1, group: str = "default", container: str = "server") -> Inputs:
    """Pods of one group, each with whole H100s (none with ``gpu=0``)."""
    given: Inputs = {"cpu": 1, "memory": "1Gi"} | ({"gpu": gpu, "gpuModel": H100} if gpu else {})
    containers = [{"name": container, "resourceAllocation": given}]
    return {"name": group, "replicaCount": replicas, "containers": containers}


def workload(artifact_id: object, *groups: Inputs, **more: object) -> Inputs:
    """A Workload that runs a version; the old one is kept for five minutes unless said otherwise."""
    settings = {"keepOldVersionMinutes": 5, "drainSeconds": 1}
    return {
        "name": "chat",
        "artifactId": artifact_id,
        "runtime": {"containerGroups": list(groups or [runtime()])},
        "replacement": settings,
        **more,
    }
