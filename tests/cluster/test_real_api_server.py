"""What only a real API server can tell: apply, conflicts, preconditions, rights, credentials."""

import asyncio
import base64
import importlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from inference_provider.cluster import requests
from inference_provider.cluster.client import Client
from inference_provider.cluster.requests import Request, Target
from inference_provider.cluster.session import connect
from inference_provider.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthorized,
    Unavailable,
)
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, SECRET, SERVICE, Body, Kind

SERVICE_ACCOUNT = Kind("ServiceAccount", "serviceaccounts")


def embedded(path: Path) -> dict[str, Any]:
    """The kubeconfig with the contents of its files instead of their paths."""
    config: dict[str, Any] = importlib.import_module("yaml").safe_load(path.read_text())
    for part in (config["clusters"][0]["cluster"], config["users"][0]["user"]):
        for key in ("certificate-authority", "client-certificate", "client-key"):
            if key in part:
                part[f"{key}-data"] = base64.b64encode(Path(part.pop(key)).read_bytes()).decode()
    return config


def with_user(kubeconfig: Path, user: dict[str, str]) -> str:
    config = embedded(kubeconfig)
    config["users"][0]["user"] = user
    return json.dumps(config)


def config_map(namespace: str, **data: str) -> Body:
    return {"metadata": {"name": "a", "namespace": namespace}, "data": data}


