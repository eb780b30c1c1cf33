"""A Workload of several container groups, and somebody who watches its traffic and its pods side by side."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from inference_provider.health.endpoints import ready_uids
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import ENDPOINT_SLICE, POD, SERVICE, Body
from inference_provider.rollout.switch import ready_pod_uids
from tests.live.programs import Inputs, image, server
from tests.live.stand import Stand
from tools.cluster import Cluster

OURS = "pulumi-inference.dev"


def router(version: str, **env: str) -> Inputs:
    """The group that answers requests."""
    return {"name": "router", "containers": [server(version, env=env)]}


def workers(version: str, name: str = "workers", **env: str) -> Inputs:
    """A group that works for the router: no port, no probe of its own."""
    given = [{"name": key, "value": value} for key, value in env.items()]
    return {"name": name, "containers": [{"name": "engine", "image": image(version), "env": given}]}


async def one_more_ready(cluster: Cluster, stand: Stand, revision: str, group: str) -> None:
    """Let a pod that would never get ready do so."""
    pod = await asyncio.wait_for(_running_unready(stand, revision, group), 60)
    status = pod["status"]
    conditions = [{**each, "status": "True"} for each in status["conditions"]]
    containers = [{**each, "ready": True, "started": True} for each in status["containerStatuses"]]
    await asyncio.to_thread(
        cluster.client().request,
        "PATCH",
        f"/api/v1/namespaces/{stand.namespace}/pods/{pod['metadata']['name']}/status",
        body={"status": {"conditions": conditions, "containerStatuses": containers}},
        content_type="application/merge-patch+json",
    )


async def _running_unready(stand: Stand, revision: str, group: str) -> Body:
    """A pod that runs and is not ready, as soon as there is one."""
    while True:
        for pod in await stand.objects(POD, f"{OURS}/revision={revision},{OURS}/group={group}"):
            if pod["status"].get("phase") == "Running" and not ready_pod_uids([pod]):
                return pod
        await asyncio.sleep(0.05)


def artifact_of(*groups: Inputs) -> Inputs:
    """An Artifact with these groups."""
    return {"name": "llama", "spec": {"containerGroups": list(groups)}}


def fixed(name: str, count: int) -> Inputs:
    """A group with a count."""
    return {"name": name, "replicaCount": count}


def by_load(name: str, least: int, most: int, *, target: float = 4) -> Inputs:
    """A group that is scaled by its queue."""
    policy = {"scalingMetric": "gpuRequestQueueDepth", "target": target, "minCount": least, "maxCount": most}
    return {"name": name, "autoscaling": {"policies": [policy]}}


def program(version: str, *groups: Inputs, **replacement: object) -> Inputs:
    """A Workload that runs a version; the old one is kept for five minutes."""
    settings = {"keepOldVersionMinutes": 5, "drainSeconds": 1, **replacement}
    return {
        "name": "chat",
        "artifactId": version,
        "runtime": {"containerGroups": list(groups)},
        "replacement": settings,
    }


@dataclass
class Moment:
    """At one time: which revisions got traffic, and how many ready pods each group had, as ``r2/workers``."""

    traffic: frozenset[str]
    ready: Mapping[str, int]
    active: str | None


@dataclass
class Watched:
    """Every different moment, in order."""

    moments: list[Moment] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, look: Callable[[Moment], bool]) -> None:
        """Wait until a moment is so."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(lambda: any(map(look, self.moments[-1:]))), 60)

    def ever(self, revision: str) -> list[Moment]:
        """The moments in which a revision got traffic."""
        return [each for each in self.moments if revision in each.traffic]


@contextlib.asynccontextmanager
async def watched(stand: Stand, name: str = "chat") -> AsyncIterator[Watched]:
    """Watch a Workload until the block ends."""
    seen = Watched()
    async with stand.client.mirror(stand.namespace, name) as mirror:

        def look() -> None:
            pods, slices = mirror.objects(POD), mirror.objects(ENDPOINT_SLICE)
            anchors = [each for each in mirror.objects(SERVICE) if each["metadata"]["name"] == name]
            own = [each for each in slices if each["metadata"]["labels"]["kubernetes.io/service-name"] == name]
            moment = _moment(pods, own, annotation(anchors[0], f"{OURS}/active") if anchors else None)
            if seen.moments[-1:] != [moment]:
                seen.moments.append(moment)

        async def follow() -> None:
            version = -1
            while True:
                version = await mirror.changed(version, within=1.0)
                look()
                async with seen.changed:
                    seen.changed.notify_all()

        task = asyncio.create_task(follow())
        try:
            yield seen
            look()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _moment(pods: list[Body], slices: list[Body], active: str | None) -> Moment:
    whose = {each["metadata"]["uid"]: each["metadata"]["labels"][f"{OURS}/revision"] for each in pods}
    traffic = frozenset(whose[uid] for uid in ready_uids(slices) if uid in whose)
    ready: dict[str, int] = {}
    for pod in pods:
        carried = pod["metadata"]["labels"]
        key = f"{carried[f'{OURS}/revision']}/{carried[f'{OURS}/group']}"
        ready[key] = ready.get(key, 0) + len(ready_pod_uids([pod]))
    return Moment(traffic, ready, active)
