"""What is on record of a Workload, revision by revision, under the names that Run:ai has for it?"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from inference_provider.functions.asked import Page
from inference_provider.functions.function import Answer, Function
from inference_provider.functions.get_history import GetHistoryInputs
from inference_provider.resources.plain import plain
from inference_provider.resources.revision import Revision, revisions
from inference_provider.resources.world import Properties, World


class GetRevisionsInputs(GetHistoryInputs):
    """Whose."""


class RevisionInfo(Answer):
    """One record: every field of Run:ai's revision, and which one it is. What Kubernetes cannot have is null."""

    type: Annotated[str, Field(description="pulumi-inference-revision.")]
    name: Annotated[str, Field(description="The record's name in the cluster, as in `revision-chat-r7`.")]
    id: Annotated[str | None, Field(description="The record's uid.")]
    workload_id: Annotated[str | None, Field(description="The uid of the Workload's Service.")]
    tenant_id: Annotated[int | None, Field(description="Always null: a cluster has no tenants.")]
    cluster_id: Annotated[
        str | None, Field(description="The uid of the namespace kube-system; null without the right to see it.")
    ]
    project_id: Annotated[str | None, Field(description="The namespace, which is what a project of Run:ai is.")]
    department_id: Annotated[str | None, Field(description="Always null: a cluster has no departments.")]
    created_at: Annotated[str | None, Field(description="When the replacement began (RFC 3339).")]
    deleted_at: Annotated[str | None, Field(description="When its Workload was deleted (RFC 3339).")]
    requested_node_pools: Annotated[list[str], Field(description="Node pools, or GPU models, that it asked for.")]
    current_node_pools: Annotated[
        list[str] | None, Field(description="Where its pods run, or ran when it took over or failed; null: unknown.")
    ]
    running_pods: Annotated[int, Field(description="Ready pods over all groups.")]
    images: Annotated[list[str], Field(description="Images of all its containers, by digest where they were pinned.")]
    command: Annotated[str | None, Field(description="Of its primary container; null: the image's own.")]
    arguments: Annotated[str | None, Field(description="Of its primary container; null: the image's own.")]
    phase: Annotated[str, Field(description="How far it is or got, as getReplacement's `status`.")]
    phase_message: Annotated[str | None, Field(description="Why it came to nothing, or who promoted it.")]
    phase_updated_at: Annotated[str | None, Field(description="When it last moved on (RFC 3339).")]
    revision: Annotated[str, Field(description="Its number, such as r7.")]
    kind: Annotated[str, Field(description="create, replacement, undo or promotion.")]
    outcome: Annotated[str | None, Field(description="completed, errored or cancelled; null while it is open.")]
    role: Annotated[
        str | None, Field(description="active, candidate, retained or failed, while its pods are there; else null.")
    ]
    artifact_id: Annotated[str | None, Field(description="The version that it ran.")]
    who: Annotated[str, Field(description="Who asked for it: a person whom CI names, or a user.")]
    commit: Annotated[str | None, Field(description="The commit that the program came from, where that is known.")]
    nodes: Annotated[list[str], Field(description="The nodes that its pods run on, or ran on.")]


class RevisionsAnswer(Page):
    """A page of revisions; `totalCount` is Run:ai's count of them."""

    revisions: Annotated[list[RevisionInfo], Field(description="Newest first.")]


async def ask(world: World, asked: GetRevisionsInputs) -> RevisionsAnswer:
    """All of them. Raises NotFound with the names that there are instead."""
    found: Sequence[Revision] = await revisions(world, asked.place(world), asked.name, deleted=asked.deleted)
    newest = found[::-1]
    told = [told_of(each) for each in asked.page(newest)]
    return RevisionsAnswer.model_validate({"revisions": told, **asked.counted(newest)})


def told_of(found: Revision) -> Properties:
    """What ``RevisionInfo`` says, and all else that is known, in camelCase."""
    said = plain(found)
    past = {key: getattr(found.past, key) for key in ("revision", "kind", "outcome", "who", "commit")}
    return {**(said if isinstance(said, dict) else {}), **past, "artifactId": found.past.artifact_id}


GET_REVISIONS = Function(
    name="getRevisions",
    description="What is on record of a Workload, revision by revision? The fields are those of Run:ai's revisions; "
    "`deleted` asks for those of Workloads that are gone, `totalCount` says how many there are.",
    arguments=GetRevisionsInputs,
    answer=RevisionsAnswer,
    ask=ask,
)
