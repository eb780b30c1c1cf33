"""The composition root: one event loop for all calls, one client per cluster, one registry, joined to the resources."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.domain.policy import PolicyInputs
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import InferenceError
from inference_provider.integrations.registry import Registry
from inference_provider.resources.world import World
from inference_provider.seam.configuration import Settings
from inference_provider.seam.facts import Facts, checked_out, facts_of
from inference_provider.seam.overview import Overview

T = TypeVar("T")
#: How long cancelled work may take to give its locks back (seconds): a little more than a Lease needs. The engine
#: ends us fifteen seconds after a Ctrl-C, and what was left behind is still to be said then.
ABANDON_SECONDS = 5.5


class Wiring:
    """Everything that lives as long as the provider process. Made once.

    ``run`` and ``abandon`` are for other threads than the loop's, ``begin`` is for work that is on the loop already.
    """

    def __init__(self, settings: Settings, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """``loop``: the one that all calls come on, and that runs. Default: one of its own, in a thread."""
        self.settings = settings
        self._loop = loop or asyncio.new_event_loop()
        self._client: Client | None = None
        self._connecting: asyncio.Lock | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._abandoned = False
        self._overview = Overview(self._connect)
        self._declared: dict[str, PolicyInputs] = {}
        self._driven: dict[str, WorkloadInputs] = {}
        self._run: str | None = None
        self._registry = Registry.from_environment(said=settings.registries)
        self._folder = Path.cwd()
        if loop is None:
            threading.Thread(target=self._loop.run_forever, name="pulumi-inference", daemon=True).start()

    @property
    def connected(self) -> bool:
        """Whether anything was ever asked of the cluster."""
        return self._client is not None

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run on the background loop and wait, so that four gRPC threads can wait for a hundred Workloads."""

        async def known() -> T:
            return await self.begin(work)

        return asyncio.run_coroutine_threadsafe(known(), self._loop).result()

    def begin(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        """The work as a task, for a caller who is on the loop. Cancelled by ``abandon``."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if self._abandoned:
            task.cancel()
        return task

    def abandon(self) -> None:
        """Cancel everything that runs and all that is still to come; return when it has ended, or after a while.

        Cancelled work changes nothing more, but gives its locks back.
        """
        ended = asyncio.run_coroutine_threadsafe(self.abandoning(), self._loop)
        with contextlib.suppress(TimeoutError):
            ended.result(ABANDON_SECONDS)

    async def abandoning(self) -> None:
        """The same for whoever is on the loop, and waits there no longer than it can."""
        self._abandoned = True
        running = set(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def begins(self, run: str | None) -> None:
        """A run asks for the first time, or once more. What the program of another one declared is forgotten."""
        if run != self._run:
            self._declared.clear()
            self._driven.clear()
        self._run = run

    def world(self, *, report: Reporter, urn: str, previewing: bool = False) -> World:
        """The world of one call."""
        return World(
            connect=self._connect,
            images=self._registry,
            namespace=self.settings.namespace,
            report=report,
            urn=urn,
            previewing=previewing,
            facts=Facts(lambda: facts_of(urn, os.environ, checkout=checked_out(self._folder))),
            around=self._overview.of,
            declared=self._declared,
            driven=self._driven,
        )

    async def _connect(self) -> Cluster:
        """The one client; the first caller connects. Raises a ClusterError sentence when that cannot be done."""
        if not self.settings.known:
            raise InferenceError("which cluster is meant is not known yet: `kubeconfig` or `context` is still to come")
        if self._connecting is None:
            self._connecting = asyncio.Lock()
        async with self._connecting:
            if self._client is None:
                session = await connect(kubeconfig=self.settings.kubeconfig, context=self.settings.context)
                self._client = Client(session)
        return self._client
