"""Somebody else edits, scales and deletes what is ours, between updates and in the middle of one, on a real API server.

What is ours is put right by the next update, what is not ours is left alone, and nothing hangs.
"""

import asyncio

import pytest

from inference_provider.errors import NotFound
from inference_provider.manifests.kinds import (
    DEPLOYMENT,
    JOB,
    LEASE,
    POD,
    POD_DISRUPTION_BUDGET,
    SERVICE,
    Body,
    Kind,
)
from inference_provider.resources.doctor import Level, examine
from inference_provider.resources.preview import plan_line
from inference_provider.resources.workload import diff
from inference_provider.resources.world import Properties
from tests.live.programs import Inputs
from tests.live.scene import PODS, Scene, proving, retaining, starting, widening
from tests.live.stand import Stand
from tests.support.weather import Answer, Fault, Where
from tools.cluster import Cluster
from tools.cluster.client import ApiError

OURS = "pulumi-inference.dev"


async def annotated(scene: Scene, name: str, key: str, value: str | None) -> None:
    """Somebody edits an annotation of a Service."""
    path = f"/metadata/annotations/{OURS}~1{key}"
    change: Body = {"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value}
    await scene.fair.client.patch(SERVICE, scene.fair.namespace, name, [change])


async def selecting(scene: Scene, selector: Body) -> None:
    """Somebody edits whom the Workload's Service selects."""
    change = {"op": "replace", "path": "/spec/selector", "value": selector}
    await scene.fair.client.patch(SERVICE, scene.fair.namespace, "chat", [change])


async def deleted(scene: Scene, kind: Kind, name: str) -> None:
    """Somebody deletes an object."""
    assert await scene.fair.client.delete(kind, scene.fair.namespace, name)


async def selector_of(scene: Scene) -> Body:
    service = await scene.fair.client.get(SERVICE, scene.fair.namespace, "chat")
    return dict(service["spec"]["selector"])


@pytest.mark.parametrize(
    "edit",
    [
        {"remove": f"{OURS}/serves"},
        {"remove": f"{OURS}/even"},
        {"remove": f"{OURS}/serves", "also": {"app": "nobody"}},
        {"also": {"track": "canary"}},
        {"also": {f"{OURS}/odd": "7"}},
    ],
    ids=["every Workload", "both slots", "nobody", "one label more", "another slot"],
)
async def test_an_edited_selector_is_put_right(scene: Scene, edit: dict[str, object]) -> None:
    right = await selector_of(scene)
    also = edit.get("also", {})
    assert isinstance(also, dict)
    await selecting(scene, {key: value for key, value in right.items() if key != edit.get("remove")} | also)
    assert "the endpoint does not send to r1 alone" in await scene.noticed()
    outputs = await scene.fair.update(await scene.program("v1"))
    assert outputs["revision"] == "r1"
    assert await selector_of(scene) == right
    await scene.witness.until(PODS)


@pytest.mark.parametrize("moment", [starting, widening, retaining], ids=["long before", "at", "after"])
async def test_a_selector_edited_in_the_middle_is_put_right(scene: Scene, moment: Where) -> None:
    wanted = await scene.program("v2")
    scene.proxy.when(moment, lambda: selecting(scene, {"app": "nobody"}))
    await scene.attempt(wanted)
    await scene.settle(wanted, floor=0)


@pytest.mark.parametrize("count", [0, 3])
async def test_an_active_that_was_scaled_by_hand_gets_its_count_back(scene: Scene, count: int) -> None:
    await scene.fair.client.scale(DEPLOYMENT, scene.fair.namespace, "chat-r1", count)
    await scene.witness.until(count)
    said = f"{count} pods of default run, not {PODS}" if count else "r1 runs 0 pods"
    assert f"{said}: somebody scaled it" in await scene.noticed()
    await scene.settle(await scene.program("v1"), floor=min(count, PODS))


#: Who takes the candidate away in the milliseconds between our last look and our last patch leaves nobody to answer,
#: until the traffic is given back a moment later. No look can be newer than that.
IN_OUR_BACK = 0


@pytest.mark.parametrize("count", [0, 3])
async def test_an_active_that_is_scaled_in_the_middle(scene: Scene, count: int) -> None:
    wanted = await scene.program("v2")
    scene.proxy.when(widening, lambda: scene.fair.client.scale(DEPLOYMENT, scene.fair.namespace, "chat-r1", count))
    assert await scene.attempt(wanted) is None
    await scene.settle(wanted, floor=min(count, PODS))


@pytest.mark.parametrize("kind", [SERVICE, DEPLOYMENT], ids=["Service", "Deployment"])
@pytest.mark.parametrize("moment", [proving, widening], ids=["long before", "at"])
async def test_a_candidate_that_is_deleted_in_the_middle(scene: Scene, kind: Kind, moment: Where) -> None:
    wanted = await scene.program("v2", env={"SIM_LOAD_TIME": "500ms"})
    scene.proxy.when(moment, lambda: deleted(scene, kind, "chat-r2"))
    error = await scene.attempt(wanted, within=30)
    assert error is None or "r1 still serves" in str(error), error
    await scene.settle(wanted, floor=PODS if moment is proving else IN_OUR_BACK)


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("moment", [proving, widening], ids=["long before", "at"])
async def test_a_candidate_that_is_scaled_in_the_middle(scene: Scene, count: int, moment: Where) -> None:
    wanted = await scene.program("v2", env={"SIM_LOAD_TIME": "500ms"})
    scene.proxy.when(moment, lambda: scene.fair.client.scale(DEPLOYMENT, scene.fair.namespace, "chat-r2", count))
    error = await scene.attempt(wanted, within=30)
    assert error is None or "r1 still serves" in str(error), error
    await scene.settle(wanted, floor=PODS if count or moment is proving else IN_OUR_BACK)


async def test_an_active_whose_deployment_was_deleted_serves_again(scene: Scene) -> None:
    await deleted(scene, DEPLOYMENT, "chat-r1")
    await scene.witness.until(0)
    assert "its Deployment of default is gone" in await scene.noticed()
    await scene.settle(await scene.program("v1"), floor=0)


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_an_active_whose_own_service_was_deleted_is_made_anew(scene: Scene, version: str) -> None:
    await deleted(scene, SERVICE, "chat-r1")
    await scene.witness.until(0)
    assert "no version serves" in await scene.noticed()
    outputs = await scene.settle(await scene.program(version), floor=0)
    assert outputs["revision"] == "r2"


@pytest.mark.parametrize("moment", [proving, widening], ids=["long before", "at"])
async def test_an_active_whose_deployment_is_deleted_in_the_middle_is_replaced(scene: Scene, moment: Where) -> None:
    wanted = await scene.program("v2")
    scene.proxy.when(moment, lambda: deleted(scene, DEPLOYMENT, "chat-r1"))
    assert await scene.attempt(wanted, within=30) is None
    await scene.settle(wanted, floor=0)


async def test_a_workload_whose_service_was_deleted_is_said_to_be_gone_and_made_anew(scene: Scene) -> None:
    await deleted(scene, SERVICE, "chat")
    assert "its Service is not in this cluster" in await scene.noticed()
    with pytest.raises(NotFound, match=r"it is gone.*pulumi refresh"):
        await scene.fair.update(await scene.program("v1"))
    assert await scene.fair.read() is None
    outputs = await scene.fair.create(await scene.program("v1"))
    assert outputs["status"] == "running"
    await scene.settle(await scene.program("v1"), floor=0)


@pytest.mark.parametrize("moment", [starting, widening, retaining], ids=["long before", "at", "after"])
async def test_a_service_that_is_deleted_in_the_middle_is_said_to_be_gone(scene: Scene, moment: Where) -> None:
    wanted = await scene.program("v2")
    scene.proxy.when(moment, lambda: deleted(scene, SERVICE, "chat"))
    error = await scene.attempt(wanted, within=30)
    assert error is not None
    await scene.fair.create(wanted)
    await scene.settle(wanted, floor=0)


async def budgeted(scene: Scene) -> Body:
    """Somebody adds a PodDisruptionBudget that selects our pods."""
    chosen = {"matchLabels": {f"{OURS}/workload": "chat"}}
    budget = {
        "metadata": {"name": "theirs", "namespace": scene.fair.namespace},
        "spec": {"minAvailable": 1, "selector": chosen},
    }
    return await scene.fair.client.create(POD_DISRUPTION_BUDGET, budget)


async def foretold(stand: Stand, olds: Properties, wanted: Inputs) -> list[str]:
    """The lasting lines of a preview."""
    before = len(stand.lines.lasting)
    news = {**wanted, "namespace": stand.namespace}
    assert await plan_line(stand.world(), olds, news, diff(olds, news)) is not None
    return stand.lines.lasting[before:]


async def test_somebody_elses_disruption_budget_is_told_of_and_left_alone(
    scene: Scene, simulated_cluster: Cluster
) -> None:
    made = await budgeted(scene)
    said = f"PodDisruptionBudget {scene.fair.namespace}/theirs is not ours and selects pods of Workload"
    wanted = await scene.program("v2")
    (line,) = await foretold(scene.fair, scene.outputs, wanted)
    assert line.startswith(said)
    findings = await examine(scene.fair.client, scene.fair.namespace, version="v1.36")
    (told,) = [each for each in findings if each.subject == "budgets"]
    assert (told.level, told.said.startswith(said)) == (Level.WARNING, True)
    # What it warns of is so: with two budgets the API server evicts nobody.
    pod = (await scene.fair.objects(POD))[0]["metadata"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod["name"]}}
    path = f"/api/v1/namespaces/{scene.fair.namespace}/pods/{pod['name']}/eviction"
    with pytest.raises(ApiError, match="more than one PodDisruptionBudget"):
        await asyncio.to_thread(simulated_cluster.client().request, "POST", path, body=eviction)
    assert await scene.attempt(wanted) is None
    assert scene.ours.lines.lasting[-1].startswith(said)
    outputs = await scene.settle(wanted)
    await scene.fair.delete(outputs)
    left = await scene.fair.client.get(POD_DISRUPTION_BUDGET, scene.fair.namespace, "theirs")
    assert left["metadata"]["uid"] == made["metadata"]["uid"]


