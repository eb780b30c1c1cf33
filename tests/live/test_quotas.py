"""A namespace's quota of GPUs on a real API server: foretold, refused, waited for, and met by ending what is kept."""

import asyncio
import contextlib

import pytest

from inference_provider.errors import Forbidden, InferenceError, RolloutFailed
from inference_provider.manifests.kinds import DEPLOYMENT, LIMIT_RANGE, POD, RESOURCE_QUOTA, Body
from inference_provider.placement.quota import asks_of_pods, counts, shortages
from inference_provider.placement.unsaid import unsaid
from inference_provider.resources.plan import plan_of
from inference_provider.resources.workload import check, diff
from inference_provider.rollout.plan import Surge, SurgeOutcome
from tests.live.programs import Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand


async def limited(stand: Stand, **hard: str) -> Body:
    """The namespace gets a quota, which has counted what is there."""
    named = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "budget", "namespace": stand.namespace}}
    limits = {key.replace("__", "/"): value for key, value in hard.items()}
    quota: Body = named | {"spec": {"hard": limits}}
    await stand.client.create(RESOURCE_QUOTA, quota)
    for _ in range(500):
        found = await stand.client.get(RESOURCE_QUOTA, stand.namespace, "budget")
        if (found.get("status") or {}).get("used"):
            return found
    raise AssertionError("the quota is not counted")


GPUS = "requests.nvidia.com/gpu"


async def version(stand: Stand, name: str, *, replicas: int = 1, surge: str = "wait", keep: float = 5) -> Inputs:
    """The program with another version, whose pods want a GPU each."""
    made = await stand.version(artifact(server(name)))
    settings = {"keepOldVersionMinutes": keep, "drainSeconds": 1, "surge": surge}
    return workload(made, runtime(replicas), replacement=settings, timeouts={"update": "3s"})


async def foretold(stand: Stand, before: Inputs, news: Inputs) -> Surge | None:
    """What the plan of an update says of room; ``before`` is what the program said until now."""
    outputs = await stand.read()
    assert outputs is not None
    checked = await check(stand.world(), {}, news)
    known = {**(await check(stand.world(), {}, before)).inputs, **outputs}
    return (await plan_of(stand.world(), known, checked.inputs, diff(known, checked.inputs))).surge


def container(**amounts: str) -> Body:
    """One that runs anything, with these limits (and, as nothing else is said, requests)."""
    limits = {"nvidia.com/gpu" if key == "gpu" else key: value for key, value in amounts.items()}
    return {"name": f"c{len(amounts)}", "image": "example/any", "resources": {"limits": limits}}


#: What runs together and what runs before it: 3.5 cores, 3 GiB and a GPU in all.
SPEC: Body = {
    "containers": [container(cpu="1500m", memory="2Gi", gpu="1"), container(cpu="2", memory="1Gi")],
    "initContainers": [container(memory="3Gi", cpu="250m", gpu="1", **{"ephemeral-storage": "1G"})],
}
EXACTLY = {
    "cpu": "3500m",
    "requests.memory": "3Gi",
    "limits.memory": "3221225472",
    "limits.cpu": "3.5",
    GPUS: "1",
    "limits.ephemeral-storage": "1e9",
    "pods": "1",
    "count/pods": "1",
}
TOO_LITTLE = EXACTLY | dict.fromkeys(("cpu", "limits.cpu"), "3499m") | {"requests.memory": "3071Mi"}
TOO_LITTLE |= {"limits.memory": "3G", "limits.ephemeral-storage": "999M", GPUS: "0", "pods": "0", "count/pods": "0"}


