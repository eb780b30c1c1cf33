"""What serves now, since when, and is all in order?"""

from typing import Annotated, Any

from pydantic import Field

from inference_provider.converge.ports import Cluster
from inference_provider.functions.asked import OfWorkload
from inference_provider.functions.function import Function
from inference_provider.functions.workload_info import WorkloadInfo, head_name, heads_by_place, info_of
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.resources.given_resources import recorded_runtime
from inference_provider.resources.outputs import PolicyVerdict
from inference_provider.resources.plain import plain
from inference_provider.resources.policy_standing import told
from inference_provider.resources.status import Status, examined
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Fleet


class GetWorkloadInputs(OfWorkload):
    """Which one."""


class WorkloadAnswer(WorkloadInfo):
    """One Workload in full."""

    serves_since: Annotated[str | None, Field(description="Since when the active version has the traffic (RFC 3339).")]
    traffic: Annotated[list[str], Field(description="The revisions behind the endpoint: two while traffic moves.")]
    disorder: Annotated[list[str], Field(description="What is not as it should be, a sentence each.")]
    locked_by: Annotated[str | None, Field(description="Who works on it now; null when nobody does.")]
    runtime: Annotated[
        dict[str, Any] | None, Field(description="The runtime that the active version was given, as on record.")
    ]
    policy_verdicts: Annotated[
        list[PolicyVerdict], Field(description="What each Policy that it is under says of what serves.")
    ]
    unseen: Annotated[list[str], Field(description="What we had no right to read, a sentence each.")]


async def ask(world: World, asked: GetWorkloadInputs) -> WorkloadAnswer:
    """One Workload. Raises NotFound with the names that there are instead."""
    fleet, seen = await examined(world, asked.place(world), asked.name)
    cluster = await world.connect()
    heads = heads_by_place(await _head(cluster, seen))
    more = {**await _more(cluster, fleet, seen), **await told(world, fleet, warn=False)}
    return WorkloadAnswer.model_validate({**info_of(fleet, heads), **more})


async def _head(cluster: Cluster, seen: Status) -> list[Body]:
    """The Artifact of what serves."""
    if seen.artifact_id is None:
        return []
    found = await cluster.find(CONFIG_MAP, seen.namespace, head_name(seen.artifact_id))
    return [found] if found is not None else []


async def _more(cluster: Cluster, fleet: Fleet, seen: Status) -> Properties:
    """What only a look at one Workload tells."""
    runtime = await recorded_runtime(cluster, fleet)
    return {
        "servesSince": seen.since,
        "traffic": plain(seen.traffic),
        "disorder": plain(seen.disorder),
        "lockedBy": seen.lock.holder if seen.lock is not None else None,
        "runtime": runtime.model_dump(mode="json", by_alias=True, exclude_defaults=True) if runtime else None,
        "unseen": plain(seen.unseen),
    }


GET_WORKLOAD = Function(
    name="getWorkload",
    description="What serves now, since when, and is all in order? Answers a Workload that is there, whoever made it; "
    "an error names those that there are instead.",
    arguments=GetWorkloadInputs,
    answer=WorkloadAnswer,
    ask=ask,
)
