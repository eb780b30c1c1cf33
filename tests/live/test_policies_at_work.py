"""Policies of a program on a real API server: what the provider makes passes it, and what others make does not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from inference_provider.manifests.kinds import NODE, POD
from inference_provider.resources import policy
from inference_provider.resources import workload as workload_resource
from inference_provider.resources.rights import NEEDED
from inference_provider.resources.world import Properties
from tests.live.mallory import Mallory
from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.live.test_command_line import config, token_of_somebody_with, typed
from tools.cluster import Cluster

REGION = "topology.kubernetes.io/region"

pytestmark = pytest.mark.usefixtures("empty_nodes")

Declare = Callable[[Properties], Awaitable[None]]

EU: Properties = {"name": "eu", "type": "location", "locations": [{"type": "continent", "name": "eu"}]}
H100: Properties = {"name": "h100", "type": "flavor", "flavors": [{"type": "gpu", "name": "h100"}]}


@pytest_asyncio.fixture
async def declared(stand: Stand) -> AsyncIterator[Declare]:
    """Makes policies, and takes them away afterwards."""
    made: list[tuple[str, Properties]] = []

    async def declare(inputs: Properties) -> None:
        checked = await policy.check(stand.world(), {}, inputs)
        assert not checked.faults, checked.faults
        made.append(await policy.create(stand.world(), checked.inputs))

    yield declare
    for identifier, outputs in made:
        await policy.delete(stand.world(), identifier, {**outputs, "forceDelete": True})


async def test_a_workload_is_made_and_rolled_where_two_policies_hold_and_kubectl_makes_nothing_else(
    stand: Stand, mallory: Mallory, declared: Declare
) -> None:
    await declared(EU)
    await declared(H100)
    await stand.create(workload(await stand.version(artifact()), runtime()))
    outputs = await stand.update(workload(await stand.version(artifact(server("v2"))), runtime()))
    assert outputs["revision"] == "r2"
    pods = await stand.objects(POD, "pulumi-inference.dev/workload=chat")
    assert {pod["spec"]["nodeName"] for pod in pods} <= {"gpu-h100-1", "gpu-h100-2"}
    assert mallory.make(POD, "free").startswith(f"Policy {stand.namespace}/")
    assert [line for line in stand.lines.lasting if "kubectl" in line] == []


async def test_without_rights_on_the_cluster_previews_and_placement_hold_to_a_policy_and_the_output_says_so(
    stand: Stand, mallory: Mallory, simulated_cluster: Cluster, tmp_path: Path
) -> None:
    token = await asyncio.to_thread(token_of_somebody_with, simulated_cluster.client(), stand.namespace, NEEDED)
    client = Client(await connect(kubeconfig=str(config(simulated_cluster, tmp_path / "config", token=token))))
    poor = Stand(client, stand.namespace)
    try:
        identifier, outputs = await policy.create(poor.world(), (await policy.check(poor.world(), {}, H100)).inputs)
        [said] = [line for line in poor.lines.lasting if "kubectl" in line]
        assert said.startswith(f"Policy {stand.namespace}/h100 holds in previews and in placement, but who makes pods")
        assert "may not get, list, create, update, delete validatingadmissionpolicies.admissionregistration" in said

        version = await poor.version(artifact())
        refused = await workload_resource.check(poor.world(), {}, workload(version, runtime(gpu=0)))
        assert "add the flavor cpu" in refused.faults[0].reason
        await poor.create(workload(version, runtime()))
        [pod] = await stand.objects(POD, "pulumi-inference.dev/workload=chat")
        assert pod["spec"]["nodeName"].startswith("gpu-h100-")
        assert mallory.make(POD, "free") == "passed"  # as was said
        assert await policy.read(poor.world(), identifier, outputs) is not None
    finally:
        await client.close()


async def test_a_policy_that_comes_later_lets_what_runs_go_on_tells_of_it_and_is_obeyed_by_the_next_version(
    stand: Stand, declared: Declare, kubeconfig: Path
) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(gpu=0)))
    before = await stand.pod_uids("r1")
    (pod,) = await stand.objects(POD, "pulumi-inference.dev/revision=r1")
    nodes = {
        each["metadata"]["name"]: each["metadata"]["labels"][REGION] for each in await stand.client.list(NODE, None)
    }
    here = nodes[pod["spec"]["nodeName"]]
    there = next(each for each in ("eu-central-1", "us-east-1") if each != here)
    await declared({**EU, "name": "moved", "locations": [{"type": "location", "name": there}]})

    assert await stand.pod_uids("r1") == before
    said = typed("policy", "check", "-n", stand.namespace, kubeconfig=kubeconfig)
    assert said.returncode == 7, said.stderr
    assert said.stdout.startswith(f"{stand.namespace}/chat  r1  violated\n")
    assert f"node {pod['spec']['nodeName']} is in region {here}" in said.stdout

    outputs = await stand.update(workload(await stand.version(artifact(server("v2"))), runtime(gpu=0)))
    assert outputs["revision"] == "r2"
    pods = await stand.objects(POD, "pulumi-inference.dev/revision=r2")
    assert {nodes[each["spec"]["nodeName"]] for each in pods} == {there}
    again = typed("policy", "check", f"{stand.namespace}/chat", "--json", kubeconfig=kubeconfig)
    verdicts = {each["revision"]: (each["role"], each["verdict"]) for each in json.loads(again.stdout)}
    assert verdicts["r2"] == ("active", "allowed")
    assert verdicts.get("r1", ("retained", "violated")) == ("retained", "violated")


async def test_a_pod_from_before_a_policy_does_not_come_back_where_it_is_allowed_and_an_idle_variable_rolls_it_there(
    stand: Stand, declared: Declare
) -> None:
    outputs = await stand.create(workload(await stand.version(artifact()), runtime(gpu=0)))
    (pod,) = await stand.objects(POD, "pulumi-inference.dev/revision=r1")
    here = (await stand.client.get(NODE, None, pod["spec"]["nodeName"]))["metadata"]["labels"][REGION]
    await declared({**EU, "name": "home", "locations": [{"type": "location", "name": here}]})
    older = f"r1 of Workload {stand.namespace}/chat was made before what Policy {stand.namespace}/home says now"
    assert [line for line in stand.lines.lasting if line.startswith(older)]

    await stand.client.delete(POD, stand.namespace, pod["metadata"]["name"])
    lost = f"r1 of Workload {stand.namespace}/chat: 0 of 1 pods ready; Policy {stand.namespace}/home refuses its pods"
    async with asyncio.timeout(20):
        while not any(line.startswith(lost) for line in stand.lines.lasting):
            await asyncio.sleep(0.2)
            await workload_resource.found(stand.world(), f"{stand.namespace}/chat", outputs)

    rolled = artifact(server(env={"ROLLED": "1"}))
    assert (await stand.update(workload(await stand.version(rolled), runtime(gpu=0))))["revision"] == "r2"
    (pod,) = await stand.objects(POD, "pulumi-inference.dev/revision=r2")
    assert (await stand.client.get(NODE, None, pod["spec"]["nodeName"]))["metadata"]["labels"][REGION] == here
