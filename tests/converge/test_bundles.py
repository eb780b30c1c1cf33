"""Which hardware a version gets when there are several kinds: decided once, kept for as long as it lives."""

import asyncio
import json

import pytest

from inference_provider.converge import orders
from inference_provider.converge.orders import Order
from inference_provider.converge.wanted import Wanted
from inference_provider.errors import Forbidden, InferenceError, RolloutFailed
from inference_provider.manifests.bundle import bundles_of, hourly_cost
from inference_provider.manifests.kinds import DEPLOYMENT, NODE, POD, RESOURCE_QUOTA, SERVICE, Body
from inference_provider.rollout.fleet import Fleet
from tests.converge.full_cluster import cluster_of, killed_when, served
from tests.converge.stage import Stage
from tests.support.blueprints import bundled
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import MODEL, batch_pod, gpu_node

H100 = {"name": "h100", "gpu": 2, "gpuModel": MODEL, "pricePerHour": 8.0}
L4 = {"name": "l4", "gpu": 2, "gpuModel": "L4"}
A100 = {"name": "a100", "gpu": 2, "gpuModel": "A100", "pricePerHour": 3.5, "env": {"TP": "2"}}


def two_kinds(stage: Stage, h100: int, a100: int) -> None:
    """One node of each kind, with so many GPUs."""
    cluster_of(stage, h100)
    stage.cluster.put(NODE, gpu_node("other-1", "A100", a100))


def falling_back(image: str, *bundles: dict[str, object], **given: object) -> Wanted:
    """Either kind will do, the H100s first."""
    return bundled(image, *(bundles or (H100, A100)), **{"surge": "fallback", **given})


def taken(fleet: Fleet) -> tuple[str, str]:
    """Who serves, and on which bundle."""
    assert fleet.active is not None
    return served(fleet)[0], bundles_of(fleet.active.service)["default"]


def pods_on(stage: Stage) -> dict[str, int]:
    """How many pods with GPUs are on each node."""
    nodes = [str(pod["spec"].get("nodeName")) for pod in stage.cluster.all_of(POD)]
    return {node: nodes.count(node) for node in sorted(set(nodes))}


async def test_a_first_version_takes_the_first_bundle_that_has_room(stage: Stage) -> None:
    two_kinds(stage, 2, 4)

    fleet = await stage.create(bundled("v1", H100, A100))

    assert (taken(fleet), pods_on(stage)) == (("r1", "a100"), {"other-1": 2})
    (said,) = stage.heard.infos
    assert said == (
        f"the new version of Workload models/llama takes bundle a100: h100 needs 4 × {MODEL} (2 pods × 2): "
        "2 free on gpu-1; 2 missing"
    )
    assert fleet.active is not None
    assert hourly_cost(fleet.active.service, fleet.active.replicas()) == 7.0
    assert json.loads(stage.record(1)["data"]["bundles"]) == {"default": {"name": "a100", "pricePerHour": 3.5}}


async def test_a_bundle_that_a_quota_forbids_is_passed_over(stage: Stage) -> None:
    two_kinds(stage, 8, 8)
    meta, hard = {"name": "cores", "namespace": "models"}, {"requests.cpu": "10"}
    await stage.cluster.create(RESOURCE_QUOTA, {"metadata": meta, "spec": {"hard": hard}})

    fleet = await stage.create(bundled("v1", H100 | {"cpu": 8}, A100 | {"cpu": 4}))

    assert (taken(fleet), pods_on(stage)) == (("r1", "a100"), {"other-1": 2})
    (said,) = stage.heard.infos
    assert said == (
        "the new version of Workload models/llama takes bundle a100: h100 needs 16 of requests.cpu, and the "
        "namespace's quota cores leaves 10 of 10"
    )


async def test_a_quota_decides_though_nobody_may_look_at_nodes(stage: Stage) -> None:
    two_kinds(stage, 8, 8)
    stage.cluster.faults.append(Fault("list", NODE, Forbidden("list", kind="Node", namespace=None, name="*")))
    meta, hard = {"name": "cores", "namespace": "models"}, {"limits.memory": "64Gi"}
    await stage.cluster.create(RESOURCE_QUOTA, {"metadata": meta, "spec": {"hard": hard}})
    fleet = await stage.create(bundled("v1", H100 | {"memory": "48Gi"}, A100 | {"memory": "32Gi"}))
    assert taken(fleet) == ("r1", "a100")


