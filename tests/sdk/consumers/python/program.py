"""Can somebody write everything that our resources take, and read everything that they tell, in typed Python?

Twins in TypeScript and Go lie beside this; a test holds all three to the same inputs.
"""

import pulumi
import pulumi_inference as inference


def declare() -> None:
    """Every resource, with nested inputs as classes and as dicts, and words from lists as text and as enumerations."""
    cluster = inference.Provider("cluster", kubeconfig="/etc/kubeconfig", context="gpu", namespace="models")
    here = pulumi.ResourceOptions(provider=cluster)
    chat = _artifact(here)
    workload = _workload(chat, here)
    change = inference.Replacement(
        "chat",
        workload_id=workload.id,
        candidate_artifact_id=chat.version_id,
        promotion=inference.Promotion.MANUAL,
        traffic_switch="atomic",
        keep_old_version_minutes=2.5,
        runtime={"container_groups": [{"name": "server", "containers": [{"name": "vllm"}]}]},
        opts=pulumi.ResourceOptions(provider=cluster, depends_on=[workload]),
    )
    _inline(here)
    _ruled(here)
    _taken_over(here)
    seen = inference.Workload.get("seen", "models/seen", opts=here)
    _tell(chat, workload, change, seen)
    _question(chat, pulumi.InvokeOutputOptions(provider=cluster))


def _artifact(here: pulumi.ResourceOptions) -> inference.Artifact:
    probe = inference.ProbeArgs(path="/health", scheme=inference.ProbeScheme.HTTPS, period_seconds=5)
    server = inference.ContainerArgs(
        name="vllm",
        image="vllm/vllm-openai:v0.11.0",
        args=["--model", "Qwen/Qwen3-32B"],
        env=[
            inference.EnvVarArgs(name="LEVEL", value="info"),
            inference.EnvVarArgs(name="TOKEN", secret_ref=inference.SecretRefArgs(name="hub", key="token")),
        ],
        primary=True,
        port=8000,
        startup_probe=probe,
        readiness_probe=inference.ProbeArgs(path="/health", scheme="HTTP", http_headers={"X-Probe": "yes"}),
        security_context=inference.SecurityContextArgs(
            capabilities=inference.CapabilitiesArgs(drop=["ALL"]),
            seccomp_profile=inference.SeccompProfileArgs(type=inference.SeccompProfileType.RUNTIME_DEFAULT),
        ),
    )
    tokenizer = inference.ContainerArgs(name="tokenizer", image="models.example.com/tokenizer:1")
    return inference.Artifact(
        "chat",
        type=inference.ArtifactType.SERVICE,
        status="locked",
        pin_images=inference.PinImages.ALWAYS,
        spec=inference.ArtifactSpecArgs(
            container_groups=[
                inference.ContainerGroupArgs(name="server", containers=[server]),
                inference.ContainerGroupArgs(name="worker", containers=[tokenizer]),
            ]
        ),
        secret_env={"API_KEY": pulumi.Output.secret("hidden")},
        retain_versions=5,
        timeouts=inference.TimeoutsArgs(delete="5m"),
        opts=here,
    )


def _workload(chat: inference.Artifact, here: pulumi.ResourceOptions) -> inference.Workload:
    h100 = inference.ResourceBundleArgs(
        name="h100",
        cpu=16,
        memory="128Gi",
        gpu=2,
        gpu_model="NVIDIA-H100-80GB-HBM3",
        tolerations=[
            inference.TolerationArgs(
                key="gpu", operator=inference.TolerationOperator.EXISTS, effect=inference.TaintEffect.NO_SCHEDULE
            )
        ],
        price_per_hour=9.5,
    )
    queue = inference.AutoscalingPolicyArgs(scaling_metric="gpuRequestQueueDepth", target=4, min_count=1, max_count=6)
    return inference.Workload(
        "chat",
        artifact_id=chat.version_id,
        importance=inference.Importance.HIGH,
        environment="staging",
        tags={"team": "search"},
        runtime=inference.RuntimeArgs(
            container_groups=[
                inference.GroupRuntimeArgs(name="server", replica_count=2, resource_bundles=[h100]),
                inference.GroupRuntimeArgs(name="worker", autoscaling=inference.AutoscalingArgs(policies=[queue])),
            ]
        ),
        service={"type": inference.ServiceType.LOAD_BALANCER, "port": 8080, "annotations": {"example.com/zone": "a"}},
        replacement=inference.ReplacementSettingsArgs(
            driver="external",
            surge=inference.Surge.FALLBACK,
            on_failure="keep",
            drain_seconds=15,
            warmup=inference.WarmupArgs(path="/v1/models", requests=10, max_p95_seconds=2.5),
        ),
        timeouts={"create": "1h", "update": 5400},
        opts=here,
    )


def _inline(here: pulumi.ResourceOptions) -> None:
    inference.Workload(
        "embed",
        artifact={
            "type": "nim",
            "spec": {
                "container_groups": [
                    {"containers": [{"name": "nim", "image": "nvcr.io/nim/e5:1", "primary": True, "port": 8000}]}
                ],
                "storage": {"mode": inference.StorageMode.DEDICATED_PVC, "pvc_size": "50Gi"},
            },
        },
        opts=here,
    )


def _ruled(here: pulumi.ResourceOptions) -> None:
    inference.Policy(
        "places",
        type=inference.PolicyType.LOCATION,
        locations=[{"type": inference.PolicyLocationType.CONTINENT, "name": "eu"}],
        labels={"team.name": "a"},
        sandbox=True,
        opts=here,
    )
    inference.Policy(
        "hardware",
        type="flavor",
        flavors=[inference.PolicyFlavorArgs(type="gpu", name="h100")],
        resource_types=[inference.PolicyResourceType.MODEL],
        force_delete=True,
        opts=here,
    )
    inference.Workload(
        "ruled",
        artifact_id="models/old@0123456789ab",
        policies=[{"ref_type": inference.PolicyRefType.REMOTE_POLICY, "id": "rules/places"}],
        opts=here,
    )


def _taken_over(here: pulumi.ResourceOptions) -> None:
    known = pulumi.ResourceOptions(import_="models/old", protect=True, ignore_changes=["tags"])
    inference.Workload(
        "old",
        artifact_id="models/old@0123456789ab",
        running=False,
        opts=pulumi.ResourceOptions.merge(here, known),
    )


def _tell(
    chat: inference.Artifact, workload: inference.Workload, change: inference.Replacement, seen: inference.Workload
) -> None:
    pulumi.export("version", chat.version)
    pulumi.export("digest", chat.images.apply(lambda images: images.get("vllm/vllm-openai:v0.11.0")))
    pulumi.export("endpoint", workload.endpoint)
    pulumi.export("rollout", workload.rollout.apply(lambda rollout: rollout.status))
    pulumi.export("held", workload.held.apply(lambda held: held.reason if held else None))
    pulumi.export("staged", change.revision)
    pulumi.export("seen", seen.status)


def _question(chat: inference.Artifact, here: pulumi.InvokeOutputOptions) -> None:
    capacity = inference.get_capacity_output(gpu_model="NVIDIA-H100-80GB-HBM3", pods=2, gpus_per_pod=4, opts=here)
    listed = inference.list_workloads_output(search="cha", status=["running"], limit=10, opts=here)
    plan = inference.plan_replacement_output(
        name="chat", artifact_id=chat.version_id, replicas={"server": 3}, changes={"environment": "test"}, opts=here
    )
    pulumi.export("free", capacity.free)
    pulumi.export("names", listed.workloads.apply(lambda workloads: [each.name for each in workloads]))
    pulumi.export("verdict", plan.verdict)
