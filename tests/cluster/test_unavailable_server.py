"""An API server that answers late, wrongly, or not at all."""

import asyncio
import json
from pathlib import Path

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.connections import AT_ONCE
from inference_provider.cluster.retry import ONCE, RetryPolicy
from inference_provider.cluster.session import connect
from inference_provider.errors import AlreadyExists, Conflict, Forbidden, Unauthorized, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from tests.cluster.scripted_server import Reply, ScriptedServer, status

QUICK = RetryPolicy(total=2.0, first=0.01, longest=0.02)
ITEM = "/api/v1/namespaces/n/configmaps/a"
ALL = "/api/v1/namespaces/n/configmaps"
BODY = {"metadata": {"name": "a", "namespace": "n"}}


async def client_of(server: ScriptedServer, retry: RetryPolicy = QUICK) -> Client:
    return Client(await connect(kubeconfig=server.kubeconfig()), retry=retry)


async def test_a_short_outage_is_waited_out(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {ITEM}"] = [
        status(503),
        Reply(status=0),
        status(429, retry_after="0"),
        Reply(body='{"a": 1}'),
    ]
    client = await client_of(scripted)
    assert await client.get(CONFIG_MAP, "n", "a") == {"a": 1}
    assert scripted.times_asked("GET", ITEM) == 4
    await client.close()


