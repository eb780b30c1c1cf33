"""A vLLM server whose new versions answer fifty requests, fast enough, before they get any traffic."""

import json

import pulumi
import pulumi_inference as inference

config = pulumi.Config()
model = config.get("model") or "Qwen/Qwen3-32B"

# An explicit provider: the same program can have another one for another cluster (`context`) or namespace.
models = inference.Provider("models", namespace=config.get("namespace"), context=config.get("context"))
placed = pulumi.ResourceOptions(provider=models)

server = inference.ContainerArgs(
    name="vllm",
    image=config.get("image") or "vllm/vllm-openai:v0.11.0",
    args=["--model", model, "--tensor-parallel-size", "2"],
    primary=True,
    port=8000,
    startup_probe=inference.ProbeArgs(
        path="/health", initial_delay_seconds=0, period_seconds=10, failure_threshold=120
    ),
    readiness_probe=inference.ProbeArgs(path="/health", initial_delay_seconds=0, period_seconds=2),
)
artifact = inference.Artifact(
    "chat",
    spec=inference.ArtifactSpecArgs(container_groups=[inference.ContainerGroupArgs(containers=[server])]),
    opts=placed,
)

question = {"model": model, "prompt": "Once upon a time", "max_tokens": 64}
hardware = inference.ResourceAllocationArgs(cpu=16, memory="128Gi", gpu=2, gpu_model="NVIDIA-H100-80GB-HBM3")
workload = inference.Workload(
    "chat",
    artifact_id=artifact.version_id,
    runtime=inference.RuntimeArgs(
        container_groups=[
            inference.GroupRuntimeArgs(
                replica_count=2,
                containers=[inference.ContainerOverrideArgs(name="vllm", resource_allocation=hardware)],
            )
        ]
    ),
    replacement=inference.ReplacementSettingsArgs(
        warmup=inference.WarmupArgs(
            path="/v1/completions",
            body=json.dumps(question),
            requests=50,
            concurrency=4,
            # Slower than this, and the old version keeps the traffic.
            max_p95_seconds=config.get_float("max_p95_seconds") or 8,
        ),
        keep_old_version_minutes=10,
    ),
    # The engine's own time-outs count: half an hour for load and warm-up, then the update fails and the old one serves.
    opts=pulumi.ResourceOptions.merge(
        placed, pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m"))
    ),
)

pulumi.export("endpoint", workload.endpoint)
pulumi.export("revision", workload.revision)
pulumi.export("serves", workload.active_artifact_id)
