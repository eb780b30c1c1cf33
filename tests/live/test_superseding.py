"""Two changes of one Workload on a real API server: the second asks the first to step back, and takes over."""

import asyncio

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.lease import LeaseTimes
from inference_provider.cluster.session import connect
from inference_provider.errors import Superseded
from inference_provider.manifests.kinds import SERVICE
from tests.live.programs import Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.live.witness import witnessing
from tests.support.eventually import eventually
from tools.cluster import Cluster

#: As ever, but quicker to see that a holder lives.
QUICK = LeaseTimes(duration=2.0, poll=0.2)


async def program(stand: Stand, version: str, *, load: str = "100ms", on_conflict: str = "reject") -> Inputs:
    """The Workload with a version of its Artifact."""
    made = await stand.version(artifact(server(version, env={"SIM_LOAD_TIME": load})))
    settings = {"onConflict": on_conflict, "drainSeconds": 0}
    return workload(made, runtime(2, gpu=0), timeouts={"update": "60s"}, replacement=settings)


async def test_the_second_takes_the_place_of_the_first_while_the_old_version_serves(
    simulated_cluster: Cluster, namespace: str
) -> None:
    async with witnessing(simulated_cluster, namespace, "chat") as witness:
        one = Client(await connect(kubeconfig=str(simulated_cluster.kubeconfig), context=None), lease=QUICK)
        two = Client(await connect(kubeconfig=str(simulated_cluster.kubeconfig), context=None), lease=QUICK)
        first, second = Stand(one, namespace), Stand(two, namespace)
        try:
            await first.create(await program(first, "v1"))
            await witness.until(2)
            witness.begin()
            run = asyncio.create_task(first.update(await program(first, "v2", load="10m")))
            await eventually(lambda: "r2: 0 of 2 pods ready" in " ".join(first.lines.statuses))

            outputs = await second.update(await program(second, "v3", on_conflict="supersede"))

            with pytest.raises(Superseded, match="began another change of Workload"):
                await run
            assert outputs["revision"] == "r3"
            assert "chat-r2" not in await second.names(SERVICE)
            assert witness.fewest >= 2
        finally:
            await one.close()
            await two.close()
