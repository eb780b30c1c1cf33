"""How long will new pods take to be ready: as long as the last time, or at most as long as their probes allow?"""

from dataclasses import dataclass
from datetime import datetime

from inference_provider.converge.ports import Cluster
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.errors import ClusterError
from inference_provider.health.budget import ready_seconds
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware, pod_spec
from inference_provider.resources.history import past_of, records_of
from inference_provider.rollout.phases import Phase
from inference_provider.rollout.warmup import WarmupResult, warmup_seconds


@dataclass(frozen=True)
class Load:
    """``seconds`` until new pods are ready, as the ``revision`` took; so many took ``each`` request of its warm-up.

    None stands for what no record tells.
    """

    seconds: float | None
    revision: str | None = None
    each: float | None = None


async def last_load(cluster: Cluster, namespace: str, name: str) -> Load | None:
    """How the newest revision of the Workload came up that did so by loading; None when no record tells.

    Its seconds are the time between two phases of its record, less its warm-up; with whatever it waited for room.
    """
    try:
        records = await records_of(cluster, namespace, name)
    except ClusterError:
        return None
    for record in reversed(records):
        past, seconds = past_of(record), load_of(record)
        if past.outcome == "completed" and seconds is not None:
            return Load(seconds, past.revision, _request(record))
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
        took = (datetime.fromisoformat(proven) - datetime.fromisoformat(begun)).total_seconds()
    except (ValueError, TypeError):
        return None
    load = took - warmup_seconds(_settings(record), each=_request(record))
    return load if load > 0 else None


def _settings(record: Body) -> ReplacementSettings:
    """What was asked for; nothing where another release has written it in another way."""
    try:
        return ReplacementSettings.model_validate_json(record["data"]["replacement"])
    except (KeyError, ValueError, TypeError):
        return ReplacementSettings()


def _request(record: Body) -> float | None:
    """The seconds that half of the requests of its warm-up needed at most; None where none was answered, or sent."""
    result = WarmupResult.parse(annotation(record, labels.WARM_UP))
    return result.p50 if result is not None else None


def longest_load(content: Body, hardware: dict[str, Hardware]) -> float:
    """The seconds that the probes of a version allow its slowest group."""
    return max((ready_seconds(_deployment(each, hardware)) for each in content["containerGroups"]), default=0.0)


def _deployment(group: Body, hardware: dict[str, Hardware]) -> Body:
    """As much of a Deployment as its probes need."""
    own = hardware.get(str(group["name"])) or Hardware()
    spec = pod_spec(group, hardware=own, secret=None, priority=None, drain_seconds=0, storage=None, spread_over={})
    return {"spec": {"template": {"spec": spec}}}
