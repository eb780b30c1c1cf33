"""How are the objects of one kind followed? Listed once, then watched, with nothing of the product in between."""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tools.cluster import Cluster

Body = dict[str, Any]
Told = Callable[[Mapping[str, Body]], None]

PODS = "/api/v1/namespaces/{}/pods"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices"

_AGAIN = 0.2
"""Seconds until a watch that broke is begun anew."""


def api_of(cluster: Cluster) -> httpx.AsyncClient:
    """Requests to the cluster's API server as its administrator; close it at the end. Raises ClusterError."""
    pki = cluster.work / "pki"
    tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    return httpx.AsyncClient(base_url=f"https://127.0.0.1:{cluster.ports().api}", verify=tls, timeout=10)


@dataclass(frozen=True)
class Watch:
    """The objects under a path with a label. ``told`` gets all of them, by uid, whenever one has changed."""

    api: httpx.AsyncClient
    path: str
    selector: str
    told: Told

    async def follow(self) -> None:
        """Go on until cancelled; whatever breaks is listed and watched anew."""
        while True:
            try:
                await self._once()
            except (httpx.HTTPError, _OutdatedError):
                await asyncio.sleep(_AGAIN)

    async def _once(self) -> None:
        chosen = {"labelSelector": self.selector}
        listed = (await self.api.get(self.path, params=chosen)).raise_for_status().json()
        known: dict[str, Body] = {each["metadata"]["uid"]: each for each in listed["items"]}
        self.told(known)
        params = chosen | {"watch": "1", "resourceVersion": listed["metadata"]["resourceVersion"]}
        async with self.api.stream("GET", self.path, params=params, timeout=None) as answer:
            async for line in answer.raise_for_status().aiter_lines():
                apply(json.loads(line), known)
                self.told(known)


class _OutdatedError(Exception):
    """The API server does not remember so far back."""


def apply(event: Body, known: dict[str, Body]) -> None:
    """Take an event of a watch into what is known."""
    body = event["object"]
    if event["type"] == "ERROR":
        raise _OutdatedError(str(body.get("message")))
    if event["type"] == "DELETED":
        known.pop(body["metadata"]["uid"], None)
    else:
        known[body["metadata"]["uid"]] = body
