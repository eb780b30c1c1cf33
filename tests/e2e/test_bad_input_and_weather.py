"""Mistakes and bad weather through the real CLI: one clear sentence each, nothing changed, nothing lost."""

from pathlib import Path

import pytest

from tests.e2e.programs import Arguments, artifact, server, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster

TWO_PRIMARIES = artifact(server(), {**server("v2"), "name": "other", "port": 8001})
HALF_A_CORE = workload()
HALF_A_CORE["runtime"] = {
    "container_groups": [{"containers": [{"name": "vllm", "resource_allocation": {"memory": "lots"}}]}]
}
SCALED_TWICE = workload()
SCALED_TWICE["runtime"] = {"container_groups": [{"replica_count": 2, "autoscaling": {"enabled": True, "policies": []}}]}


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ({"artifact": artifact(server(port=80))}, ("containerGroups[0].containers[0].port", "must be between 1024")),
        ({"artifact": TWO_PRIMARIES}, ("containers[0].primary", "only one container in all may be primary")),
        ({"workload": HALF_A_CORE | {"artifact": artifact()}}, ("resourceAllocation.memory", "lots")),
        ({"workload": SCALED_TWICE | {"artifact": artifact()}}, ("replicaCount", "cannot be given together")),
        ({"workload": workload(artifact_id="models/llama")}, ("artifactId", "not one of its versions")),
        ({"workload": workload(name="chat-r2", artifact=artifact())}, ("name", "ends like a revision")),
        ({"workload": workload(serverless={}, artifact=artifact())}, ("serverless", "not yet supported")),
    ],
)
def test_a_mistake_is_named_with_its_property(
    stack: Stack, program: dict[str, Arguments], said: tuple[str, ...]
) -> None:
    stack.declare(**program)
    preview = stack.preview()
    assert preview.code != 0
    assert preview.has(*said), preview.text
    assert "Traceback" not in preview.text


def test_an_argument_that_does_not_exist_is_refused_by_the_program_itself(stack: Stack) -> None:
    stack.declare(artifact=artifact({**server(), "imagee": "x"}))
    preview = stack.preview()
    assert preview.code != 0
    assert preview.has("imagee", "image")


def test_a_namespace_that_is_not_there(stack: Stack) -> None:
    stack.declare(artifact=artifact(namespace="nowhere"))
    assert stack.up().has("Create namespace nowhere first")


def test_a_name_that_somebody_else_has(stack: Stack, simulated_cluster: Cluster) -> None:
    meta = {"name": "chat", "labels": {"app.kubernetes.io/managed-by": "Helm"}}
    path = f"/api/v1/namespaces/{stack.namespace}/services"
    made = simulated_cluster.client().request("POST", path, body={"metadata": meta, "spec": {"ports": [{"port": 80}]}})
    stack.declare(artifact=artifact(), workload=workload())
    assert stack.up().has("NameTaken", f"Service {stack.namespace}/chat exists already", "managed by Helm")
    left = simulated_cluster.client().request("GET", f"{path}/chat")
    assert left["metadata"]["uid"] == made["metadata"]["uid"]


def test_a_cluster_that_cannot_be_reached_keeps_the_state(stack: Stack, tmp_path: Path) -> None:
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    away = tmp_path / "away.yaml"
    text = stack.kubeconfig.read_text()
    away.write_text("\n".join(_unreachable(line) for line in text.splitlines()))
    reachable, stack.kubeconfig = stack.kubeconfig, away
    refresh = stack.run("refresh", "--yes")
    assert refresh.code != 0
    assert refresh.has("Unavailable", "127.0.0.1:1")
    assert "Traceback" not in refresh.text
    stack.kubeconfig = reachable
    assert stack.preview("--expect-no-changes").code == 0


def _unreachable(line: str) -> str:
    return "    server: https://127.0.0.1:1" if line.strip().startswith("server:") else line


def test_an_artifact_that_is_used_names_its_users(stack: Stack) -> None:
    stack.declare(artifact=artifact(timeouts={"delete": "1s"}), workload=workload())
    stack.must_up("--skip-preview")
    destroyed = stack.run("destroy", "--yes", "--target", _urn("Artifact", "llama"))
    assert destroyed.code != 0
    destroyed = stack.run("state", "delete", _urn("Workload", "chat"), "--yes")
    assert destroyed.code == 0, destroyed.text
    assert stack.destroy().has("InUse", "it is used by chat r1")


def _urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::pulumi-python:dynamic/inference:{kind}::{name}"


def test_an_expired_credential_and_a_forbidden_verb_are_named(
    stack: Stack, simulated_cluster: Cluster, tmp_path: Path
) -> None:
    client = simulated_cluster.client()
    accounts = f"/api/v1/namespaces/{stack.namespace}/serviceaccounts"
    client.request("POST", accounts, body={"metadata": {"name": "poor"}})
    token = client.request("POST", f"{accounts}/poor/token", body={"spec": {}})["status"]["token"]
    stack.declare(artifact=artifact())
    for given, said in ((token, ("Forbidden", "create")), ("not-a-token", ("Unauthorized",))):
        stack.kubeconfig = _kubeconfig_with(stack.kubeconfig, str(given), tmp_path / "poor.yaml")
        failed = stack.up("--skip-preview")
        assert failed.has(*said), failed.text
        assert "Traceback" not in failed.text


def _kubeconfig_with(kubeconfig: Path, token: str, target: Path) -> Path:
    """The same cluster, logged in with a token."""
    lines = kubeconfig.read_text().splitlines()
    server = next(line.strip() for line in lines if line.strip().startswith("server:"))
    target.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        f"clusters:\n- name: c\n  cluster:\n    {server}\n    insecure-skip-tls-verify: true\n"
        f"users:\n- name: c\n  user:\n    token: {token}\n"
        "contexts:\n- name: c\n  context:\n    cluster: c\n    user: c\n"
    )
    return target
