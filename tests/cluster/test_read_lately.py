"""A hundred Workloads read the same object at the same time: asked for once, and never older than our own change."""

import asyncio
import json

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.lately import LATELY_SECONDS, Lately
from inference_provider.cluster.retry import ONCE
from inference_provider.cluster.session import connect
from inference_provider.errors import Forbidden, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from tests.cluster.scripted_server import Reply, ScriptedServer, page
from tests.support.virtual_time import VirtualLoop

MAPS = "/api/v1/namespaces/ml/configmaps"
HEAD = f"{MAPS}/artifact-llama"


def _head(version: str) -> Reply:
    return Reply(body=json.dumps({"metadata": {"name": "artifact-llama", "resourceVersion": version}}))


def _map(name: str) -> Body:
    return {"metadata": {"name": name}}


async def _client(scripted: ScriptedServer) -> Client:
    return Client(await connect(kubeconfig=scripted.kubeconfig()), retry=ONCE)


async def test_what_many_ask_for_at_once_is_asked_of_the_server_once(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {HEAD}"] = [_head("1")]
    client = await _client(scripted)

    found = await asyncio.gather(*(client.known(CONFIG_MAP, "ml", "artifact-llama") for _ in range(100)))

    assert {each["metadata"]["resourceVersion"] for each in found if each} == {"1"}
    assert scripted.times_asked("GET", HEAD) == 1
    await client.close()


async def test_a_list_that_many_ask_for_at_once_is_sent_once_for_each_selector(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {MAPS}"] = [page(_map("a")), page(_map("b"))]
    client = await _client(scripted)

    every = await asyncio.gather(*(client.known_all(CONFIG_MAP, "ml") for _ in range(100)))
    some = await client.known_all(CONFIG_MAP, "ml", labels="app")

    assert {each["metadata"]["name"] for found in every for each in found} == {"a"}
    assert [each["metadata"]["name"] for each in some] == ["b"]
    assert scripted.times_asked("GET", MAPS) == 2
    await client.close()


async def test_what_we_have_changed_ourselves_is_read_again(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {HEAD}"] = [_head("1"), _head("2")]
    scripted.replies[f"PATCH {HEAD}"] = [_head("2")]
    client = await _client(scripted)
    await client.known(CONFIG_MAP, "ml", "artifact-llama")

    await client.patch(CONFIG_MAP, "ml", "artifact-llama", [{"op": "add", "path": "/data/current", "value": "x"}])
    found = await client.known(CONFIG_MAP, "ml", "artifact-llama")

    assert found is not None
    assert found["metadata"]["resourceVersion"] == "2"
    await client.close()


async def test_what_was_not_there_and_what_was_refused_is_asked_for_anew(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {HEAD}"] = [Reply(status=404), Reply(status=403), _head("1")]
    client = await _client(scripted)

    assert await client.known(CONFIG_MAP, "ml", "artifact-llama") is None
    with pytest.raises(Forbidden):
        await client.known(CONFIG_MAP, "ml", "artifact-llama")
    assert await client.known(CONFIG_MAP, "ml", "artifact-llama") is not None
    await client.close()


async def test_who_asked_first_and_gave_up_takes_nobodys_answer_away(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {HEAD}"] = [_head("1")]
    client = await _client(scripted)
    first = asyncio.create_task(client.known(CONFIG_MAP, "ml", "artifact-llama"))
    await asyncio.sleep(0)
    second = asyncio.create_task(client.known(CONFIG_MAP, "ml", "artifact-llama"))
    await asyncio.sleep(0)

    first.cancel()

    assert await second is not None
    assert scripted.times_asked("GET", HEAD) == 1
    await client.close()


async def test_a_list_that_nobody_may_see_is_asked_for_once_by_many_in_a_row(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {MAPS}"] = [Reply(403), page(_map("a"))]
    client = await _client(scripted)

    for _ in range(100):
        with pytest.raises(Forbidden):
            await client.known_all(CONFIG_MAP, "ml")

    assert scripted.times_asked("GET", MAPS) == 1
    await client.close()


def test_a_server_that_is_away_is_waited_for_once_and_asked_again_a_moment_later() -> None:
    asked: list[float] = []
    away = Unavailable("list", kind="Node", namespace=None, name="", said="no answer")

    async def patiently() -> Body:
        asked.append(asyncio.get_running_loop().time())
        await asyncio.sleep(75)
        raise away

    async def story() -> None:
        lately: Lately[Body] = Lately(failures=True)
        for _ in range(50):
            with pytest.raises(Unavailable):
                await lately.of("nodes", patiently)
        assert len(asked) == 1
        await asyncio.sleep(LATELY_SECONDS + 1)
        with pytest.raises(Unavailable):
            await lately.of("nodes", patiently)
        assert len(asked) == 2

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(story())
