"""What would an update of a Workload do to its GPUs? Asked without its program, and nothing is done."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from inference_provider.domain.fields import RevisionName, Text, Whole
from inference_provider.domain.model import Broken, Given
from inference_provider.domain.names import parse_revision
from inference_provider.errors import Fault, InputError
from inference_provider.functions.asked import OfWorkload
from inference_provider.functions.function import Answer, Function
from inference_provider.resources.outputs import Held
from inference_provider.resources.plain import plain
from inference_provider.resources.plan_question import Question, plan_for
from inference_provider.resources.plan_words import line, remarks, warnings
from inference_provider.resources.world import World

_WAYS = ("artifactId", "toRevision", "replicas", "changes")


class PlanReplacementInputs(OfWorkload):
    """Which Workload, and what is imagined; all that is not said stays as it is."""

    artifact_id: Annotated[
        Text | None,
        Field(description="A version to move to, as in `models/llama@0123456789ab`; its namespace may be left out."),
    ] = None
    to_revision: Annotated[RevisionName | None, Field(description="A revision to go back to, such as r7.")] = None
    replicas: Annotated[
        dict[str, Whole] | None, Field(description="Pods by container group; the only group may be called default.")
    ] = None
    changes: Annotated[
        dict[str, Any] | None,
        Field(description="Inputs of the Workload in camelCase, each instead of what it has; objects are merged."),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Something is imagined, and one version only."""
        if not any(given.has(each) for each in _WAYS):
            yield (), f"say what is to be planned: {', '.join(_WAYS)}"
        if given.has("artifactId") and given.has("toRevision"):
            yield ("toRevision",), "and `artifactId` both say which version is meant; keep one of them"

    @property
    def question(self) -> Question:
        """As the command line asks it."""
        to = parse_revision(self.to_revision) if self.to_revision is not None else None
        return Question(self.artifact_id, to, self.replicas or {}, self.changes or {})


class PlanCause(Answer):
    """An input that makes the Workload roll."""

    path: Annotated[str, Field(description="Its property path.")]
    known: Annotated[bool, Field(description="Whether its new value is known.")]


class PlanGroup(Answer):
    """The pods of one container group that are still to find a place."""

    group: Annotated[str, Field(description="The group's name.")]
    pods: Annotated[int, Field(description="How many pods.")]
    gpus_per_pod: Annotated[int, Field(description="GPUs of each.")]
    gpus: Annotated[int, Field(description="GPUs of all of them.")]
    model: Annotated[str | None, Field(description="The GPU model that is asked for; null: any.")]
    gpu_memory_mib: Annotated[int | None, Field(description="The least MiB of each GPU; null: any.")]
    bundle: Annotated[str | None, Field(description="The resource bundle that the group gets; null: none.")]
    free: Annotated[int | None, Field(description="Free GPUs on nodes that would do; null where nobody may count.")]
    free_on: Annotated[dict[str, int] | None, Field(description="The same node by node.")]
    nodes: Annotated[list[str] | None, Field(description="Nodes on which the pods fit.")]
    missing: Annotated[int | None, Field(description="GPUs of pods that find no room.")]
    later_pods: Annotated[int, Field(description="Pods that follow once the new version serves.")]
    later_missing: Annotated[int | None, Field(description="GPUs that are missing for these.")]
    said: Annotated[str, Field(description="All that in words.")]


class PlanQuota(Answer):
    """What a ResourceQuota of the namespace leaves of one resource, and what pods that seek a place need of it."""

    quota: Annotated[str, Field(description="The quota's name.")]
    resource: Annotated[str, Field(description="The resource as the quota calls it, such as requests.nvidia.com/gpu.")]
    needed: Annotated[str, Field(description="What these pods need, as Kubernetes writes amounts.")]
    left: Annotated[str, Field(description="What the quota leaves beside all that runs.")]
    hard: Annotated[str, Field(description="What the quota allows in all.")]
    fits: Annotated[bool, Field(description="Whether it leaves enough.")]


class PlanGpus(Answer):
    """GPUs, all groups together; null where nobody can tell."""

    active: Annotated[int | None, Field(description="Of what serves.")]
    candidate: Annotated[int | None, Field(description="Of the version that takes over, once it has all its pods.")]
    others: Annotated[int | None, Field(description="Of kept, failed and ending versions.")]
    peak: Annotated[int | None, Field(description="The most that the Workload holds at any one time.")]
    free: Annotated[int | None, Field(description="Free for the pods that are still to find a place.")]
    missing: Annotated[int | None, Field(description="Missing for them.")]


class PlanSurge(Answer):
    """What `replacement.surge` makes of the room that there is."""

    outcome: Annotated[
        str,
        Field(description="free, unknown, waits, refused, endsKept, pushesOut, outage or comesBack."),
    ]
    said: Annotated[str | None, Field(description="A warning; null where none is due.")]


