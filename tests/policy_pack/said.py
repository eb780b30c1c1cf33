"""What the pack says about resources as Pulumi shows them to it: inputs that check has been through."""

from collections.abc import Mapping
from typing import Any

from inference_policies.declared import Declared
from inference_policies.rules.catalogue import RULES
from inference_policies.subjects import Subject, subject

Inputs = dict[str, Any]
DIGEST = "@sha256:" + "b" * 64
VERSION = "models/llama@aaaaaaaaaaaa"
DYNAMIC = "pulumi-python:dynamic/inference:"
H100 = "NVIDIA-H100-80GB-HBM3"
#: Settings with which every rule has something to refuse.
EVERYTHING: dict[str, dict[str, object]] = {
    "allowed-locations": {"locations": [{"type": "continent", "name": "eu"}]},
    "allowed-flavors": {"flavors": ["h100", "cpu"]},
    "pinned-images": {"registries": ["docker.io"]},
    "required-tags": {"tags": ["team"], "values": {"team": ["a"]}},
    "workload-cost": {"ceiling": 1.0, "prices": {"h100": 2.0}},
}


def shown(kind: str, inputs: Mapping[str, object], *, family: str = "inference:index:") -> Subject:
    """One of ours, as the pack is shown it."""
    found = subject(f"{family}{kind}", inputs)
    assert found is not None
    return found


def artifact(*images: str, groups: tuple[str, ...] = ("default",), **more: object) -> Inputs:
    """An Artifact of `models/llama`; every group has a container for each image."""
    containers = [
        {"name": f"c{at}", "image": image, **({"primary": True, "port": 8000.0} if at == 0 else {})}
        for at, image in enumerate(images or (f"vllm/vllm-openai:v1{DIGEST}",))
    ]
    spec = {"containerGroups": [{"name": name, "containers": containers} for name in groups]}
    return {"name": "llama", "namespace": "models", "versionId": VERSION, "spec": spec, **more}


def workload(*groups: Inputs, **more: object) -> Inputs:
    """A Workload of `models/chat`."""
    runtime = {"runtime": {"containerGroups": list(groups)}} if groups else {}
    return {"name": "chat", "namespace": "models", "artifactId": VERSION, **runtime, **more}


def replacement(**more: object) -> Inputs:
    """A Replacement of `models/chat`."""
    return {"workloadId": "models/chat", "candidateArtifactId": VERSION, **more}


def policy(name: str = "eu-only", **more: object) -> Inputs:
    """A Policy of `models`."""
    return {"name": name, "namespace": "models", **more}


def about_places(name: str = "eu-only", *countries: str, **more: object) -> Inputs:
    """One that allows these countries."""
    places = [{"type": "country", "name": each} for each in countries or ("DE",)]
    return policy(name, **{"type": "location", "locations": places, **more})


def about_gpus(name: str = "gpus", *flavors: str, **more: object) -> Inputs:
    """One that allows these GPUs."""
    return policy(name, type="flavor", flavors=[{"type": "gpu", "name": each} for each in flavors or ("h100",)], **more)


def naming(*names: str, of: str = "models") -> Inputs:
    """What a Workload says that names these Policies."""
    local = [{"refType": "localPolicy", "name": each} for each in names]
    return {"policies": local if of == "models" else [{"refType": "remotePolicy", "id": f"{of}/{n}"} for n in names]}


def group(name: str = "default", *, gpu: int = 0, model: str | None = None, **more: object) -> Inputs:
    """How a group runs; its one container asks for these GPUs."""
    allocation = {"gpu": float(gpu), **({"gpuModel": model} if model else {})} if gpu else {"cpu": 1.0}
    return {"name": name, "containers": [{"name": "c0", "resourceAllocation": allocation}], **more}


def on_bundles(*bundles: Inputs, **more: object) -> Inputs:
    """A group that runs on one of these."""
    return {"name": "default", "resourceBundles": list(bundles), **more}


def violations(rule: str, last: Subject, *before: Subject, **settings: object) -> list[str]:
    """What one rule says of the last resource of a program."""
    declared = Declared()
    for each in (*before, last):
        declared.remember(each)
    (found,) = [each for each in RULES if each.name == rule]
    return list(found.violations(last, settings, declared))
