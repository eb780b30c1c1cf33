"""How far is the replacement that is under way, or how did the last one end?"""

import asyncio
from typing import Annotated, Any

from pydantic import Field

from inference_provider.converge.ports import Cluster
from inference_provider.domain.fields import RevisionName
from inference_provider.domain.names import parse_revision, revision_record_name
from inference_provider.errors import NotFound
from inference_provider.functions.asked import OfWorkload
from inference_provider.functions.function import Answer, Function
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources.driverless import INTERRUPTED
from inference_provider.resources.history import Past
from inference_provider.resources.replacement_outputs import observed
from inference_provider.resources.revision import as_recorded
from inference_provider.resources.status import Status, examined
from inference_provider.resources.world import Properties, World, resource_id
from inference_provider.rollout.phases import Phase


class GetReplacementInputs(OfWorkload):
    """Which one."""

    revision: Annotated[
        RevisionName | None,
        Field(description="The revision that it made, such as r7. Default: the one under way, else the last."),
    ] = None


class ReplacementAnswer(Answer):
    """One replacement: a version that took over, or tried to."""

    id: Annotated[str, Field(description="`namespace/workload`: the id of a Replacement resource.")]
    workload_id: Annotated[str, Field(description="The Workload's id, as in `models/chat`.")]
    name: Annotated[str, Field(description="The Workload's name.")]
    revision: Annotated[str, Field(description="The revision that it made, such as r7; `promote` names it.")]
    kind: Annotated[str, Field(description="create, replacement or undo.")]
    status: Annotated[
        str,
        Field(
            description="submitted, initializing, awaiting_promotion, switching, cleaning_up, completed, errored or "
            "deleting."
        ),
    ]
    outcome: Annotated[
        str | None, Field(description="completed, errored or cancelled; null while it is under way or waits.")
    ]
    message: Annotated[str | None, Field(description="Why it failed, or who promoted it.")]
    strategy: Annotated[str, Field(description="rolling.")]
    config: Annotated[
        dict[str, Any] | None, Field(description="Its settings, such as `keepOldVersionMinutes`, as on record.")
    ]
    runtime: Annotated[dict[str, Any] | None, Field(description="The runtime that it was given, as on record.")]
    candidate_artifact_id: Annotated[str | None, Field(description="The version that it brings.")]
    active_artifact_id: Annotated[str | None, Field(description="The version that serves now.")]
    candidate_proton_ids: Annotated[list[str], Field(description="What is coming up, or waits for promotion.")]
    previous_proton_ids: Annotated[list[str], Field(description="What served before, while it is kept.")]
    proton_statuses: Annotated[dict[str, str], Field(description="How each proton is, in one word.")]
    actor: Annotated[str | None, Field(description="Who asked for it: a person whom CI names, or a user.")]
    created_at: Annotated[str | None, Field(description="When it began (RFC 3339).")]
    switched_at: Annotated[str | None, Field(description="When traffic went over (RFC 3339).")]
    updated_at: Annotated[str | None, Field(description="When it last moved on (RFC 3339).")]
    keep_old_until: Annotated[str | None, Field(description="Until when going back needs no load (RFC 3339).")]


async def ask(world: World, asked: GetReplacementInputs) -> ReplacementAnswer:
    """Raises NotFound when the Workload, or that record, is not there."""
    fleet, seen = await examined(world, asked.place(world), asked.name)
    past, cluster = _meant(seen, asked.revision), await world.connect()
    given, outputs = await asyncio.gather(_given(cluster, seen, past), observed(cluster, fleet, past.revision))
    return ReplacementAnswer.model_validate({**outputs, **_recorded(seen, past), **given})


async def _given(cluster: Cluster, seen: Status, past: Past) -> Properties:
    """What it was given, as on record; nothing is known of one whose record goes meanwhile."""
    name = revision_record_name(seen.name, parse_revision(past.revision))
    record = await cluster.find(CONFIG_MAP, seen.namespace, name)
    known = as_recorded(record) if record is not None else None
    return {"config": known and known.settings, "runtime": known and known.runtime}


def _meant(seen: Status, revision: str | None) -> Past:
    """A promotion, which moves nothing, is none. Raises NotFound."""
    moves = [each for each in seen.records if each.kind != "promotion" and revision in (None, each.revision)]
    if moves:
        return next((each for each in reversed(moves) if each.outcome is None), moves[-1])
    there = ", ".join(each.revision for each in seen.records if each.kind != "promotion") or "none"
    raise NotFound(
        "find",
        kind="the replacement of Workload",
        namespace=seen.namespace,
        name=f"{seen.name} {revision}" if revision else seen.name,
        said="there is no record of it",
        advice=f"There are: {there}",
    )


def _recorded(seen: Status, past: Past) -> Properties:
    return {
        "id": resource_id(seen.namespace, seen.name),
        "workloadId": resource_id(seen.namespace, seen.name),
        "name": seen.name,
        "revision": past.revision,
        "kind": past.kind,
        "outcome": past.outcome,
        **({"message": past.message} if past.phase == INTERRUPTED else {}),
        **({"status": Phase.ERRORED.value} if _is_dead(seen, past) else {}),
        "candidateArtifactId": past.artifact_id,
        "strategy": "rolling",
    }


def _is_dead(seen: Status, past: Past) -> bool:
    """Whether its run died before it had made anything, or after all of it was removed: nothing will come of it."""
    there = {each.revision for each in seen.versions}
    return past.phase == INTERRUPTED and there.isdisjoint({past.revision, past.back_to})


GET_REPLACEMENT = Function(
    name="getReplacement",
    description="How far is the replacement that is under way, or how did the last one, or that of one revision, end?",
    arguments=GetReplacementInputs,
    answer=ReplacementAnswer,
    ask=ask,
)
