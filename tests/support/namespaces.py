"""Namespaces of a simulated cluster, one per test."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tools.cluster.client import ApiClient, ApiError


@contextmanager
def fresh_namespace(client: ApiClient) -> Iterator[str]:
    """A namespace in which pods can be made; deleted, without waiting for that, at the end of the block."""
    name = f"test-{secrets.token_hex(4)}"
    client.request("POST", "/api/v1/namespaces", body={"metadata": {"name": name}})
    try:
        _wait_for_service_account(client, name)
        yield name
    finally:
        client.request("DELETE", f"/api/v1/namespaces/{name}")


def _wait_for_service_account(client: ApiClient, namespace: str) -> None:
    """Pods are refused until the controller manager has made the namespace's default service account."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            client.request("GET", f"/api/v1/namespaces/{namespace}/serviceaccounts/default")
        except ApiError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"namespace {namespace} got no default service account")
