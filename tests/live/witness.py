"""Somebody who looks at a Service's endpoints all the time, over a connection of its own, with none of our code."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tools.cluster import Cluster

Body = dict[str, Any]


class Witness:
    """``ready`` are the uids that get traffic now; ``fewest`` is how few there were since ``begin``."""

    def __init__(self, http: httpx.AsyncClient, namespace: str, service: str) -> None:
        self._http = http
        self._path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        self._chosen = {"labelSelector": f"kubernetes.io/service-name={service}"}
        self._slices: dict[str, Body] = {}
        self._changed = asyncio.Condition()
        self.fewest = 0

    @property
    def ready(self) -> set[str]:
        """The uids of the pods that take new connections."""
        endpoints = [each for part in self._slices.values() for each in part.get("endpoints") or []]
        return {each["targetRef"]["uid"] for each in endpoints if _takes_traffic(each["conditions"])}

    def begin(self) -> None:
        """From now on nobody may be lost."""
        self.fewest = len(self.ready)

    async def until(self, ready: int) -> None:
        """Wait until so many get traffic."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: len(self.ready) == ready), 30)

    async def look(self) -> str:
        """What is there now; returns the version to watch from."""
        listed = (await self._http.get(self._path, params=self._chosen)).raise_for_status().json()
        self._slices = {each["metadata"]["name"]: each for each in listed["items"]}
        return str(listed["metadata"]["resourceVersion"])

    async def follow(self, version: str) -> None:
        """Take every event as it comes; returns when the stream ends, which no test waits for."""
        params = self._chosen | {"watch": "1", "resourceVersion": version}
        async with self._http.stream("GET", self._path, params=params, timeout=None) as response:
            async for line in response.raise_for_status().aiter_lines():
                await self._take(json.loads(line))

    async def _take(self, event: Body) -> None:
        name = event["object"]["metadata"]["name"]
        if event["type"] == "DELETED":
            self._slices.pop(name, None)
        else:
            self._slices[name] = event["object"]
        self.fewest = min(self.fewest, len(self.ready))
        async with self._changed:
            self._changed.notify_all()


@contextlib.asynccontextmanager
async def witnessing(cluster: Cluster, namespace: str, service: str) -> AsyncIterator[Witness]:
    """A witness of one Service, as long as the block lasts."""
    pki = cluster.work / "pki"
    tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    async with httpx.AsyncClient(base_url=f"https://127.0.0.1:{cluster.ports().api}", verify=tls) as http:
        witness = Witness(http, namespace, service)
        following = asyncio.create_task(witness.follow(await witness.look()))
        try:
            yield witness
            assert not following.done(), "the witness looked away"
        finally:
            following.cancel()
            await asyncio.wait({following})


def _takes_traffic(conditions: Body) -> bool:
    return conditions.get("ready") is not False and conditions.get("terminating") is not True
