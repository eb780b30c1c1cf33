"""What does the Check of a Workload cost under 20 policies, when a program has 1,000 Workloads?

Ours: `Check` as the plugin's servicer answers it, called in its process with the engine's own messages, one Workload
after the other; what it asks of the API server is in its time. Beside it, in turns: the same Workloads in a namespace
without policies. API server and etcd are real, nodes are simulated, no pod is made. Not in it: gRPC, and the engine.
WORKLOADS=20 makes it smaller, ROUNDS=1 shorter.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

from pulumi.runtime.proto import provider_pb2

from benchmarks.figures import Bound, Figure, Series, show
from benchmarks.ground import connected, make_namespace, own_cluster, tell, world_of
from benchmarks.many import runtime_group
from benchmarks.model_server import server_spec
from inference_provider.cluster.client import Client
from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.policy import policy_map
from inference_provider.plugin.answering import Context
from inference_provider.plugin.servicer import Servicer
from inference_provider.plugin.session import Session
from inference_provider.plugin.wire import sent
from inference_provider.resources import artifact
from inference_provider.resources.registry import WORKLOAD
from inference_provider.resources.world import Properties
from tools.cluster import Cluster, ClusterError

NAME = "policy"
#: The median of a Check (ms), and how much longer than one without policies it may take.
LIMIT, AIM = 1.0, 3.0
POLICIES = 20
TAGS = {"tier": "gold"}
_GPUS: Properties = {
    "type": "flavor",
    "flavors": [{"type": "gpu", "name": each} for each in ("h100", "a100-80gb", "l4")],
}


@dataclass(frozen=True)
class Took:
    """Milliseconds: from call to answer, and those in which this process computed."""

    wall: float
    computed: float


class Engine:
    """The engine's side of a call. Nothing is refused here; what was refused would be no figure."""

    async def abort_with_status(self, failed: object) -> NoReturn:
        """Say what the plugin would have told the engine."""
        raise AssertionError(failed)


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    count, rounds = int(os.environ.get("WORKLOADS", "1000")), int(os.environ.get("ROUNDS", "7"))
    try:
        with own_cluster(NAME) as cluster:
            figure = asyncio.run(measured(cluster, count=count, rounds=rounds))
    except ClusterError as error:
        tell(str(error))
        return 1
    show(figure)
    return 0


async def measured(cluster: Cluster, *, count: int, rounds: int, within: str = "bench") -> Figure:
    """Make what there has to be, then check all Workloads in turns, the first turn to warm up.

    ``within`` begins the names of both namespaces.
    """
    ruled, free = f"{within}-ruled", f"{within}-free"
    times: dict[str, list[Took]] = {ruled: [], free: []}
    async with connected(cluster) as client:
        versions = {namespace: await _made(client, namespace) for namespace in times}
        for policy in policies(ruled):
            await client.create(CONFIG_MAP, policy_map(ruled, policy, notes={}))
    for turn in range(rounds + 1):
        found = {each: await _checked(cluster, version, each, count=count) for each, version in versions.items()}
        tell(f"{turn} of {rounds}: {found[ruled].wall:.2f} ms, without policies {found[free].wall:.2f} ms")
        for namespace, took in found.items() if turn else ():
            times[namespace].append(took)
    return _figure(times[ruled], times[free], count)


def policies(namespace: str) -> Iterator[PolicyInputs]:
    """Twenty, of which each counts for every Workload here, and which leave something together. Two are sandboxes."""
    for number in range(POLICIES):
        about = _places(number) if number % 2 else _GPUS
        chosen = ({}, {"labels": TAGS}, {"resourceTypes": ["model"]})[number % 3]
        said = {"name": f"rule-{number:02}", "namespace": namespace, "sandbox": number >= POLICIES - 2}
        yield PolicyInputs.model_validate({**said, **chosen, **about})


def _places(number: int) -> Properties:
    wide = {"type": "continent", "name": "eu"} if number % 4 == 1 else {"type": "country", "name": "DE"}
    return {"type": "location", "locations": [wide, {"type": "location", "name": f"cellar-{number}"}]}


async def _made(client: Client, namespace: str) -> str:
    """A namespace with an Artifact, whose version the Workloads run."""
    await make_namespace(client, namespace)
    world = world_of(client, namespace)
    checked = await artifact.check(world, {}, {"name": "server", "spec": server_spec(1, load="0.3s")})
    return str((await artifact.create(world, checked.inputs))[1]["versionId"])


async def _checked(cluster: Cluster, version: str, namespace: str, *, count: int) -> Took:
    """What one Check took, on average of all Workloads, by a plugin that has just been started."""
    session = Session(lambda: None)
    session.configure({"kubeconfig": str(cluster.kubeconfig), "namespace": namespace})
    servicer, context = Servicer(session), cast("Context", Engine())
    requests = [_request(number, version) for number in range(count)]
    await servicer.Check(_request(count, version), context)  # connects
    began, computed = time.perf_counter(), time.process_time()
    for request in requests:
        answer = await servicer.Check(request, context)
        assert not answer.failures, answer.failures
    each = 1000 / count
    return Took((time.perf_counter() - began) * each, (time.process_time() - computed) * each)


def _request(number: int, version: str) -> provider_pb2.CheckRequest:
    """What the engine asks of a Workload that is new."""
    name = f"server-{number:04}"
    news = {"name": name, "artifactId": version, "tags": TAGS}
    inputs = sent({**news, "runtime": {"containerGroups": [runtime_group()]}})
    return provider_pb2.CheckRequest(urn=f"urn:pulumi:dev::many::{WORKLOAD.token}::{name}", name=name, news=inputs)


def _figure(ruled: Sequence[Took], free: Sequence[Took], count: int) -> Figure:
    ours = Series(f"Check of one of {count} Workloads under {POLICIES} policies", [each.wall for each in ruled])
    bare = Series("the same in a namespace without policies", [each.wall for each in free])
    computed = Series("", [each.computed for each in ruled]).median
    bounds = [Bound("processor_time", computed, "ms"), Bound("fastest_round", min(ours.values), "ms")]
    return Figure(NAME, "ms", ours, bare, AIM, limit=LIMIT, bounds=bounds)


if __name__ == "__main__":
    sys.exit(main())
