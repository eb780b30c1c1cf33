"""Where a command looks that was told no namespace: where kubectl would."""

import json
from pathlib import Path

import pytest
from kr8s.asyncio import Api

from inference_provider.cluster.login import login, namespace_of


def kubeconfig(path: Path) -> str:
    """Two contexts of one cluster; the current one has a namespace of its own, the others other ones or none."""
    used = {"cluster": "c", "user": "u"}
    contexts = {"here": {**used, "namespace": "models"}, "there": {**used, "namespace": "night"}, "bare": used}
    body = {
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": name, "context": context} for name, context in contexts.items()],
    }
    path.write_text(json.dumps(body))
    return str(path)


@pytest.mark.parametrize(
    ("context", "namespace"), [(None, "models"), ("here", "models"), ("there", "night"), ("bare", "default")]
)
async def test_it_is_that_of_the_context_that_is_used(tmp_path: Path, context: str | None, namespace: str) -> None:
    api = await login(kubeconfig=kubeconfig(tmp_path / "config"), context=context).open()

    assert namespace_of(api) == namespace


async def test_in_a_pod_it_is_the_pods_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    for name, text in (("token", "t"), ("ca.crt", ""), ("namespace", "night\n")):
        (tmp_path / name).write_text(text)
    api = Api(bypass_factory=True, serviceaccount=str(tmp_path))
    await api.auth

    assert namespace_of(api) == "night"