def deployment(namespace: str, image: str = "i") -> Body:
    pod = {"metadata": {"labels": {"app": "w"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    spec = {"selector": {"matchLabels": {"app": "w"}}, "template": pod}
    return {"metadata": {"name": "w", "namespace": namespace}, "spec": spec}


async def test_applying_twice_changes_nothing(client: Client, namespace: str) -> None:
    body = {"metadata": {"name": "w", "namespace": namespace}, "spec": {"ports": [{"port": 80}]}}
    first = await client.apply(SERVICE, body, manager="spec")
    second = await client.apply(SERVICE, body, manager="spec")
    assert first["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]


async def test_applying_without_replicas_keeps_the_count_that_scaling_set(client: Client, namespace: str) -> None:
    created = deployment(namespace)
    created["spec"]["replicas"] = 2
    await client.create(DEPLOYMENT, created)
    await client.apply(DEPLOYMENT, deployment(namespace), manager="spec")
    await client.scale(DEPLOYMENT, namespace, "w", 5)
    applied = await client.apply(DEPLOYMENT, deployment(namespace, image="j"), manager="spec")
    assert applied["spec"]["replicas"] == 5
    assert applied["spec"]["template"]["spec"]["containers"][0]["image"] == "j"


async def test_scaling_what_has_changed_since_is_a_conflict(client: Client, namespace: str) -> None:
    seen = (await client.create(DEPLOYMENT, deployment(namespace)))["metadata"]["resourceVersion"]
    stamp = [{"op": "add", "path": "/metadata/annotations", "value": {"by": "somebody"}}]
    stamped = await client.patch(DEPLOYMENT, namespace, "w", stamp)
    with pytest.raises(Conflict):
        await client.scale(DEPLOYMENT, namespace, "w", 0, resource_version=seen)
    assert (await client.get(DEPLOYMENT, namespace, "w"))["spec"]["replicas"] == stamped["spec"]["replicas"] == 1


async def test_applying_to_another_objects_uid_is_a_conflict(client: Client, namespace: str) -> None:
    body = config_map(namespace, a="1")
    body["metadata"]["uid"] = "11111111-2222-3333-4444-555555555555"
    with pytest.raises(Conflict):
        await client.apply(CONFIG_MAP, body, manager="spec")
    assert await client.find(CONFIG_MAP, namespace, "a") is None


async def test_a_misspelt_field_is_refused_and_not_dropped(client: Client, namespace: str) -> None:
    body = deployment(namespace)
    body["spec"]["replica"] = 2
    with pytest.raises(Invalid, match="replica"):
        await client.create(DEPLOYMENT, body)


async def test_a_taken_name_and_an_absent_object_are_told_apart(client: Client, namespace: str) -> None:
    await client.create(CONFIG_MAP, config_map(namespace))
    with pytest.raises(AlreadyExists):
        await client.create(CONFIG_MAP, config_map(namespace))
    with pytest.raises(NotFound, match=f"could not read ConfigMap {namespace}/b"):
        await client.get(CONFIG_MAP, namespace, "b")


@pytest.mark.parametrize(
    "test",
    [
        {"op": "test", "path": "/data/a", "value": "2"},
        {"op": "test", "path": "/data/absent", "value": "1"},
        {"op": "test", "path": "/metadata/annotations/absent", "value": "1"},
    ],
)
async def test_a_patch_whose_test_fails_is_a_conflict_and_changes_nothing(
    client: Client, namespace: str, test: dict[str, str]
) -> None:
    await client.create(CONFIG_MAP, config_map(namespace, a="1"))
    with pytest.raises(Conflict, match="test of the patch failed"):
        await client.patch(CONFIG_MAP, namespace, "a", [test, {"op": "replace", "path": "/data/a", "value": "3"}])
    assert (await client.get(CONFIG_MAP, namespace, "a"))["data"] == {"a": "1"}


async def test_a_patch_whose_test_holds_is_done(client: Client, namespace: str) -> None:
    created = await client.create(CONFIG_MAP, config_map(namespace, a="1"))
    operations = [
        {"op": "test", "path": "/metadata/uid", "value": created["metadata"]["uid"]},
        {"op": "replace", "path": "/data/a", "value": "3"},
    ]
    assert (await client.patch(CONFIG_MAP, namespace, "a", operations))["data"] == {"a": "3"}


async def test_replacing_what_has_changed_since_is_a_conflict(client: Client, namespace: str) -> None:
    seen = await client.create(CONFIG_MAP, config_map(namespace, a="1"))
    await client.apply(CONFIG_MAP, config_map(namespace, a="2"), manager="spec")
    with pytest.raises(Conflict):
        await client.replace(CONFIG_MAP, seen)


async def test_deleting_another_object_of_that_name_is_refused(client: Client, namespace: str) -> None:
    created = await client.create(CONFIG_MAP, config_map(namespace))
    with pytest.raises(Conflict):
        await client.delete(CONFIG_MAP, namespace, "a", uid="another")
    with pytest.raises(Conflict):
        await client.delete(CONFIG_MAP, namespace, "a", resource_version="1")
    assert await client.delete(CONFIG_MAP, namespace, "a", uid=created["metadata"]["uid"]) is True
    assert await client.delete(CONFIG_MAP, namespace, "a") is False


async def test_a_refused_secret_does_not_show_its_value(client: Client, namespace: str) -> None:
    secret = {"metadata": {"name": "s", "namespace": namespace}, "data": {"key": "hunter2 is not base64"}}
    with pytest.raises(Invalid) as caught:
        await client.create(SECRET, secret)
    assert "hunter2" not in str(caught.value)


async def test_fifty_requests_at_once_share_one_session(client: Client, namespace: str) -> None:
    bodies = [{"metadata": {"name": f"a{number}", "namespace": namespace}} for number in range(50)]
    await asyncio.gather(*(client.create(CONFIG_MAP, body) for body in bodies))
    found = await client.list(CONFIG_MAP, namespace, fields="metadata.name!=kube-root-ca.crt")
    assert len(found) == 50
    assert {body["kind"] for body in found} == {"ConfigMap"}


async def test_the_client_key_does_not_stay_in_the_temporary_folder(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client = Client(await connect(kubeconfig=json.dumps(embedded(kubeconfig))))
    assert sum(1 for _ in os.scandir(tmp_path)) == 0
    assert await client.whoami() != "unknown"
    await client.close()


async def test_the_default_is_what_kubectl_would_take(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    client = Client(await connect())
    assert client.server.startswith("https://127.0.0.1")
    await client.close()


async def test_a_limited_account_is_told_which_right_it_lacks(client: Client, kubeconfig: Path, namespace: str) -> None:
    await client.create(SERVICE_ACCOUNT, {"metadata": {"name": "ci", "namespace": namespace}})
    ask = Request(
        "POST",
        requests.path_of(SERVICE_ACCOUNT, namespace, "ci", "token"),
        Target("create", SERVICE_ACCOUNT, namespace, "ci"),
        headers={"content-type": "application/json"},
        content=json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}),
    )
    token = (await client._body(ask))["status"]["token"]
    limited = Client(await connect(kubeconfig=with_user(kubeconfig, {"token": token})))
    user = f"system:serviceaccount:{namespace}:ci"
    assert await limited.whoami() == user
    with pytest.raises(Forbidden) as caught:
        await limited.scale(DEPLOYMENT, namespace, "w", 1)
    assert user in str(caught.value)
    assert f"Grant this identity the right for it: patch deployments/scale in namespace {namespace}." in str(
        caught.value
    )
    assert token not in str(caught.value)
    with pytest.raises(Forbidden):
        async with limited.mirror(namespace, "w"):
            pass
    await limited.close()


async def test_a_wrong_token_is_refused_when_connecting(kubeconfig: Path) -> None:
    with pytest.raises(Unauthorized, match="log in to the cluster again") as caught:
        await connect(kubeconfig=with_user(kubeconfig, {"token": "no-such-token"}))
    assert "no-such-token" not in str(caught.value)


async def test_a_certificate_of_another_authority_is_not_trusted(kubeconfig: Path) -> None:
    config = embedded(kubeconfig)
    user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
    cluster["certificate-authority-data"] = user["client-certificate-data"]
    with pytest.raises(Unavailable, match="certificate-authority") as caught:
        await connect(kubeconfig=json.dumps(config))
    assert not caught.value.retry


async def test_a_server_that_is_not_there_is_named(kubeconfig: Path) -> None:
    config = embedded(kubeconfig)
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    with pytest.raises(Unavailable, match=r"no answer from https://127\.0\.0\.1:1 of context"):
        await connect(kubeconfig=json.dumps(config))


@pytest.mark.parametrize(
    ("kubeconfig_", "context", "sentence"),
    [
        ("/nowhere/config", None, "there is no kubeconfig file /nowhere/config"),
        ("a: [1\n", None, "not YAML"),
        ("{}", None, "the kubeconfig has no contexts"),
        ("contexts: []\nkind: Config", None, "the kubeconfig has no 'current-context'"),
    ],
)
async def test_a_useless_kubeconfig_is_explained(kubeconfig_: str, context: str | None, sentence: str) -> None:
    with pytest.raises(Unauthorized, match=sentence):
        await connect(kubeconfig=kubeconfig_, context=context)


async def test_a_context_that_does_not_exist_is_named(kubeconfig: Path) -> None:
    with pytest.raises(Unauthorized, match="No such context prod"):
        await connect(kubeconfig=str(kubeconfig), context="prod")
