"""A vLLM server on GPUs. Change anything about it, and `pulumi up` rolls it without an outage."""

import pulumi

from inference_provider.dynamic import (
    Artifact,
    ArtifactSpecArgs,
    ContainerArgs,
    ContainerGroupArgs,
    ContainerOverrideArgs,
    EnvVarArgs,
    GroupRuntimeArgs,
    ProbeArgs,
    ReplacementSettingsArgs,
    ResourceAllocationArgs,
    RuntimeArgs,
    Workload,
)

config = pulumi.Config()
namespace = config.get("namespace")
env: dict[str, str] = config.get_object("env") or {}

server = ContainerArgs(
    name="vllm",
    image=config.get("image") or "vllm/vllm-openai:v0.11.0",
    args=["--model", config.get("model") or "Qwen/Qwen3-32B", "--tensor-parallel-size", "2"],
    env=[EnvVarArgs(name=name, value=value) for name, value in env.items()],
    primary=True,
    port=8000,
    # Weights take their time: 120 checks, 10 seconds apart, are 20 minutes to load.
    startup_probe=ProbeArgs(path="/health", initial_delay_seconds=0, period_seconds=10, failure_threshold=120),
    # Traffic moves to a new version when it has stayed ready for two of these.
    readiness_probe=ProbeArgs(path="/health", period_seconds=2, timeout_seconds=5),
    liveness_probe=ProbeArgs(path="/health", period_seconds=10, timeout_seconds=10, failure_threshold=6),
)
artifact = Artifact(
    "chat",
    namespace=namespace,
    spec=ArtifactSpecArgs(container_groups=[ContainerGroupArgs(containers=[server])]),
)

hardware = ResourceAllocationArgs(cpu=16, memory="128Gi", gpu=2, gpu_model="NVIDIA-H100-80GB-HBM3")
replicas = GroupRuntimeArgs(
    replica_count=config.get_int("replicas") or 2,
    containers=[ContainerOverrideArgs(name="vllm", resource_allocation=hardware)],
)
workload = Workload(
    "chat",
    namespace=namespace,
    artifact_id=artifact.version_id,
    runtime=RuntimeArgs(container_groups=[replicas]),
    # For ten minutes after a change, going back takes seconds: the old pods are still there.
    replacement=ReplacementSettingsArgs(keep_old_version_minutes=10),
)

pulumi.export("endpoint", workload.endpoint)
pulumi.export("revision", workload.revision)
pulumi.export("active_artifact_id", workload.active_artifact_id)
