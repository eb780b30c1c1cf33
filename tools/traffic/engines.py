"""Which engine stands for which pod? Every pod of a Workload that listens gets one, which follows the pod's life.

It answers once the pod is ready, and with it the pods of the other groups that its version needs. When the pod is told
to end, it answers on for the seconds of its preStop hook, then drains. When the pod is gone, it is cut: so a simulated
pod that vanishes at once takes its requests with it, and one that stays as long as it was told (SIM_DRAIN_TIME) ends in
peace.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from inference_provider.manifests import labels
from tools.traffic.backing import Backing, is_ready, listens, pre_stop_seconds, revision
from tools.traffic.endpoints import Endpoint
from tools.traffic.engine import Engine
from tools.traffic.watching import PODS, Body


@dataclass(eq=False)
class _Post:
    """A pod and its engine."""

    pod: Body
    engine: Engine
    leaving: asyncio.Task[None] | None = None


@dataclass(eq=False)
class Engines:
    """All engines of one Workload."""

    api: httpx.AsyncClient
    namespace: str
    drained: int = 0
    """Engines that had given their last answer when their pod went."""
    cut: int = 0
    """Engines whose pod went before that."""
    lost_answers: int = 0
    """Answers that were under way in those."""
    known: dict[str, str] = field(default_factory=dict)
    """The version of every pod that ever had an engine, by uid."""
    _backing: Backing = field(default_factory=Backing)
    _posts: dict[str, _Post] = field(default_factory=dict)
    _starting: set[asyncio.Task[None]] = field(default_factory=set)

    def told(self, pods: Mapping[str, Body]) -> None:
        """These are all pods now, by uid."""
        self._backing.told(pods)
        for uid, pod in pods.items():
            self._see(uid, pod)
        for uid in [each for each in self._posts if each not in pods]:
            self._gone(uid)

    async def port(self, endpoint: Endpoint) -> int | None:
        """Where a pod's engine listens; None when there is no such pod any more, or nothing in it listens."""
        if endpoint.uid not in self._posts:
            await self._ask(endpoint.pod)
        post = self._posts.get(endpoint.uid)
        return post.engine.port if post else None

    def close(self) -> None:
        """End them all; callers have gone by then."""
        for uid in list(self._posts):
            self._end(uid)
        for task in self._starting:
            task.cancel()

    @property
    def leaving(self) -> int:
        """Engines whose pods were told to end and have not gone yet."""
        return sum(post.leaving is not None for post in self._posts.values())

    def at_peace(self, uid: str) -> bool:
        """Whether a pod's engine has given its last answer."""
        leaving = self._posts[uid].leaving
        return leaving is not None and leaving.done()

    def versions(self) -> set[str]:
        """The versions that have an engine now."""
        return {post.engine.name for post in self._posts.values()}

    def _see(self, uid: str, pod: Body) -> None:
        if not listens(pod):
            self._backing.see(uid, pod)
            return
        self.known[uid] = revision(pod)
        post = self._posts.get(uid)
        if post is None:
            post = self._posts[uid] = _Post(pod, Engine(revision(pod), lambda: self._is_ready(uid)))
            starting = asyncio.create_task(post.engine.run())
            self._starting.add(starting)
            starting.add_done_callback(self._starting.discard)
        post.pod = pod
        if pod["metadata"].get("deletionTimestamp") and post.leaving is None:
            post.leaving = asyncio.create_task(self._leave(post))

    async def _leave(self, post: _Post) -> None:
        await asyncio.sleep(pre_stop_seconds(post.pod))
        await post.engine.drain()

    def _gone(self, uid: str) -> None:
        post = self._posts[uid]
        done = self.at_peace(uid)
        self._end(uid)
        self.drained += done
        self.cut += not done
        self.lost_answers += post.engine.cut_short

    def _end(self, uid: str) -> None:
        post = self._posts.pop(uid)
        if post.leaving:
            post.leaving.cancel()
        post.engine.cut()

    async def _is_ready(self, uid: str) -> bool:
        """Whether a pod can answer. Callers may have heard it before us: before saying no, the cluster is asked."""
        post = self._posts.get(uid)
        if post is not None and not self._can_answer(post):
            await self._ask_for_all(post.pod)
            post = self._posts.get(uid)
        return post is not None and self._can_answer(post)

    def _can_answer(self, post: _Post) -> bool:
        return is_ready(post.pod) and self._backing.whole(revision(post.pod))

    async def _ask(self, pod: str) -> None:
        answer = await self.api.get(f"{PODS.format(self.namespace)}/{pod}")
        if answer.status_code != httpx.codes.NOT_FOUND:
            body = answer.raise_for_status().json()
            self._see(body["metadata"]["uid"], body)

    async def _ask_for_all(self, one: Body) -> None:
        """Look at all pods of a version anew."""
        carried = one["metadata"]["labels"]
        selector = ",".join(f"{each}={carried[each]}" for each in (labels.WORKLOAD, labels.REVISION))
        answer = await self.api.get(PODS.format(self.namespace), params={"labelSelector": selector})
        for body in answer.raise_for_status().json()["items"]:
            self._see(body["metadata"]["uid"], body)
