"""What a preview says of policies, and that what then happens is the same."""

import pytest

from inference_provider.converge.look import look
from inference_provider.errors import InferenceError, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, NODE, POD
from inference_provider.resources import workload
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_words import remarks, warnings
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Plan, SurgeOutcome
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, H100, REGION, flavors, gpu_chat, made, node
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import FakeScheduler, gpu_node

A100 = "NVIDIA-A100-SXM4-80GB"


async def planned(outside: Outside, olds: Properties, news: Properties) -> Plan:
    """The plan of an update."""
    full = {**news, "namespace": "models"}
    return await plan_of(outside.world(), olds, full, workload.diff(olds, full))


async def serving(outside: Outside, **more: object) -> tuple[Properties, Properties]:
    """A Workload that serves on a node in Frankfurt, beside one in Virginia: its inputs and its outputs."""
    FakeScheduler(outside.cluster, outside.controllers)
    outside.cluster.put(NODE, gpu_node("frankfurt", H100, 2, **{REGION: "eu-central-1"}))
    outside.cluster.put(NODE, gpu_node("virginia", H100, 8, **{REGION: "us-east-1"}))
    inputs = await gpu_chat(outside, **more)
    return inputs, await outside.workload(inputs)


def nodes_of(outside: Outside, revision: str) -> set[str]:
    """Where a revision's pods are."""
    pods = [each for each in outside.cluster.all_of(POD) if each["metadata"]["name"].startswith(f"chat-{revision}")]
    return {str(each["spec"].get("nodeName")) for each in pods}


async def test_only_nodes_that_policies_allow_are_counted_and_taken(outside: Outside) -> None:
    inputs, out = await serving(outside)
    await made(outside, EU)
    news = {**inputs, "runtime": runtime(gpu=1.0, cpu=2.0)}

    plan = await planned(outside, out, news)

    assert plan.gpus is not None
    assert (plan.gpus.free, plan.gpus.missing) == (1, 0), "eight are free in Virginia"
    assert "Policy models/eu-only allows the new version on frankfurt" in remarks(plan)
    await outside.workload(news, out)
    assert nodes_of(outside, "r2") == {"frankfurt"}


async def test_room_in_a_forbidden_place_is_none(outside: Outside) -> None:
    inputs, out = await serving(outside, replacement={"surge": "require"})
    await made(outside, EU)
    news = {**inputs, "runtime": runtime(gpu=2.0)}

    plan = await planned(outside, out, news)

    assert plan.surge is not None
    assert (plan.surge.outcome, plan.refused) == (SurgeOutcome.REFUSED, True)
    with pytest.raises(InferenceError, match="where policies allow it"):
        await outside.workload(news, out)
    assert nodes_of(outside, "r1") == {"frankfurt"}


async def test_a_forbidden_bundle_is_passed_over_in_the_preview_and_by_the_update(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "eu-central-1", name="big")
    node(outside, "eu-central-1", name="small", model=A100)
    bundles = [{"name": "h100", "gpu": 1.0, "gpuModel": H100}, {"name": "a100", "gpu": 1.0, "gpuModel": A100}]
    group = {"resourceBundles": bundles}
    inputs = await gpu_chat(outside, runtime={"containerGroups": [group]})
    out = await outside.workload(inputs)
    assert out["resolvedBundles"] == {"default": "h100"}
    await made(outside, flavors("a100-80gb"))

    same = await outside.workload({**inputs, "displayName": "Chat"}, out)
    assert same["revision"] == "r1", "what runs is not moved to another bundle"
    newer = await outside.artifact({**_llama_v2()}, {"name": "llama"})
    news = {**inputs, "artifactId": newer["versionId"]}
    plan = await planned(outside, same, news)
    assert plan.groups is not None
    assert [each.bundle for each in plan.groups] == ["a100"]

    rolled = await outside.workload(news, same)
    assert rolled["resolvedBundles"] == {"default": "a100"}


def _llama_v2() -> Properties:
    container = {"name": "vllm", "image": "vllm/vllm:v2", "primary": True, "port": 8000.0}
    return {"name": "llama", "spec": {"containerGroups": [{"containers": [container]}]}}


async def test_a_preview_warns_of_what_runs_against_a_policy_whatever_else_it_says(outside: Outside) -> None:
    inputs, out = await serving(outside)
    await made(outside, {**EU, "locations": [{"type": "country", "name": "US"}]})
    news = {**inputs, "namespace": "models", "displayName": "Chat"}

    await plan_line(outside.world(), out, news, workload.diff(out, news))

    assert any("r1 of Workload models/chat is against Policy models/eu-only" in each for each in outside.heard.warnings)
    assert any("node frankfurt is in region eu-central-1, in DE" in each for each in outside.heard.warnings)
    fleet = await look(outside.cluster, "models", "chat")
    assert fleet is not None
    assert fleet.active is not None
    assert fleet.active.name == "r1"


async def test_a_plan_that_is_asked_for_without_check_says_what_check_would(outside: Outside) -> None:
    inputs, out = await serving(outside)
    await made(outside, {**EU, "locations": [{"type": "country", "name": "JP"}]})

    plan = await planned(outside, out, {**inputs, "runtime": runtime(gpu=2.0)})

    assert plan.refused
    assert any("would be refused: Policy eu-only allows no place where" in each for each in warnings(plan))


async def test_what_no_node_has_now_is_waited_for_and_said(outside: Outside) -> None:
    inputs, out = await serving(outside)
    await made(outside, flavors("l4"))

    plan = await planned(outside, out, {**inputs, "runtime": runtime(gpu=2.0)})

    assert not plan.refused, "a pool may scale from nothing"
    assert any("no node is as that and the pods want it now: they will wait" in each for each in remarks(plan))


async def test_policies_that_nobody_could_be_asked_for_are_told_and_not_taken_for_none(outside: Outside) -> None:
    inputs, out = await serving(outside)
    await made(outside, EU)
    down = Unavailable("list", kind="ConfigMap", namespace="models", name="", said="no answer from https://cluster")
    outside.cluster.faults.append(Fault("list", CONFIG_MAP, down))

    plan = await planned(outside, out, {**inputs, "runtime": runtime(gpu=2.0)})

    assert plan.places is None
    assert warnings(plan)[0] == (
        "which policies it is under, free GPUs and minutes are not known, nor where it may run, since the cluster "
        "could not be asked: could not list ConfigMap models/: no answer from https://cluster"
    )
    assert plan.gpus is not None
    assert plan.gpus.free is None, "nobody was asked again"
