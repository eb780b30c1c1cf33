"""Two hundred Workloads ask at once: over few connections, and over the same ones again and again."""

import asyncio
from contextlib import AsyncExitStack

from inference_provider.cluster import requests
from inference_provider.cluster.connections import AT_ONCE, RENEWALS_AT_ONCE, Assigning
from inference_provider.cluster.session import Session, connect
from inference_provider.manifests.kinds import LEASE, POD, SERVICE
from tests.cluster.scripted_server import Reply, ScriptedServer

PODS, CHAT = "/api/v1/namespaces/ml/pods", "/api/v1/namespaces/ml/services/chat"
READ = requests.get(SERVICE, "ml", "chat")


async def _connected(scripted: ScriptedServer) -> Session:
    scripted.replies[f"GET {CHAT}"] = [Reply()]
    return await connect(kubeconfig=scripted.kubeconfig())


async def test_a_burst_of_requests_takes_few_connections_and_the_next_burst_takes_the_same(
    scripted: ScriptedServer,
) -> None:
    session = await _connected(scripted)

    await asyncio.gather(*(session.send(READ) for _ in range(4 * AT_ONCE)))
    opened = scripted.connections
    await asyncio.gather(*(session.send(READ) for _ in range(4 * AT_ONCE)))

    assert scripted.times_asked("GET", CHAT) == 8 * AT_ONCE
    assert scripted.connections == opened <= AT_ONCE
    await session.close()


async def test_a_connection_that_the_server_has_closed_is_not_used_again(scripted: ScriptedServer) -> None:
    session = await _connected(scripted)
    await asyncio.gather(*(session.send(READ) for _ in range(AT_ONCE)))
    opened = scripted.connections

    await scripted.drop()
    answers = await asyncio.gather(*(session.send(READ) for _ in range(AT_ONCE)))

    assert {answer.status for answer in answers} == {200}
    assert scripted.connections > opened
    await session.close()


async def test_the_release_of_httpcore_that_is_installed_lets_connections_be_chosen_quickly(
    scripted: ScriptedServer,
) -> None:
    """Else every request would be as slow as httpcore makes it, and nobody would be told."""
    session = await _connected(scripted)

    pool = vars(vars(vars(vars(session)["_lanes"][0])["_session"])["_transport"])["_pool"]
    assert isinstance(vars(pool)["_assign_requests_to_connections"].__self__, Assigning)
    await session.close()


async def test_many_open_watches_do_not_cost_every_request_a_new_connection(scripted: ScriptedServer) -> None:
    session = await _connected(scripted)
    scripted.replies[f"WATCH {PODS}"] = [Reply(body="", stays=True)]
    watch = requests.watch(POD, "ml", labels="", version="1", seconds=60)

    async with AsyncExitStack() as stack:
        for _ in range(25):
            await stack.enter_async_context(session.stream(watch, silence=30))
        await session.send(READ)
        opened = scripted.connections
        for _ in range(10):
            await session.send(READ)

        assert scripted.connections == opened
    await session.close()


async def test_a_lock_is_renewed_while_all_other_requests_wait_for_their_answers(scripted: ScriptedServer) -> None:
    """Somebody's webhook holds every change up: the locks must not be lost over that."""
    session = await _connected(scripted)
    lease = requests.get(LEASE, "ml", "chat")
    scripted.replies[f"GET {lease.path}"] = [Reply()]
    scripted.replies[f"GET {CHAT}"] = [Reply(body="", stays=True)]  # an answer that does not come to its end

    waiting = [asyncio.create_task(session.send(READ)) for _ in range(2 * AT_ONCE)]
    await scripted.asked_for("GET", CHAT, AT_ONCE)
    renewals = [session.send(lease) for _ in range(2 * RENEWALS_AT_ONCE)]

    assert {answer.status for answer in await asyncio.gather(*renewals)} == {200}
    assert scripted.times_asked("GET", CHAT) == AT_ONCE
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await session.close()
