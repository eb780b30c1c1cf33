"""Which versions of a Workload are there now, with their pods: what serves, what comes, what is kept?"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from inference_provider.functions.asked import OfWorkload, Page, Paged
from inference_provider.functions.function import Answer, Function
from inference_provider.manifests.anchor import endpoint
from inference_provider.resources.history import Past, serving_since
from inference_provider.resources.plain import plain
from inference_provider.resources.status import Status, Version, examined
from inference_provider.resources.workload_outputs import proton_id
from inference_provider.resources.world import Properties, World, resource_id
from inference_provider.rollout.fleet import Fleet, Proton


class GetProtonsInputs(Paged, OfWorkload):
    """Which Workload's."""


class PodInfo(Answer):
    """One pod."""

    name: Annotated[str, Field(description="Its name in Kubernetes.")]
    ready: Annotated[bool, Field(description="Whether it takes requests.")]
    said: Annotated[str, Field(description="How it is, in a sentence.")]
    reason: Annotated[str, Field(description="Why, in one word of ours, such as loading or outOfMemory.")]
    node: Annotated[str, Field(description="The node that it runs on; empty while it has none.")]
    gpus: Annotated[int, Field(description="How many GPUs it holds.")]
    model: Annotated[str, Field(description="Their model; empty while nobody can say.")]
    since: Annotated[str | None, Field(description="When it was made (RFC 3339).")]
    restarts: Annotated[int, Field(description="How often its containers have been restarted.")]


class ProtonInfo(Answer):
    """One version of a Workload with its pods."""

    id: Annotated[str, Field(description="`namespace/name-r7`.")]
    name: Annotated[str, Field(description="Its name in the cluster, as in `chat-r7`.")]
    workload_id: Annotated[str, Field(description="The Workload's id, as in `models/chat`.")]
    revision: Annotated[str, Field(description="Its number, such as r7.")]
    role: Annotated[str, Field(description="active, candidate, retained (kept for going back) or failed (kept).")]
    status: Annotated[str, Field(description="How it is, in one word.")]
    said: Annotated[str, Field(description="The same in a sentence.")]
    artifact_id: Annotated[str, Field(description="The version that it runs.")]
    number: Annotated[str, Field(description="That version's number, such as v3; empty for a draft.")]
    endpoint: Annotated[str, Field(description="An address of its own inside the cluster, for tests of one version.")]
    ready: Annotated[int, Field(description="Ready pods over all groups.")]
    wanted: Annotated[int, Field(description="Pods that it should have.")]
    pods: Annotated[list[PodInfo], Field(description="Its pods, those included that are leaving.")]
    bundles: Annotated[dict[str, str], Field(description="Container group to the resource bundle that it got.")]
    creator: Annotated[str | None, Field(description="Who asked for it: a person whom CI names, or a user.")]
    created_at: Annotated[str | None, Field(description="When it was made (RFC 3339).")]
    updated_at: Annotated[str | None, Field(description="When its replacement last moved on (RFC 3339).")]
    running_since: Annotated[str | None, Field(description="When traffic moved to it (RFC 3339).")]
    until: Annotated[str | None, Field(description="When a kept one ends (RFC 3339).")]
    staged: Annotated[str | None, Field(description="Since when it waits for promotion (RFC 3339).")]
    failed: Annotated[str | None, Field(description="Why it failed.")]
    ending: Annotated[bool, Field(description="Whether it is being deleted.")]


class ProtonsAnswer(Page):
    """A page of protons."""

    protons: Annotated[list[ProtonInfo], Field(description="Oldest first.")]


async def ask(world: World, asked: GetProtonsInputs) -> ProtonsAnswer:
    """All of them. Raises NotFound with the names that there are instead."""
    fleet, seen = await examined(world, asked.place(world), asked.name)
    told = [_told(fleet, proton, seen) for proton in fleet.protons]
    return ProtonsAnswer.model_validate({"protons": asked.page(told), **asked.counted(told)})


def _told(fleet: Fleet, proton: Proton, seen: Status) -> Properties:
    version = next(each for each in seen.versions if each.revision == proton.name)
    past = next((each for each in seen.records if each.revision == proton.name), None)
    return {**_plain(version), **_placed(fleet, proton), **_recorded(past, seen.records, proton.name)}


def _plain(version: Version) -> dict[str, Any]:
    found = plain(version)
    return found if isinstance(found, dict) else {}


def _placed(fleet: Fleet, proton: Proton) -> Properties:
    meta, own = fleet.anchor["metadata"], proton.service
    port = int(own["spec"]["ports"][0]["port"])
    return {
        "id": proton_id(fleet, proton),
        "name": str(own["metadata"]["name"]),
        "workloadId": resource_id(meta["namespace"], meta["name"]),
        "endpoint": endpoint(meta["namespace"], own["metadata"]["name"], port),
    }


def _recorded(past: Past | None, records: Sequence[Past], revision: str) -> Properties:
    return {
        "creator": past.who if past is not None else None,
        "updatedAt": max(past.phases.values(), default=None) if past is not None else None,
        "runningSince": serving_since(records, revision),
    }


GET_PROTONS = Function(
    name="getProtons",
    description="Which versions of a Workload are there now, with their pods: what serves, what comes up beside it, "
    "what is kept for going back?",
    arguments=GetProtonsInputs,
    answer=ProtonsAnswer,
    ask=ask,
)
