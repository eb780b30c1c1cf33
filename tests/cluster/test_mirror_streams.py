"""What can happen to a watch: ended, too old, cut off, refused."""

import asyncio
from typing import Any

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.retry import ONCE, RetryPolicy
from inference_provider.cluster.session import connect
from inference_provider.cluster.watching import WatchTimes
from inference_provider.errors import Forbidden
from inference_provider.manifests.kinds import MIRRORED, POD
from tests.cluster.scripted_server import Reply, ScriptedServer, events, page, status

PODS = "/api/v1/namespaces/n/pods"
QUIET = events(stays=True)
TIMES = WatchTimes(retry=RetryPolicy(first=0.01, longest=0.02))


def pod(name: str, version: int, workload: str = "w") -> dict[str, Any]:
    labels = {"pulumi-inference.dev/workload": workload}
    return {"metadata": {"name": name, "resourceVersion": str(version), "labels": labels}}


async def client_of(server: ScriptedServer, lists: list[Reply], watches: list[Reply]) -> Client:
    for kind in MIRRORED:
        group = f"/apis/{kind.api_version}" if "/" in kind.api_version else "/api/v1"
        server.replies[f"GET {group}/namespaces/n/{kind.plural}"] = [page()]
        server.replies[f"WATCH {group}/namespaces/n/{kind.plural}"] = [QUIET]
    server.replies[f"GET {PODS}"] = lists
    server.replies[f"WATCH {PODS}"] = watches
    return Client(await connect(kubeconfig=server.kubeconfig()), retry=ONCE, watch=TIMES)


async def names_after(client: Client, changes: int) -> list[str]:
    """The pods' names after so many changes."""
    async with client.mirror("n", "w") as mirror:
        while mirror.version < changes:
            before = mirror.version
            assert await mirror.changed(before, within=5) > before
        names = [body["metadata"]["name"] for body in mirror.objects(POD)]
    await client.close()
    return names


async def test_a_stream_that_ended_goes_on_from_the_last_version(scripted: ScriptedServer) -> None:
    bookmark = ("BOOKMARK", {"metadata": {"resourceVersion": "9"}})
    client = await client_of(
        scripted,
        [page(pod("a", 1), version="5")],
        [events(bookmark), events(("ADDED", pod("b", 10)), stays=True)],
    )
    assert await names_after(client, 2) == ["a", "b"]
    watched = [
        asked.params["resourceVersion"] for asked in scripted.asked if asked.method == "WATCH" and asked.path == PODS
    ]
    assert watched == ["5", "9"]
    assert scripted.times_asked("GET", PODS) == 1


async def test_a_version_that_is_too_old_is_listed_anew_and_what_vanished_is_dropped(scripted: ScriptedServer) -> None:
    gone = ("ERROR", {"kind": "Status", "code": 410, "message": "too old resource version", "reason": "Expired"})
    client = await client_of(scripted, [page(pod("a", 1)), page(pod("b", 7), version="8")], [events(gone), QUIET])
    assert await names_after(client, 3) == ["b"]


async def test_a_connection_cut_in_the_middle_of_an_event_is_followed_by_a_list(scripted: ScriptedServer) -> None:
    torn = Reply(body='{"type":"ADDED","obj', cut=True)
    client = await client_of(scripted, [page(), page(pod("b", 7), version="8")], [torn, QUIET])
    assert await names_after(client, 1) == ["b"]


async def test_line_ends_inside_of_a_string_do_not_split_an_event(scripted: ScriptedServer) -> None:
    odd = pod("a", 2)
    odd["metadata"]["annotations"] = {"message": "one\u0085two\u2028three"}
    client = await client_of(scripted, [page()], [events(("ADDED", odd), stays=True)])
    assert await names_after(client, 1) == ["a"]


async def test_an_object_that_changes_its_workload_leaves_the_old_one(scripted: ScriptedServer) -> None:
    moved = ("MODIFIED", pod("a", 2, workload="other"))
    client = await client_of(scripted, [page(pod("a", 1))], [events(moved, stays=True)])
    assert await names_after(client, 2) == []


async def test_only_the_workload_that_changed_wakes_up(scripted: ScriptedServer) -> None:
    client = await client_of(scripted, [page()], [events(("ADDED", pod("a", 2)), stays=True)])
    async with client.mirror("n", "other") as other, client.mirror("n", "w") as mirror:
        assert await mirror.changed(0, within=5) == 1
        assert await other.changed(0, within=0) == 0
    assert scripted.times_asked("WATCH", PODS) == 1
    await client.close()


async def test_a_watch_that_becomes_forbidden_tells_those_who_wait_and_those_who_come(scripted: ScriptedServer) -> None:
    client = await client_of(scripted, [page()], [status(403, "pods is forbidden")])
    async with client.mirror("n", "w") as mirror:
        with pytest.raises(Forbidden, match="watch pods in namespace n"):
            await mirror.changed(0, within=5)
        with pytest.raises(Forbidden):
            await mirror.changed(0, within=5)
    scripted.replies[f"WATCH {PODS}"] = [QUIET]
    async with client.mirror("n", "w") as mirror:
        assert await mirror.changed(0, within=0) == 0
    await client.close()


async def test_a_list_that_is_forbidden_refuses_the_mirror_and_the_next_user_tries_anew(
    scripted: ScriptedServer,
) -> None:
    client = await client_of(scripted, [status(403, "no"), page(pod("a", 1))], [QUIET])
    with pytest.raises(Forbidden):
        async with client.mirror("n", "w"):
            pass
    assert await names_after(client, 1) == ["a"]


async def test_more_watches_than_one_session_can_carry_do_not_block_requests(scripted: ScriptedServer) -> None:
    client = await client_of(scripted, [page()], [QUIET])
    for kind in MIRRORED:
        group = f"/apis/{kind.api_version}" if "/" in kind.api_version else "/api/v1"
        for number in range(25):
            scripted.replies[f"GET {group}/namespaces/n{number}/{kind.plural}"] = [page()]
            scripted.replies[f"WATCH {group}/namespaces/n{number}/{kind.plural}"] = [QUIET]

    async def use(number: int, ready: asyncio.Barrier, done: asyncio.Event) -> None:
        async with client.mirror(f"n{number}", "w"):
            await ready.wait()
            await done.wait()

    ready, done = asyncio.Barrier(26), asyncio.Event()
    users = [asyncio.create_task(use(number, ready, done)) for number in range(25)]
    await asyncio.wait_for(ready.wait(), 60)
    await asyncio.wait_for(scripted.watched(125), 60)
    assert await asyncio.wait_for(client.list(POD, "n"), 60) == []
    done.set()
    await asyncio.gather(*users)
    await client.close()


async def test_who_owns_which_field_is_not_kept_but_when_it_was_written_is(scripted: ScriptedServer) -> None:
    written: dict[str, Any] = {"manager": "kubectl", "time": "2026-11-21T00:00:00Z", "fieldsV1": {"f:spec": {}}}
    listed, added = pod("a", 1), pod("b", 10)
    for body in (listed, added):
        body["metadata"]["managedFields"] = [written]
    client = await client_of(scripted, [page(listed, version="5")], [events(("ADDED", added), stays=True)])

    async with client.mirror("n", "w") as mirror:
        while mirror.version < 2:
            await mirror.changed(mirror.version, within=5)
        kept = [body["metadata"]["managedFields"] for body in mirror.objects(POD)]

    assert kept == [[{"manager": "kubectl", "time": "2026-11-21T00:00:00Z"}]] * 2
    await client.close()
