"""A misspelt argument, and logins that are not let in, through the real CLI: one clear sentence each."""

from pathlib import Path

from tests.e2e.programs import artifact, server
from tests.e2e.stack import Stack
from tools.cluster import Cluster


def test_an_argument_that_does_not_exist_is_refused_by_the_program_itself(stack: Stack) -> None:
    stack.declare(artifact=artifact({**server(), "imagee": "x"}))
    preview = stack.preview()
    assert preview.code != 0
    assert preview.has("imagee", "image")


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
