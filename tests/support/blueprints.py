"""Contents, blueprints and whole wishes for Workloads: small and valid, to be bent by the tests."""

from collections.abc import Mapping
from dataclasses import replace

from inference_provider.converge.wanted import Wanted
from inference_provider.domain.content import content_hash, content_of
from inference_provider.domain.faults import parse_artifact, parse_workload
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.rolling import template_hash
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.choices import choices_of
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.proton import Blueprint

DIGEST = "@sha256:" + "a" * 64
PROBE = {"path": "/health", "periodSeconds": 10, "failureThreshold": 30, "initialDelaySeconds": 0, "timeoutSeconds": 1}
READY = {"path": "/health", "periodSeconds": 5, "initialDelaySeconds": 0, "timeoutSeconds": 1}


def vllm(**more: object) -> dict[str, object]:
    """A primary container with a startup budget of 301 s."""
    return {
        "name": "vllm",
        "image": f"vllm/vllm-openai{DIGEST}",
        "primary": True,
        "port": 8000,
        "startupProbe": PROBE,
        "readinessProbe": READY,
        **more,
    }


def group(*containers: Mapping[str, object], **more: object) -> dict[str, object]:
    """A container group with these containers, or one server."""
    return {"containers": list(containers or [vllm()]), **more}


def content(*groups: Mapping[str, object], **more: object) -> Body:
    """The canonical content of an artifact with these groups, or one."""
    body = {"name": "llama", "spec": {"containerGroups": list(groups or [group()]), **more}}
    model = parse_artifact(body | ({"type": "nim"} if "storage" in more else {}))
    return content_of(model.type, model.spec, images={})


def blueprint(
    held: Body | None = None, *, runtime: Mapping[str, object] | None = None, workload: str = "llama", **more: object
) -> Blueprint:
    """A blueprint of a content, run as the runtime says."""
    held = held or content()
    model = parse_workload(
        {"name": workload, "artifactId": f"models/llama@{content_hash(held)}", "runtime": dict(runtime or {})}
    )
    names = [each["name"] for each in held["containerGroups"]]
    built = Blueprint(
        workload=workload,
        namespace="models",
        artifact="llama",
        content_hash=content_hash(held),
        content=held,
        template=template_hash(held, model.runtime),
        hardware={name: hardware_of(model.runtime.group(name)) for name in names},
        version=content_hash(held),
    )
    return built if not more else Blueprint(**(vars(built) | more))


def bundled(image: str, *bundles: Mapping[str, object], **given: object) -> Wanted:
    """A Workload whose server takes one of these bundles, twice; ``given`` are replacement settings."""
    plain = replace(wanted(image), settings=settings(**given))
    groups = [{"resourceBundles": list(bundles), "replicaCount": 2}]
    model = parse_workload(
        {"name": "llama", "artifactId": "models/llama@0123456789ab", "runtime": {"containerGroups": groups}}
    )
    made = choices_of(plain.blueprint, model.runtime)
    return replace(plain, blueprint=made[0], choices=made)


def settings(**given: object) -> ReplacementSettings:
    """Replacement settings."""
    return ReplacementSettings.model_validate(given)


def wanted(image: str = "v1", *, replicas: int = 2, groups: tuple[Body, ...] = (), **given: object) -> Wanted:
    """A Workload that runs this image with so many pods per group; ``given`` are replacement settings."""
    held = content(*groups) if groups else content(group(vllm(image=f"vllm/{image}{DIGEST}")))
    counts = {each["name"]: replicas for each in held["containerGroups"]}
    return Wanted(blueprint(held), Face(notes={}), counts, settings(**given), {"actor": "ann"})


def gpus(count: int, *, model: str | None = None) -> dict[str, object]:
    """A runtime that gives the server of the default group so many GPUs."""
    chosen = {"gpuModel": model} if model else {}
    allocation = {"gpu": count, "cpu": 4, "memory": "16Gi", **chosen}
    return {"containerGroups": [{"containers": [{"name": "vllm", "resourceAllocation": allocation}]}]}
