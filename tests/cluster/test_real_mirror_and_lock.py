"""Mirror and lock on a real API server, and that the client is what converging asks for."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.lease import LeaseTimes
from inference_provider.cluster.session import connect
from inference_provider.cluster.watching import WatchTimes
from inference_provider.converge.ports import Cluster
from inference_provider.errors import LockHeld, LockLost
from inference_provider.manifests.kinds import LEASE, POD, SERVICE, Body

LABEL = "pulumi-inference.dev/workload"


@pytest.fixture
async def owner(client: Client, namespace: str) -> Body:
    spec = {"ports": [{"port": 80}]}
    body = {"metadata": {"name": "w", "namespace": namespace, "labels": {LABEL: "w"}}, "spec": spec}
    return await client.apply(SERVICE, body, manager="spec")


@pytest.fixture
async def deaf(kubeconfig: Path) -> AsyncIterator[Client]:
    """A client that takes a connection for lost on which nothing comes for a moment."""
    client = Client(await connect(kubeconfig=str(kubeconfig)), watch=WatchTimes(silence=0.2))
    yield client
    await client.close()


@pytest.fixture
async def hasty(kubeconfig: Path) -> AsyncIterator[Client]:
    """A client whose watches are ended by the server every second."""
    client = Client(await connect(kubeconfig=str(kubeconfig)), watch=WatchTimes(stream=1))
    yield client
    await client.close()


def service(namespace: str, name: str, workload: str | None) -> Body:
    labels = {LABEL: workload} if workload else {}
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}, "spec": {"ports": [{"port": 80}]}}


def test_the_client_is_what_converging_asks_for(client: Client) -> None:
    cluster: Cluster = client
    assert cluster is client


async def test_a_mirror_knows_what_was_there_and_sees_what_comes_and_goes(
    client: Client, namespace: str, owner: Body
) -> None:
    async with client.mirror(namespace, "w") as mirror:
        assert [body["metadata"]["uid"] for body in mirror.objects(SERVICE)] == [owner["metadata"]["uid"]]
        version = mirror.version
        await client.create(SERVICE, service(namespace, "nobodys", None))
        await client.create(SERVICE, service(namespace, "others", "other"))
        await client.create(SERVICE, service(namespace, "w-r1", "w"))
        version = await mirror.changed(version, within=5)
        assert [body["metadata"]["name"] for body in mirror.objects(SERVICE)] == ["w", "w-r1"]
        await client.delete(SERVICE, namespace, "w-r1")
        # EndpointSlices of the new Service may come and go in between.
        while len(mirror.objects(SERVICE)) > 1:
            before, version = version, await mirror.changed(version, within=5)
            assert version > before
        assert [body["metadata"]["name"] for body in mirror.objects(SERVICE)] == ["w"]


async def test_a_mirror_survives_that_the_server_ends_its_watches(hasty: Client, namespace: str) -> None:
    async with hasty.mirror(namespace, "w") as mirror:
        for number in range(3):
            version = mirror.version
            # Longer than the server lets a stream live.
            assert await mirror.changed(version, within=1.2) == version
            await hasty.create(POD, pod(namespace, f"p{number}"))
            assert await mirror.changed(version, within=5) > version
        assert len(mirror.objects(POD)) == 3


async def test_a_mirror_survives_that_nothing_comes_for_long(deaf: Client, namespace: str) -> None:
    async with deaf.mirror(namespace, "w") as mirror:
        for number in range(3):
            version = mirror.version
            # Longer than the client takes a silent connection for a living one.
            assert await mirror.changed(version, within=0.5) == version
            await deaf.create(POD, pod(namespace, f"p{number}"))
            assert await mirror.changed(version, within=10) > version


def pod(namespace: str, name: str) -> Body:
    # No node will take it: nothing but the test changes it.
    spec = {"containers": [{"name": "c", "image": "i"}], "schedulerName": "nobody"}
    return {"metadata": {"name": name, "namespace": namespace, "labels": {LABEL: "w"}}, "spec": spec}


async def test_the_watches_are_shared_and_end_with_the_last_user(client: Client, namespace: str) -> None:
    before = asyncio.all_tasks()
    async with client.mirror(namespace, "a"):
        alone = asyncio.all_tasks()
        async with client.mirror(namespace, "b"):
            assert asyncio.all_tasks() == alone
    assert asyncio.all_tasks() == before


async def test_the_second_of_two_locks_is_refused_naming_the_holder(
    client: Client, hasty: Client, namespace: str, owner: Body
) -> None:
    async with client.lock(namespace, "w", owner=owner, wait=0) as held:
        lease = await client.get(LEASE, namespace, "w")
        assert lease["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]
        assert "blockOwnerDeletion" not in lease["metadata"]["ownerReferences"][0]
        with pytest.raises(LockHeld) as caught:
            async with hasty.lock(namespace, "w", owner=owner, wait=0):
                pass
        assert held.holder in str(caught.value)
        held.check()
    async with hasty.lock(namespace, "w", owner=owner, wait=0) as second:
        assert second.epoch == held.epoch + 1


async def test_of_many_that_want_the_lock_at_once_one_gets_it(client: Client, namespace: str, owner: Body) -> None:
    done = asyncio.Event()

    async def want() -> bool:
        try:
            async with client.lock(namespace, "w", owner=owner, wait=0):
                await done.wait()
                return True
        except LockHeld:
            return False

    tasks = [asyncio.create_task(want()) for _ in range(8)]
    pending = set(tasks)
    while len(pending) > 1:
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED, timeout=5)
    done.set()
    assert sorted(await asyncio.gather(*tasks)) == [False] * 7 + [True]


async def test_an_expired_lock_is_taken_over_and_the_paused_holder_notices(
    kubeconfig: Path, namespace: str, owner: Body, client: Client
) -> None:
    # It renews every 20 minutes: for this test it is asleep. The other one's clock runs ahead.
    asleep = Client(await connect(kubeconfig=str(kubeconfig)), lease=LeaseTimes(duration=3600))
    ahead = LeaseTimes(duration=3600, poll=0.01, clock=lambda: float(next(ticks)))
    ticks = itertools.count(0, 1500)
    heir = Client(await connect(kubeconfig=str(kubeconfig)), lease=ahead)
    async with (
        asleep.lock(namespace, "w", owner=owner, wait=0) as paused,
        heir.lock(namespace, "w", owner=owner, wait=10_000) as second,
    ):
        assert second.epoch == paused.epoch + 1
        await paused.renew()
        with pytest.raises(LockLost, match=second.holder):
            paused.check()
    assert (await client.get(LEASE, namespace, "w"))["spec"]["holderIdentity"] == ""
    await asleep.close()
    await heir.close()


async def test_a_held_lock_is_renewed_in_the_background(kubeconfig: Path, namespace: str, owner: Body) -> None:
    # Renewed every two seconds by a process that may be asleep for a while: on a busy machine it is.
    client = Client(await connect(kubeconfig=str(kubeconfig)), lease=LeaseTimes(duration=6))
    async with client.lock(namespace, "w", owner=owner, wait=0) as lease, asyncio.timeout(30):
        spec = (await client.get(LEASE, namespace, "w"))["spec"]
        while spec["renewTime"] == spec["acquireTime"]:
            await asyncio.sleep(0.1)
            spec = (await client.get(LEASE, namespace, "w"))["spec"]
        assert spec["renewTime"] > spec["acquireTime"]
        lease.check()
    await client.close()
