"""Policies, nodes and Workloads as the tests of policies have them."""

from inference_provider.manifests.kinds import DEPLOYMENT, NODE, Body
from inference_provider.resources import policy, workload
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_scheduler import gpu_node

H100 = "NVIDIA-H100-80GB-HBM3"
REGION = "topology.kubernetes.io/region"
EU: Properties = {"name": "eu-only", "type": "location", "locations": [{"type": "continent", "name": "eu"}]}


def inside(country: str, **more: object) -> Properties:
    """A policy about one country."""
    return {**EU, "locations": [{"type": "country", "name": country}], **more}


def flavors(*names: str, **more: object) -> Properties:
    """A policy about GPUs."""
    return {"name": "gpus", "type": "flavor", "flavors": [{"type": "gpu", "name": each} for each in names], **more}


def node(outside: Outside, region: str | None, *, name: str = "gpu-1", model: str = H100) -> None:
    """A node with eight GPUs somewhere."""
    outside.cluster.put(NODE, gpu_node(name, model, 8, **({REGION: region} if region else {})))


async def made(outside: Outside, inputs: Properties) -> Properties:
    """A Policy that is there."""
    checked = await policy.check(outside.world(), {}, inputs)
    assert not checked.faults, checked.faults
    return (await policy.create(outside.world(), checked.inputs))[1]


async def refused(outside: Outside, inputs: Properties, olds: Properties | None = None) -> dict[str, str]:
    """What check refuses, by property."""
    checked = await workload.check(outside.world(), olds or {}, inputs)
    return {each.path: each.reason for each in checked.faults}


def affinity(outside: Outside, name: str) -> list[Body]:
    """The alternatives that a Deployment's pods name."""
    spec = outside.cluster.named(DEPLOYMENT, name)["spec"]["template"]["spec"]
    found = spec.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
    return list(found.get("nodeSelectorTerms", []))


async def gpu_chat(outside: Outside, **more: object) -> Properties:
    """The inputs of a Workload on one GPU."""
    version = (await outside.artifact(llama()))["versionId"]
    return chat(version, **{"runtime": runtime(gpu=1.0), **more})


def verdicts(outputs: Properties) -> list[Body]:
    """What policies are said to say."""
    found = outputs["policyVerdicts"]
    assert isinstance(found, list)
    return found


async def change(outside: Outside, inputs: Properties, **more: object) -> Properties:
    """Another Policy of the same name."""
    said = {"namespace": "models", **inputs, **more}
    return await policy.update(outside.world(), f"{said['namespace']}/eu-only", said, {})
