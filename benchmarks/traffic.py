"""How many requests are lost when a model is replaced under traffic?

A small HTTP engine on loopback answers for every simulated pod, as long as that is ready, and ends as its pod ends:
serving on through its preStop hook, then giving the answers that are under way, then gone. Callers follow the
EndpointSlices of the Workload's Service a second late, as kube-proxy may: some with a connection for each request,
some with connections that are kept, some with answers that stream for a second. Settings are the product's defaults.
Every fifth version is gone back from at once, and forward again, while the pods that return have been told nothing yet.

100,000 requests in 50 replacements, or TRAFFIC_REPLACEMENTS with 2,000 requests each. Then, side by side, two shorter
runs with other settings: an atomic switch (no two versions may ever get traffic at once), and a second group of pods
without which those that are called cannot answer. Then the same as in the beginning with the overlap turned off (an
outage, by design) and with the drain turned off: both must lose some, or a zero would prove nothing.
"""

import asyncio
import os
import sys

from benchmarks.ground import own_cluster, tell
from benchmarks.traffic_run import Rules, run
from benchmarks.traffic_sum import Sum
from inference_provider.resources.world import Properties
from tools.cluster import Cluster, ClusterError
from tools.parts import MissingPartError

NAME = "traffic"
REPLACEMENTS, REQUESTS_EACH = 50, 2_000
#: Replacements of a run that is made to lose: enough to see it.
CONTROLS = 3
#: Replacements of a run with other settings, one of them with a way back; and its requests for each of them.
SCENES, SCENE_REQUESTS_EACH = 5, 1_000


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    asked = os.environ.get("TRAFFIC_REPLACEMENTS", str(REPLACEMENTS))
    if not asked.isdigit() or not int(asked):
        tell(f"TRAFFIC_REPLACEMENTS has to be a whole number from 1 on, not {asked!r}.")
        return 1
    try:
        with own_cluster(NAME) as cluster:
            counted = asyncio.run(_measured(cluster, int(asked)))
    except (ClusterError, MissingPartError, TimeoutError) as error:
        tell(str(error))
        return 1
    print(f"\n{counted.table()}\n")
    print(counted.line())
    return 0


async def _measured(cluster: Cluster, replacements: int) -> Sum:
    def rules(name: str, what: str, number: int) -> Rules:
        return Rules(name, what, number, number * REQUESTS_EACH)

    main_run = await run(cluster, rules("whole", "as it is", replacements))
    scenes = await asyncio.gather(*(run(cluster, each) for each in _scenes()))
    return Sum(main_run, [await run(cluster, each) for each in _controls()], scenes)


def _scenes() -> list[Rules]:
    requests = SCENES * SCENE_REQUESTS_EACH
    atomic: Properties = {"keepOldVersionMinutes": 0, "trafficSwitch": "atomic"}
    return [
        Rules("atomic", "atomic switch", SCENES, requests, replacement=atomic),
        Rules("groups", "two groups of pods", SCENES, requests, workers=2),
    ]


def _controls() -> list[Rules]:
    requests = CONTROLS * REQUESTS_EACH
    at_once: Properties = {"keepOldVersionMinutes": 0, "drainSeconds": 0}
    return [
        Rules("no-overlap", "overlap turned off", CONTROLS, requests, overlap=False),
        Rules("no-drain", "drain turned off", CONTROLS, requests, env={}, replacement=at_once),
    ]


if __name__ == "__main__":
    sys.exit(main())