async def test_the_pods_are_told_of_their_hardware(stage: Stage) -> None:
    two_kinds(stage, 2, 4)
    await stage.create(bundled("v1", H100, A100 | {"nodeSelector": {}, "cpu": 4}))

    spec: Body = stage.cluster.named(DEPLOYMENT, "llama-r1")["spec"]["template"]["spec"]

    assert spec["containers"][0]["env"][0] == {"name": "TP", "value": "2"}
    assert spec["containers"][0]["resources"]["limits"] == {"cpu": "4", "nvidia.com/gpu": "2"}


async def test_an_update_falls_back_and_the_next_one_comes_back_to_the_better_hardware(stage: Stage) -> None:
    two_kinds(stage, 4, 4)
    assert taken(await stage.create(falling_back("v1"))) == ("r1", "h100")

    assert taken(await stage.update(falling_back("v2"))) == ("r2", "a100")
    assert taken(await stage.update(falling_back("v3"))) == ("r3", "h100")


@pytest.mark.parametrize("surge", ["wait", "require"])
async def test_only_a_fallback_allows_an_update_another_bundle_than_the_first(stage: Stage, surge: str) -> None:
    two_kinds(stage, 6, 4)
    await stage.create(falling_back("v1"))

    with pytest.raises(InferenceError, match=rf"needs . × {MODEL}") as caught:
        await stage.update(bundled("v2", H100, A100, surge=surge, surgeWaitMinutes=1))

    assert ("There was no room for 1 min" in str(caught.value)) == (surge == "wait")
    assert taken(await stage.fleet()) == ("r1", "h100")


async def test_a_fallback_waits_for_the_first_bundle_when_none_has_room(stage: Stage) -> None:
    two_kinds(stage, 4, 2)
    await stage.create(falling_back("v1"))

    with pytest.raises(RolloutFailed, match=r"There was no room for 5 min, .* r1 still serves; .* was removed"):
        await stage.update(falling_back("v2", surgeWaitMinutes=5))

    (said,) = stage.heard.infos
    assert said == (
        "the new version of Workload models/llama waits for bundle h100, as none has room: "
        f"h100 needs 4 × {MODEL} (2 pods × 2): none free on 1 node; 4 missing; "
        "a100 needs 4 × A100 (2 pods × 2): 2 free on other-1; 2 missing"
    )
    assert f"r2 waits for GPUs: needs 4 × {MODEL} (2 pods × 2): none free on 1 node; 4 missing" in stage.heard.statuses


async def test_a_kept_version_gives_way_before_a_lesser_bundle_is_taken(stage: Stage) -> None:
    two_kinds(stage, 8, 4)
    await stage.create(falling_back("v1"))
    await stage.update(falling_back("v2", keepOldVersionMinutes=60))

    assert taken(await stage.update(falling_back("v3", keepOldVersionMinutes=60))) == ("r3", "h100")
    assert stage.pods(1) == []


async def test_what_serves_stays_whatever_becomes_of_the_other_bundles(stage: Stage) -> None:
    two_kinds(stage, 2, 8)
    await stage.create(falling_back("v1"))
    before = stage.pods(1)

    for listed in [(A100, H100), (A100,), (H100 | {"gpu": 4}, A100), (L4, A100)]:
        assert taken(await stage.update(falling_back("v1", *listed))) == ("r1", "a100")
    assert stage.pods(1) == before


async def test_another_name_or_price_is_noted_in_place(stage: Stage) -> None:
    two_kinds(stage, 2, 8)
    await stage.create(falling_back("v1"))

    fleet = await stage.update(falling_back("v1", H100, A100 | {"name": "ampere", "pricePerHour": 1}))

    assert taken(fleet) == ("r1", "ampere")
    assert fleet.active is not None
    assert hourly_cost(fleet.active.service, fleet.active.replicas()) == 2.0


