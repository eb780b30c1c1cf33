"""Namespace, quota and download token by pulumi-kubernetes; beside them a model server that lives on them."""

import pulumi
import pulumi_inference as inference
import pulumi_kubernetes as kubernetes

config = pulumi.Config()
model = config.get("model") or "meta-llama/Llama-3.1-8B-Instruct"

namespace = kubernetes.core.v1.Namespace(
    "models", metadata={"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}
)
name = namespace.metadata.name

# Two pods of one GPU each, twice: while a version is replaced, both of them run.
quota = kubernetes.core.v1.ResourceQuota(
    "gpus", metadata={"namespace": name}, spec={"hard": {"requests.nvidia.com/gpu": "4"}}
)

# pulumi-kubernetes gives each content of a Secret a name of its own. So another token is another name in the
# container's environment, and that is a new version: it rolls, and pods never wait for a token that changed under them.
token = kubernetes.core.v1.Secret(
    "hugging-face", metadata={"namespace": name}, string_data={"token": config.require_secret("token")}
)

server = inference.ContainerArgs(
    name="vllm",
    image=config.get("image") or "vllm/vllm-openai:v0.11.0",
    args=["--model", model],
    env=[
        inference.EnvVarArgs(name="HF_TOKEN", secret_ref=inference.SecretRefArgs(name=token.metadata.name, key="token"))
    ],
    primary=True,
    port=8000,
    startup_probe=inference.ProbeArgs(path="/health", initial_delay_seconds=0, period_seconds=10, failure_threshold=60),
    readiness_probe=inference.ProbeArgs(path="/health", initial_delay_seconds=0, period_seconds=2),
)
artifact = inference.Artifact(
    "llama",
    namespace=name,
    spec=inference.ArtifactSpecArgs(container_groups=[inference.ContainerGroupArgs(containers=[server])]),
)
workload = inference.Workload(
    "llama",
    namespace=name,
    artifact_id=artifact.version_id,
    runtime=inference.RuntimeArgs(
        container_groups=[
            inference.GroupRuntimeArgs(
                replica_count=2,
                containers=[
                    inference.ContainerOverrideArgs(
                        name="vllm", resource_allocation=inference.ResourceAllocationArgs(cpu=8, memory="48Gi", gpu=1)
                    )
                ],
            )
        ]
    ),
    opts=pulumi.ResourceOptions(depends_on=[quota]),
)

pulumi.export("namespace", name)
pulumi.export("endpoint", workload.endpoint)