async def test_a_long_outage_is_reported_with_server_and_context(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {ITEM}"] = [Reply(status=0)]
    client = await client_of(scripted, RetryPolicy(total=0.05, first=0.01))
    with pytest.raises(Unavailable) as caught:
        await client.get(CONFIG_MAP, "n", "a")
    assert f"no answer from http://127.0.0.1:{scripted.port} of context scripted" in str(caught.value)
    assert str(caught.value).startswith("could not read ConfigMap n/a")
    await client.close()


async def test_a_creation_whose_answer_was_lost_meets_itself(scripted: ScriptedServer) -> None:
    scripted.replies[f"POST {ALL}"] = [Reply(status=0), status(409)]
    client = await client_of(scripted)
    with pytest.raises(AlreadyExists):
        await client.create(CONFIG_MAP, BODY)
    await client.close()


async def test_a_deletion_whose_answer_was_lost_finds_it_gone(scripted: ScriptedServer) -> None:
    scripted.replies[f"DELETE {ITEM}"] = [Reply(status=0), status(404)]
    client = await client_of(scripted)
    assert await client.delete(CONFIG_MAP, "n", "a") is False
    await client.close()


async def test_a_forbidden_request_is_sent_once_and_does_not_log_in_again(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {ITEM}"] = [status(403)]
    client = await client_of(scripted)
    with pytest.raises(Forbidden):
        await client.get(CONFIG_MAP, "n", "a")
    assert len(scripted.asked) == 2  # the introduction, and the request itself
    await client.close()


async def test_an_expired_token_is_read_anew_from_the_kubeconfig(scripted: ScriptedServer, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(scripted.kubeconfig("old"))
    client = Client(await connect(kubeconfig=str(file)), retry=ONCE)
    file.write_text(scripted.kubeconfig("new"))
    scripted.replies[f"GET {ITEM}"] = [status(401), Reply(body='{"a": 1}')]
    assert await client.get(CONFIG_MAP, "n", "a") == {"a": 1}
    assert [asked.token for asked in scripted.asked if asked.path == ITEM] == ["Bearer old", "Bearer new"]
    await client.close()


async def test_a_token_that_stays_expired_is_reported(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {ITEM}"] = [status(401, "Unauthorized")]
    client = await client_of(scripted)
    with pytest.raises(Unauthorized, match="log in to the cluster again"):
        await client.get(CONFIG_MAP, "n", "a")
    await client.close()


async def test_a_list_is_read_page_by_page(scripted: ScriptedServer) -> None:
    pages = [
        {"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "a"}}]},
        {"metadata": {}, "items": [{"metadata": {"name": "b"}}]},
    ]
    scripted.replies[f"GET {ALL}"] = [Reply(body=json.dumps(page)) for page in pages]
    client = await client_of(scripted)
    assert [item["metadata"]["name"] for item in await client.list(CONFIG_MAP, "n")] == ["a", "b"]
    await client.close()


async def test_two_kubeconfigs_in_one_process_do_not_get_mixed_up(scripted: ScriptedServer) -> None:
    async with ScriptedServer() as other:
        scripted.replies[f"GET {ITEM}"] = [Reply(body='{"from": "one"}')]
        other.replies[f"GET {ITEM}"] = [Reply(body='{"from": "two"}')]
        one, two = await client_of(scripted), await client_of(other)
        assert [(await client.get(CONFIG_MAP, "n", "a"))["from"] for client in (one, two)] == ["one", "two"]
        await one.close()
        assert (await two.get(CONFIG_MAP, "n", "a"))["from"] == "two"
        await two.close()


async def test_a_log_that_cannot_be_had_is_empty(scripted: ScriptedServer) -> None:
    scripted.replies["GET /api/v1/namespaces/n/pods/p/log"] = [status(500)]
    client = await client_of(scripted)
    assert await client.logs("n", "p", container="c", previous=False, lines=5) == ""
    await client.close()


def exec_kubeconfig(server: ScriptedServer, shell: str) -> str:
    config = json.loads(server.kubeconfig())
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "args": ["-c", shell]}
    config["users"][0]["user"] = {"exec": plugin}
    return json.dumps(config)


async def test_a_credential_plugin_is_run_and_run_again_when_its_token_expires(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    count = tmp_path / "runs"
    shell = f'echo x >> {count}; echo "{{\\"status\\": {{\\"token\\": \\"t$(wc -l < {count})\\"}}}}"'
    client = Client(await connect(kubeconfig=exec_kubeconfig(scripted, shell)), retry=ONCE)
    scripted.replies[f"GET {ITEM}"] = [status(401), Reply(body='{"a": 1}')]
    assert await client.get(CONFIG_MAP, "n", "a") == {"a": 1}
    assert [asked.token for asked in scripted.asked if asked.path == ITEM] == ["Bearer t1", "Bearer t2"]
    await client.close()


async def test_many_requests_with_an_expired_token_log_in_once(scripted: ScriptedServer, tmp_path: Path) -> None:
    count = tmp_path / "runs"
    shell = f'echo x >> {count}; echo "{{\\"status\\": {{\\"token\\": \\"t$(wc -l < {count})\\"}}}}"'
    client = Client(await connect(kubeconfig=exec_kubeconfig(scripted, shell)), retry=ONCE)
    scripted.expired = {"Bearer t1"}
    scripted.replies[f"GET {ITEM}"] = [Reply(body='{"a": 1}')]
    found = await asyncio.gather(*(client.get(CONFIG_MAP, "n", "a") for _ in range(AT_ONCE)))
    assert found == [{"a": 1}] * AT_ONCE
    assert len(count.read_text().split()) == 2
    await client.close()


async def test_a_credential_plugin_that_fails_is_quoted(scripted: ScriptedServer) -> None:
    with pytest.raises(Unauthorized, match="sso session has ended"):
        await connect(kubeconfig=exec_kubeconfig(scripted, "echo sso session has ended >&2; exit 1"))


async def test_an_answer_that_never_ends_is_given_up(scripted: ScriptedServer) -> None:
    scripted.replies[f"GET {ITEM}"] = [Reply(body="{", stays=True)]
    client = Client(await connect(kubeconfig=scripted.kubeconfig()), retry=ONCE, read=0.05)
    with pytest.raises(Unavailable, match="could not read ConfigMap n/a: no answer from"):
        await client.get(CONFIG_MAP, "n", "a")
    await client.close()


async def test_a_token_file_beside_the_kubeconfig_is_read_again_when_its_token_expires(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    config = json.loads(scripted.kubeconfig())
    config["users"][0]["user"] = {"tokenFile": "token_file"}
    file, token = tmp_path / "config", tmp_path / "token_file"
    file.write_text(json.dumps(config))
    token.write_text("old\n")
    client = Client(await connect(kubeconfig=str(file)), retry=ONCE)
    token.write_text("new\n")
    scripted.replies[f"GET {ITEM}"] = [status(401), Reply(body='{"a": 1}')]
    await client.get(CONFIG_MAP, "n", "a")
    assert [asked.token for asked in scripted.asked if asked.path == ITEM] == ["Bearer old", "Bearer new"]
    await client.close()


GONE: Body = {"op": "remove", "path": "/metadata/annotations/note"}


async def test_a_patch_whose_answer_was_lost_is_not_refused_by_its_own_effect(scripted: ScriptedServer) -> None:
    scripted.replies[f"PATCH {ITEM}"] = [Reply(status=0), status(422)]
    scripted.replies[f"GET {ITEM}"] = [Reply(body='{"metadata": {"name": "a"}}')]
    client = await client_of(scripted)
    assert await client.patch(CONFIG_MAP, "n", "a", [{"op": "test", "path": "/metadata/name", "value": "a"}, GONE])
    await client.close()


async def test_a_patch_that_was_refused_at_once_was_not_ours(scripted: ScriptedServer) -> None:
    scripted.replies[f"PATCH {ITEM}"] = [status(422)]
    client = await client_of(scripted)
    with pytest.raises(Conflict):
        await client.patch(CONFIG_MAP, "n", "a", [{"op": "test", "path": "/metadata/name", "value": "a"}, GONE])
    await client.close()


async def test_a_server_that_was_too_slow_for_itself_is_asked_again(scripted: ScriptedServer) -> None:
    busy = Reply(409, json.dumps({"kind": "Status", "reason": "Conflict", "message": "has been modified"}))
    scripted.replies[f"PATCH {ITEM}"] = [busy, Reply()]
    client = await client_of(scripted)
    assert await client.patch(CONFIG_MAP, "n", "a", [GONE]) == {}
    await client.close()


async def test_a_put_that_was_too_late_is_not_repeated(scripted: ScriptedServer) -> None:
    busy = Reply(409, json.dumps({"kind": "Status", "reason": "Conflict", "message": "has been modified"}))
    scripted.replies[f"PUT {ITEM}"] = [busy]
    client = await client_of(scripted)
    with pytest.raises(Conflict):
        await client.replace(CONFIG_MAP, BODY)
    assert scripted.times_asked("PUT", ITEM) == 1
    await client.close()