class PlanExpected(Answer):
    """How long it takes, from what is known beforehand; without waiting for room or for a person."""

    load_seconds: Annotated[float | None, Field(description="Seconds until all new pods are ready.")]
    measured: Annotated[str | None, Field(description="The revision that took so long; null: what probes allow.")]
    warmup_seconds: Annotated[float, Field(description="Seconds of warm-up.")]
    drain_seconds: Annotated[float, Field(description="Seconds that old pods live on without traffic.")]
    keep_old_seconds: Annotated[float, Field(description="Seconds that the old version is kept for going back.")]
    minutes: Annotated[float | None, Field(description="Minutes until the new version serves.")]
    outage_minutes: Annotated[float | None, Field(description="Minutes in which nobody serves; null: none.")]
    overlap_minutes: Annotated[float | None, Field(description="Minutes in which both versions hold their GPUs.")]
    gpu_hours: Annotated[float | None, Field(description="GPU-hours of both in that time.")]
    extra_gpu_hours: Annotated[float | None, Field(description="What that is more than one version alone.")]


class PlanWaiting(Answer):
    """The version that waits for promotion."""

    revision: Annotated[str, Field(description="Its number.")]
    artifact_id: Annotated[str | None, Field(description="The version that it runs.")]
    since: Annotated[str | None, Field(description="Since when (RFC 3339).")]
    promote: Annotated[str | None, Field(description="The revision that the program promotes.")]


class PlanAnswer(Answer):
    """What an update of one Workload would do; null stands wherever something is not known."""

    namespace: Annotated[str, Field(description="The Workload's namespace.")]
    name: Annotated[str, Field(description="The Workload's name.")]
    verdict: Annotated[
        str,
        Field(
            description="nothing, inPlace, rolls, mayRoll, goesBack, switches, staysStaged, cancels, refused, "
            "withheld, stops, starts, madeAnew or notHere."
        ),
    ]
    refused: Annotated[bool, Field(description="Whether the update would end before anything moves.")]
    said: Annotated[list[str], Field(description="What happens, what is put right, and warnings: a sentence each.")]
    causes: Annotated[list[PlanCause], Field(description="Inputs that make it roll.")]
    in_place: Annotated[list[str], Field(description="Other changed inputs; no pod restarts for them.")]
    next_roll: Annotated[list[str], Field(description="Changed inputs that count from the next roll on.")]
    replaces: Annotated[list[str], Field(description="Changed inputs that make another Workload.")]
    mended: Annotated[list[str], Field(description="What is put right in the cluster.")]
    from_revision: Annotated[str | None, Field(description="What serves now.")]
    from_version: Annotated[str | None, Field(description="The version that serves now.")]
    to_revision: Annotated[str | None, Field(description="What takes over; null while it has no number.")]
    to_version: Annotated[str | None, Field(description="The version that takes over.")]
    kept_until: Annotated[str | None, Field(description="Until when the pods live that it goes back to (RFC 3339).")]
    manual: Annotated[bool, Field(description="Whether the new version waits for promotion.")]
    waiting: Annotated[PlanWaiting | None, Field(description="What waits for promotion already.")]
    hold: Annotated[Held | None, Field(description="Why it is withheld.")]
    groups: Annotated[list[PlanGroup] | None, Field(description="Places for its pods, by container group.")]
    quotas: Annotated[
        list[PlanQuota], Field(description="What the namespace's quotas leave for them; empty where none counts them.")
    ]
    gpus: Annotated[PlanGpus | None, Field(description="GPUs, all groups together.")]
    surge: Annotated[PlanSurge | None, Field(description="How the new version comes by its GPUs.")]
    expected: Annotated[PlanExpected | None, Field(description="How long it takes.")]


async def ask(world: World, asked: PlanReplacementInputs) -> PlanAnswer:
    """The plan. Raises what ``plan_for`` raises, with faults where they are in the arguments."""
    try:
        plan = await plan_for(world, asked.place(world), asked.name, asked.question)
    except InputError as error:
        changes = asked.changes or {}
        raise InputError([_where(each, changes) for each in error.faults]) from None
    found = plain(plan)
    said = [each for each in (line(plan), *remarks(plan), *warnings(plan)) if each]
    return PlanAnswer.model_validate(
        {**(found if isinstance(found, dict) else {}), "refused": plan.refused, "said": said}
    )


def _where(fault: Fault, changes: Mapping[str, object]) -> Fault:
    """A fault of the Workload's inputs, where the caller said them."""
    top = fault.path.partition(".")[0].partition("[")[0]
    return Fault(f"changes.{fault.path}", fault.reason) if top in changes else fault


PLAN_REPLACEMENT = Function(
    name="planReplacement",
    description="What would an update of a Workload do to its GPUs: another version, the way back, more pods, other "
    "inputs? Asked without its program; nothing is done.",
    arguments=PlanReplacementInputs,
    answer=PlanAnswer,
    ask=ask,
)