async def test_a_change_of_the_bundle_that_pods_run_on_rolls(stage: Stage) -> None:
    two_kinds(stage, 2, 8)
    await stage.create(falling_back("v1"))

    assert taken(await stage.update(falling_back("v1", H100, A100 | {"memory": "8Gi"}))) == ("r2", "a100")


async def test_an_interrupted_update_is_carried_on_with_the_bundle_that_it_has_begun_with(stage: Stage) -> None:
    two_kinds(stage, 4, 4)
    stage.cluster.put(POD, batch_pod("train", gpus=4))
    await stage.create(falling_back("v1"))
    stage.cluster.put(NODE, gpu_node("other-2", "A100", 4))
    await killed_when(stage, falling_back("v2"), lambda: "llama-r2" in stage.names(DEPLOYMENT))
    await stage.cluster.delete(POD, "batch", "train")

    assert taken(await stage.update(falling_back("v2"))) == ("r2", "a100")


async def test_going_back_brings_back_the_kept_pods_on_whatever_bundle_they_are(stage: Stage) -> None:
    two_kinds(stage, 4, 8)
    await stage.create(falling_back("v1"))
    assert taken(await stage.update(falling_back("v2", keepOldVersionMinutes=60))) == ("r2", "a100")
    before = stage.pods(2)
    await stage.update(falling_back("v1", keepOldVersionMinutes=60))

    assert taken(await stage.update(falling_back("v2", keepOldVersionMinutes=60))) == ("r2", "a100")
    assert stage.pods(2) == before


async def test_what_was_taken_back_is_withheld_on_every_bundle(stage: Stage) -> None:
    two_kinds(stage, 4, 4)
    await stage.create(falling_back("v1"))
    await stage.update(falling_back("v2", keepOldVersionMinutes=60))
    await orders.undo(Order(stage.cluster, "models", "llama", "ann", "latency", 600, stage.heard))

    for listed in [(H100, A100), (A100, H100), (H100, A100, L4)]:
        assert taken(await stage.update(falling_back("v2", *listed))) == ("r1", "h100")
    assert "ann took r2 back" in stage.heard.warnings[-1]


async def test_a_hold_that_is_lifted_lets_the_version_come_on_whatever_has_room_by_then(stage: Stage) -> None:
    two_kinds(stage, 4, 4)
    await stage.create(falling_back("v1"))
    await stage.update(falling_back("v2", keepOldVersionMinutes=60))
    await orders.undo(Order(stage.cluster, "models", "llama", "ann", "latency", 600, stage.heard))
    await stage.cluster.delete(SERVICE, "models", "llama-r2")  # or its kept pods would come back
    stage.cluster.put(NODE, gpu_node("gpu-2", MODEL, 4))

    assert taken(await stage.update(falling_back("v2", resume="r2"))) == ("r4", "h100")


async def test_what_waits_for_promotion_is_no_third_version_on_its_lesser_bundle(stage: Stage) -> None:
    two_kinds(stage, 4, 4)
    await stage.create(falling_back("v1"))
    await stage.update(falling_back("v2", promotion="manual"))

    fleet = await stage.update(falling_back("v2", promotion="manual", promote="r2"))

    assert taken(fleet) == ("r2", "a100")


async def test_who_may_not_count_gpus_gets_the_first_bundle(stage: Stage) -> None:
    two_kinds(stage, 8, 8)
    await stage.create(falling_back("v1"))
    refusal = Forbidden("list", kind="Node", namespace=None, name="", said="no right")
    stage.cluster.faults += [Fault("list", NODE, refusal) for _ in range(30)]

    assert taken(await stage.update(falling_back("v2"))) == ("r2", "h100")
    assert stage.heard.infos == ["nobody may count free GPUs: the new version takes bundle h100"]


async def test_a_version_that_is_stopped_keeps_its_bundle(stage: Stage) -> None:
    two_kinds(stage, 2, 4)
    await stage.create(falling_back("v1"))
    order = Order(stage.cluster, "models", "llama", "ann", "", 600, stage.heard)
    await orders.halt(order)
    await asyncio.sleep(60)

    assert taken(await stage.update(falling_back("v1"))) == ("r1", "a100")
    assert taken(await orders.restart(order)) == ("r1", "a100")
