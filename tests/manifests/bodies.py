"""The bodies that golden files and properties are about."""

from inference_provider.domain.autoscaling import Scaling
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.policy import MaxTokens
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.shared_roles import SharedRole
from inference_provider.domain.token_limits import TokenRule
from inference_provider.domain.warmup import Warmup
from inference_provider.manifests import artifact, labels
from inference_provider.manifests.anchor import Face, anchor
from inference_provider.manifests.autoscaler import autoscaler
from inference_provider.manifests.gateway import gateway_bodies
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.proton import Blueprint, deployment, disruption_budget, proton_service
from inference_provider.manifests.revision import revision_record
from inference_provider.manifests.roles import Named, binding_body, role_body
from inference_provider.manifests.tombstone import tombstone
from inference_provider.manifests.warmup import warmup_job
from tests.support.blueprints import DIGEST, blueprint, content, gpus, group, vllm

HIDDEN = "hunter2-should-never-be-seen"
OF_A_SECRET = {"secret": "artifact-llama-aaaaaaaaaaaa"}
TARGETS = {
    "cpuAverageUtilization": 70,
    "gpuCacheUtilization": 82.5,
    "gpuRequestQueueDepth": 4,
    "tokens_per_second": 0.5,
}
#: An owner of each kind, of a Workload that has had two revisions.
SHARED = Named("llama", 8080, ("default",), (1, 2))
OWNERS = (
    SharedRole(role="OWNER", share_recipient_type="user", name="ann@example.com"),
    SharedRole(role="OWNER", share_recipient_type="group", name="ml platform"),
    SharedRole(role="OWNER", share_recipient_type="serviceAccount", name="deploy", namespace="ci"),
)
PREFILL = {"name": "engine", "image": f"vllm/prefill{DIGEST}"}


def existing(body: Body, uid: str = "0000-uid") -> Body:
    """The object as the server gives it back."""
    return body | {"metadata": body["metadata"] | {"uid": uid}}


def the_anchor(face: Face | None = None) -> Body:
    """An anchor that exists."""
    return existing(anchor("models", "llama", face or Face(), slot=0), "anchor-uid")


def one_group() -> Blueprint:
    """The usual: one group, GPUs of one model, probes, a plain and a secret variable."""
    server = vllm(
        env=[
            {"name": "MODEL", "value": "meta/llama"},
            {"name": "HF_TOKEN", "secretRef": {"name": "hugging-face", "key": "token"}},
        ],
        args=["--tensor-parallel-size", "2"],
        livenessProbe={
            "path": "/alive",
            "port": 9000,
            "scheme": "HTTPS",
            "httpHeaders": {"X-Probe": "1"},
            "host": "me",
        },
        securityContext={"readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
    )
    runtime = gpus(2, model="NVIDIA-H100-80GB-HBM3")
    return blueprint(content(group(server)), runtime=runtime, priority="pulumi-inference-high", **OF_A_SECRET)


def two_groups() -> Blueprint:
    """Decode answers requests, prefill works for it."""
    held = content(group(vllm(), name="decode"), group(PREFILL, name="prefill"))
    allocation = {"gpu": 1, "gpuMemory": "80GB"}
    runtime = {
        "containerGroups": [
            {"name": "prefill", "containers": [{"name": "engine", "resourceAllocation": allocation}]},
        ]
    }
    return blueprint(held, runtime=runtime, drain_seconds=120, **OF_A_SECRET)


def nim() -> Blueprint:
    """A NIM with storage for its weights."""
    return blueprint(content(group(vllm()), storage={"pvcSize": "150Gi"}), runtime=gpus(8))


def proton_of(plan: Blueprint, *, revision: int = 3, slot: int = 2) -> dict[str, Body]:
    """Everything of one proton, by a short name."""
    service = proton_service(plan, the_anchor(Face(notes={labels.EPOCH: "4"})), revision=revision, slot=slot, port=80)
    owner = existing(service, "proton-uid")
    found = {"service": service}
    for each in plan.groups:
        name = each["name"]
        found[f"deployment-{name}"] = deployment(plan, each, owner, revision=revision, slot=slot, replicas=2)
        made = existing(found[f"deployment-{name}"])
        found[f"autoscaler-{name}"] = autoscaler(made, Scaling(1, 6, TARGETS))
        found[f"budget-{name}"] = disruption_budget(plan, each, owner, revision=revision)
    return found


def warm_up() -> Body:
    """The Job of a warm-up that posts a body, for a proton with one pod that was restarted once."""
    parts = proton_of(one_group())
    service = existing(parts["service"], "proton-uid")
    pod = {"metadata": {"name": "llama-r3-abc"}, "status": {"containerStatuses": [{"restartCount": 1}]}}
    asked = Warmup(path="/v1/completions", body='{"prompt": "$(HOME)"}', requests=20, timeout_seconds=30)
    settings = ReplacementSettings(warmup=asked, warmup_duration_minutes=2)
    return warmup_job(settings, asked, service, primary=parts["deployment-default"], pods=[pod], program="pass")


def artifact_of() -> dict[str, Body]:
    """Everything of one Artifact."""
    head = existing(artifact.head("models", "llama", notes={labels.URN: "urn:x"}), "head-uid")
    named = {"name": "llama", "content_hash": "aaaaaaaaaaaa"}
    return {
        "head": artifact.head("models", "llama", notes={labels.URN: "urn:x"}),
        "inline-head": artifact.head("models", "llama", notes={}, owner=the_anchor()),
        "content": artifact.content_map(head, content={"type": "service"}, images={"v": "v@sha256:1"}, **named),
        "secret": artifact.content_secret(head, values={"TOKEN": HIDDEN}, **named),
        "key": artifact.key_secret(head, name="llama", key="a2V5"),
    }


def led() -> dict[str, Body]:
    """All that leads from a gateway to a Workload that is limited by two policies, one of which only records."""
    route = GatewayRoute.model_validate(
        {
            "parentRefs": [{"name": "ai", "namespace": "gateways", "sectionName": "https"}],
            "hostnames": ["llama.example.com"],
        }
    )
    seed = MaxTokens(granularity="minute", input=10_000, output=5_000, total=15_000, ratio_input_over_output=2)
    rules = [TokenRule("models/budget", each) for each in seed.limits]
    rules += [TokenRule("models/tried", each, shadow=True) for each in MaxTokens(total=100, granularity="day").limits]
    bodies = gateway_bodies(the_anchor(Face(port=8080)), route, rules)
    return {f"gateway-{kind.name.lower()}": body for kind, body in bodies}


def everything() -> dict[str, Body]:
    """All bodies, by a short name."""
    facts = {"actor": "ann", "images": {"v": "v@sha256:1"}, "commit": None}
    record = revision_record(
        the_anchor(), workload="llama", revision=3, kind="replacement", template="tttttttttttt", facts=facts
    )
    return {
        "anchor": anchor("models", "llama", Face(port=8080, service_annotations={"mesh/x": "on"}), slot=0),
        "tombstone": tombstone(the_anchor(), workload="llama", revision=3, template="0123456789ab", seconds=300),
        "record": record,
        "shared-role": role_body("OWNER", SHARED, the_anchor()),
        "shared-binding": binding_body("OWNER", SHARED, the_anchor(), OWNERS),
        "warm-up": warm_up(),
        **led(),
        **{f"one-{name}": body for name, body in proton_of(one_group()).items()},
        **{f"two-{name}": body for name, body in proton_of(two_groups()).items()},
        **{f"nim-{name}": body for name, body in proton_of(nim()).items() if name.startswith("deployment")},
        **{f"artifact-{name}": body for name, body in artifact_of().items()},
    }