async def test_who_may_not_look_at_disruption_budgets_is_told_nothing(scene: Scene) -> None:
    await budgeted(scene)
    no_right = Fault(lambda call: call.path.endswith("/poddisruptionbudgets"), Answer(403), times=None)
    scene.proxy.faults.append(no_right)
    assert await foretold(scene.ours, scene.outputs, await scene.program("v2")) == []
    findings = await examine(scene.ours.client, scene.ours.namespace, version="v1.36")
    assert [each for each in findings if each.subject == "budgets"] == []


@pytest.mark.parametrize(
    ("name", "key", "value", "version"),
    [
        ("chat-r1", "slot", "6", "v1"),
        ("chat-r1", "slot", "6", "v2"),
        ("chat-r1", "slot", "rubbish", "v2"),
        ("chat-r1", "epoch", None, "v2"),
        ("chat-r1", "failed", "true", "v2"),
        ("chat", "epoch", None, "v1"),
        ("chat", "epoch", "rubbish", "v2"),
        ("chat", "active", None, "v1"),
        ("chat", "active", None, "v2"),
        ("chat", "active", "r9", "v2"),
        ("chat", "last-revision", None, "v2"),
        ("chat", "last-revision", "rubbish", "v2"),
        ("chat", "under-way", "rubbish", "v1"),
    ],
)
async def test_edited_annotations_cost_nobody_its_traffic(
    scene: Scene, name: str, key: str, value: str | None, version: str
) -> None:
    await annotated(scene, name, key, value)
    wanted = await scene.program(version)
    await scene.attempt(wanted, within=30)
    await scene.settle(wanted)


