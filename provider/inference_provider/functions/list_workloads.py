"""Which Workloads are there: those that somebody made, that run an Artifact, that are not well, with a tag?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.converge.ports import Cluster
from inference_provider.domain.fields import Text, Truth
from inference_provider.domain.model import Broken, Given
from inference_provider.functions.asked import Page, Paged, Somewhere
from inference_provider.functions.function import Function
from inference_provider.functions.workload_info import WorkloadInfo, heads_by_place, info_of
from inference_provider.health.status_words import WorkloadStatus
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources.status import fleets
from inference_provider.resources.world import World

#: From the most important to the least: so they are ordered, too.
_IMPORTANCE = ("critical", "high", "moderate", "low")
_ORDERS: dict[str, Callable[[WorkloadInfo], str]] = {
    "name": lambda each: each.name,
    "createdAt": lambda each: each.created_at or "",
    "updatedAt": lambda each: each.updated_at or "",
    "status": lambda each: each.status,
    "importance": lambda each: str([*_IMPORTANCE, each.importance].index(each.importance)),
}


def _one_of(*known: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"is {value!r}, but must be one of {', '.join(known)}")
        return value

    return AfterValidator(check)


_Status = Annotated[str, _one_of(*WorkloadStatus)]
_Order = Annotated[str, _one_of(*(f"{sign}{each}" for each in _ORDERS for sign in ("", "-")))]


class ListWorkloadsInputs(Paged, Somewhere):
    """Every filter that is given must hold; of the values of one filter, one is enough."""

    all_namespaces: Annotated[
        Truth, Field(description="Whether to look in every namespace, for which one needs the right. Default false.")
    ] = False
    ids: Annotated[list[Text] | None, Field(description="Ids, as in `models/chat`.")] = None
    search: Annotated[
        Text | None,
        Field(description="Text that name, display name, description or id contains, in upper or lower case."),
    ] = None
    created_by: Annotated[list[Text] | None, Field(description="Who made it, as its output `creator` says.")] = None
    tag_keys: Annotated[list[Text] | None, Field(description="Keys of tags, one of which it has.")] = None
    tag_values: Annotated[list[Text] | None, Field(description="Values of tags, one of which it has.")] = None
    status: Annotated[
        list[_Status] | None,
        Field(description=f"Status words, as the output `status` has them: {', '.join(WorkloadStatus)}."),
    ] = None
    artifact_status: Annotated[
        list[Annotated[str, _one_of("draft", "locked")]] | None,
        Field(description="draft or locked: whether what serves has a version number."),
    ] = None
    importance: Annotated[
        list[Annotated[str, _one_of(*_IMPORTANCE)]] | None, Field(description=f"{', '.join(_IMPORTANCE)}.")
    ] = None
    artifact_id: Annotated[
        list[Text] | None, Field(description="Versions that serve, as in `models/llama@0123456789ab`.")
    ] = None
    repository_id: Annotated[
        list[Text] | None, Field(description="Ids of Artifacts of which any version serves, as in `models/llama`.")
    ] = None
    type: Annotated[
        list[Annotated[str, _one_of("service", "nim")]] | None, Field(description="Types of Artifacts: service, nim.")
    ] = None
    order_by: Annotated[
        _Order,
        Field(
            description=f"{', '.join(_ORDERS)}; with - before it in falling order, as in -createdAt. By importance, "
            "critical comes first. Equal ones are ordered by id. Default name."
        ),
    ] = "name"

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """One namespace, or all."""
        if given.has("namespace") and given.get("allNamespaces") is True:
            yield ("namespace",), "leave it out: with `allNamespaces`, every namespace is looked in"


class WorkloadsAnswer(Page):
    """A page of Workloads."""

    workloads: Annotated[list[WorkloadInfo], Field(description="Those that were found; none where nothing fits.")]


async def ask(world: World, asked: ListWorkloadsInputs) -> WorkloadsAnswer:
    """Those that fit; none is an answer. Raises Forbidden where they may not be listed."""
    found = await _everything(await world.connect(), None if asked.all_namespaces else asked.place(world))
    fitting = sorted((each for each in found if _fits(each, asked)), key=lambda each: each.id)
    falling, order = asked.order_by.startswith("-"), _ORDERS[asked.order_by.removeprefix("-")]
    ordered = sorted(fitting, key=order, reverse=falling)
    return WorkloadsAnswer.model_validate({"workloads": asked.page(ordered), **asked.counted(ordered)})


async def _everything(cluster: Cluster, namespace: str | None) -> list[WorkloadInfo]:
    there = await fleets(cluster, namespace)
    heads = await cluster.list(CONFIG_MAP, namespace, labels=f"{labels.PART}=artifact-head") if there else []
    known = heads_by_place(heads)
    return [WorkloadInfo.model_validate(info_of(each, known)) for each in there]


def _fits(found: WorkloadInfo, asked: ListWorkloadsInputs) -> bool:
    artifact = found.artifact
    return (
        _is(found.id, asked.ids)
        and _is(found.creator, asked.created_by)
        and _is(found.status, asked.status)
        and _is(found.importance, asked.importance)
        and _is(artifact.status if artifact else None, asked.artifact_status)
        and _is(artifact.id if artifact else None, asked.artifact_id)
        and _is(artifact.artifact_repository_id if artifact else None, asked.repository_id)
        and _is(artifact.type if artifact else None, asked.type)
        and _any(found.tags, asked.tag_keys)
        and _any(found.tags.values(), asked.tag_values)
        and _holds(found, asked.search)
    )


def _is(value: str | None, wanted: Sequence[str] | None) -> bool:
    return wanted is None or value in wanted


def _any(values: Iterable[str], wanted: Sequence[str] | None) -> bool:
    return wanted is None or not set(values).isdisjoint(wanted)


def _holds(found: WorkloadInfo, text: str | None) -> bool:
    told = (found.id, found.display_name or "", found.description or "")
    return text is None or any(text.casefold() in each.casefold() for each in told)


LIST_WORKLOADS = Function(
    name="listWorkloads",
    description="Which Workloads are there? Every filter that is given must hold; of a filter's values, one is "
    "enough. Where nothing fits, the answer is an empty list.",
    arguments=ListWorkloadsInputs,
    answer=WorkloadsAnswer,
    ask=ask,
)
