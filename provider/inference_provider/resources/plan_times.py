"""How long will new pods take to be ready: as long as the last time, or at most as long as their probes allow?"""

import json
from datetime import datetime

from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError
from inference_provider.health.budget import ready_seconds
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware, pod_spec
from inference_provider.resources.history import past_of, records_of
from inference_provider.rollout.phases import Phase


async def last_load(cluster: Cluster, namespace: str, name: str) -> tuple[str, float] | None:
    """The newest revision of the Workload that came up by loading, and its seconds until it was ready.

    That is the time between two phases of its record, less the warm-up that was asked for; with whatever it waited for
    room. None when no record tells.
    """
    try:
        records = await records_of(cluster, namespace, name)
    except ClusterError:
        return None
    for record in reversed(records):
        past, seconds = past_of(record), load_of(record)
        if past.outcome == "completed" and seconds is not None:
            return past.revision, seconds
    return None


def load_of(record: Body) -> float | None:
    """The seconds that its pods took to be ready; None for a step back, or when its phases do not tell.

    Times are written in whole seconds: what took none of them tells nothing, as of a version that came while stopped.
    """
    past = past_of(record)
    begun = past.phases.get(Phase.INITIALIZING)
    proven = past.phases.get(Phase.AWAITING_PROMOTION) or past.phases.get(Phase.SWITCHING)
    if past.kind == "undo" or begun is None or proven is None:
        return None
    try:
        took = (datetime.fromisoformat(proven) - datetime.fromisoformat(begun)).total_seconds() - _warmup(record)
    except (ValueError, TypeError):
        return None
    return took if took > 0 else None


def _warmup(record: Body) -> float:
    """What the record's settings asked for; nothing where they cannot be read."""
    try:
        return float(json.loads(record["data"]["replacement"])["warmupDurationMinutes"]) * 60
    except (KeyError, ValueError, TypeError):
        return 0.0


def longest_load(content: Body, hardware: dict[str, Hardware]) -> float:
    """The seconds that the probes of a version allow its slowest group."""
    return max((ready_seconds(_deployment(each, hardware)) for each in content["containerGroups"]), default=0.0)


def _deployment(group: Body, hardware: dict[str, Hardware]) -> Body:
    """As much of a Deployment as its probes need."""
    own = hardware.get(str(group["name"])) or Hardware()
    spec = pod_spec(group, hardware=own, secret=None, priority=None, drain_seconds=0, storage=None, spread_over={})
    return {"spec": {"template": {"spec": spec}}}
