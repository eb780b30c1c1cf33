"""What CI delivers: one model server, whose new versions wait until the pipeline lets them through."""

import pulumi

from inference_provider.dynamic import Artifact, ReplacementSettingsArgs, Workload

config = pulumi.Config()
model = config.require("model")

server = {
    "name": "vllm",
    "image": config.get("image") or "vllm/vllm-openai:v0.11.0",
    "args": ["--model", model, "--tensor-parallel-size", "2"],
    "primary": True,
    "port": 8000,
    "startup_probe": {"path": "/health", "initial_delay_seconds": 0, "period_seconds": 10, "failure_threshold": 120},
    "readiness_probe": {"path": "/health", "initial_delay_seconds": 0, "period_seconds": 2},
}
hardware = {"cpu": 16, "memory": "128Gi", "gpu": 2, "gpu_model": "NVIDIA-H100-80GB-HBM3"}

artifact = Artifact("chat", spec={"container_groups": [{"containers": [server]}]})
workload = Workload(
    "chat",
    artifact_id=artifact.version_id,
    runtime={
        "container_groups": [
            {"replica_count": 2, "containers": [{"name": "vllm", "resource_allocation": hardware}]},
        ]
    },
    replacement=ReplacementSettingsArgs(
        promotion=config.get("promotion") or "manual",
        # The number that the pipeline writes here once the checks have passed. No other version is ever let through.
        promote=config.get("promote") or None,
        # A release takes the place of an earlier one that still waits.
        on_conflict="supersede",
        # As long as this, taking a release back moves traffic to pods that still run.
        keep_old_version_minutes=30,
    ),
)


def serving(ids: list[str]) -> str | None:
    """The model that gets the traffic; while a version waits, that is the one which the pipeline found serving."""
    active, wanted = ids
    return model if active == wanted else config.get("serves")


pulumi.export("serves", pulumi.Output.all(workload.active_artifact_id, artifact.version_id).apply(serving))
pulumi.export("endpoint", workload.endpoint)
pulumi.export("revision", workload.revision)
pulumi.export("candidates", workload.candidate_proton_ids)
pulumi.export("rollout", workload.rollout)