async def admits(stand: Stand) -> bool:
    """Whether the API server would let such a pod in."""
    meta = {"name": "one", "namespace": stand.namespace}
    try:
        await stand.client.rehearse(POD, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": SPEC})
    except Forbidden as error:
        if "exceeded quota" not in error.said:
            raise
        return False
    return True


async def refuses_soon(stand: Stand) -> bool:
    """Whether it would not, once it knows of the newest quota, which takes it a moment."""
    for _ in range(200):
        if not await admits(stand):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_pod_is_counted_as_the_api_server_counts_it(stand: Stand) -> None:
    asks = [asks_of_pods(SPEC, 1)]
    quota = await limited(stand, **EXACTLY)
    assert (await admits(stand), shortages(asks, [quota])) == (True, [])
    assert {each.resource for each in counts(asks, [quota])} == set(EXACTLY)
    for resource, hard in TOO_LITTLE.items():
        await stand.client.delete(RESOURCE_QUOTA, stand.namespace, "budget")
        quota = await limited(stand, **{resource: hard})
        assert await refuses_soon(stand), resource
        assert [each.resource for each in shortages(asks, [quota])] == [resource]


async def test_what_has_to_be_said_of_a_container_is_what_the_api_server_wants_said(stand: Stand) -> None:
    resources = {str(each["name"]): each["resources"] for each in SPEC["containers"]}
    quota = await limited(stand, **{"requests.cpu": "9", "limits.memory": "9Gi", "limits.cpu": "9"})
    assert (await admits(stand), unsaid(resources, [quota], [])) == (True, [])
    silent: Body = {"name": "silent", "image": "example/any", "resources": {"requests": {"memory": "1Gi"}}}
    meta = {"name": "one", "namespace": stand.namespace}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [silent]}}
    with pytest.raises(Forbidden) as caught:
        await stand.client.rehearse(POD, pod)
    found = unsaid({"silent": silent["resources"]}, [quota], [])
    assert [each.split()[3] for each in found] == ["requests.cpu", "limits.cpu", "limits.memory"]
    assert all(f"{each.split()[3]} for: silent" in caught.value.said for each in found)
    item = {"type": "Container", "default": {"memory": "2Gi", "cpu": "1"}, "defaultRequest": {"memory": "1Gi"}}
    limits = {"apiVersion": "v1", "kind": "LimitRange", "metadata": meta, "spec": {"limits": [item]}}
    await stand.client.create(LIMIT_RANGE, limits)
    assert unsaid({"silent": silent["resources"]}, [quota], [limits]) == []
    for _ in range(200):  # it takes a moment until the API server knows of it
        with contextlib.suppress(Forbidden):
            return await stand.client.rehearse(POD, pod)
        await asyncio.sleep(0.05)
    raise AssertionError("a LimitRange is not heeded")


NONE_LEFT = "needs 1 GPU, and the namespace's quota budget leaves 0 of 1"


async def test_what_a_quota_has_no_room_for_is_foretold_and_then_happens(stand: Stand) -> None:
    first = await version(stand, "v1")
    await stand.create(first)
    await limited(stand, **{GPUS: "1"})
    waits, refused = await version(stand, "v2"), await version(stand, "v2", surge="require")
    assert await foretold(stand, first, waits) == Surge(SurgeOutcome.WAITS, f"it will wait for room: {NONE_LEFT}")
    said = await foretold(stand, first, refused)
    assert said is not None
    assert said.outcome is SurgeOutcome.REFUSED
    with pytest.raises(InferenceError, match=rf"no room for the new version beside r1.*It {NONE_LEFT}.*r1 serves"):
        await stand.update(refused)
    with pytest.raises(RolloutFailed, match=r"no room in the quota: .*exceeded quota: budget.*r1 still serves"):
        await stand.update(waits)
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]


async def test_what_is_kept_gives_its_place_in_the_quota(stand: Stand) -> None:
    await stand.create(await version(stand, "v1"))
    await limited(stand, **{GPUS: "2", "pods": "7"})
    second = await version(stand, "v2")
    await stand.update({**second, "timeouts": {"update": "60s"}})
    third = await version(stand, "v3")
    said = await foretold(stand, second, third)
    assert said is not None
    assert said.outcome is SurgeOutcome.ENDS_KEPT
    outputs = await stand.update({**third, "timeouts": {"update": "60s"}})
    assert outputs["revision"] == "r3"
    assert await stand.names(DEPLOYMENT) == ["chat-r2", "chat-r3"]


async def test_an_outage_makes_room_in_a_quota(stand: Stand) -> None:
    first = await version(stand, "v1", keep=0)
    await stand.create(first)
    await limited(stand, **{GPUS: "1"})
    second = await version(stand, "v2", surge="recreate", keep=0)
    said = await foretold(stand, first, second)
    assert said is not None
    assert said.outcome is SurgeOutcome.OUTAGE
    assert (await stand.update({**second, "timeouts": {"update": "60s"}}))["revision"] == "r2"
    assert len(await stand.objects(POD)) == 1


async def test_a_quota_of_pods_counts_for_those_without_gpus_too(stand: Stand) -> None:
    made = await stand.version(artifact())
    one = workload(made, runtime(1, gpu=0))
    await stand.create(one)
    await limited(stand, pods="1")
    more = workload(made, runtime(3, gpu=0))
    said = await foretold(stand, one, more)
    assert said is not None
    assert said.said == (
        "the pods that are added will wait for room: it needs 2 pods, and the namespace's quota budget leaves 0 of 1"
    )