@pytest.mark.parametrize("label", ["revision", "template"])
async def test_edited_labels_of_the_version_that_serves_cost_nobody_its_traffic(scene: Scene, label: str) -> None:
    change = {"op": "add", "path": f"/metadata/labels/{OURS}~1{label}", "value": "rubbish"}
    await scene.fair.client.patch(SERVICE, scene.fair.namespace, "chat-r1", [change])
    wanted = await scene.program("v1")
    await scene.attempt(wanted, within=30)
    await scene.settle(wanted)


async def test_a_lease_that_is_deleted_in_the_middle_ends_the_run_in_a_sentence(scene: Scene) -> None:
    wanted = await scene.program("v2", env={"SIM_LOAD_TIME": "2s"})
    scene.proxy.when(proving, lambda: deleted(scene, LEASE, "chat"))
    error = await scene.attempt(wanted)
    assert "its Lease was deleted" in str(error)
    await scene.settle(wanted)


@pytest.mark.parametrize("moment", [widening, retaining], ids=["at", "after"])
async def test_a_tombstone_that_is_deleted_in_the_middle(scene: Scene, moment: Where) -> None:
    wanted = await scene.program("v2")
    scene.proxy.when(moment, lambda: deleted(scene, JOB, "chat-r1-keep"))
    await scene.attempt(wanted, within=30)
    await scene.settle(wanted)


async def test_a_tombstone_that_was_deleted_takes_the_kept_version_with_it(scene: Scene) -> None:
    wanted = await scene.program("v2")
    assert await scene.attempt(wanted) is None
    await deleted(scene, JOB, "chat-r1-keep")
    await scene.settle(wanted)
    outputs = await scene.settle(await scene.program("v1"))
    assert outputs["revision"] == "r3"
