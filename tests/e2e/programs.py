"""Programs as users write them: snake_case arguments of the Artifact and the Workload."""

from collections.abc import Mapping

Arguments = dict[str, object]

DIGEST = "@sha256:" + "b" * 64
QUICK = {"path": "/health", "initial_delay_seconds": 0, "period_seconds": 1, "failure_threshold": 5}


def server(name: str = "v1", *, env: Mapping[str, str] | None = None, **more: object) -> Arguments:
    """A vLLM-like server; ``env`` steers the simulated kubelet."""
    return {
        "name": "vllm",
        "image": f"example/{name}{DIGEST}",
        "primary": True,
        "port": 8000,
        "env": [{"name": key, "value": value} for key, value in (env or {}).items()],
        "startup_probe": QUICK,
        **more,
    }


def artifact(*containers: Arguments, **more: object) -> Arguments:
    """An Artifact with one group."""
    return {"spec": {"container_groups": [{"containers": list(containers or [server()])}]}, **more}


def workload(replicas: int = 1, *, gpu: int = 1, **more: object) -> Arguments:
    """A Workload with H100s, or without GPUs, whose old version is kept for five minutes."""
    hardware = {"gpu": gpu, "gpu_model": "NVIDIA-H100-80GB-HBM3"} if gpu else {}
    containers = [{"name": "vllm", "resource_allocation": {"cpu": 1, "memory": "1Gi", **hardware}}]
    return {
        "runtime": {"container_groups": [{"replica_count": replicas, "containers": containers}]},
        "replacement": {"keep_old_version_minutes": 5},
        **more,
    }
