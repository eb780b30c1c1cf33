"""A replacement that a program declares by itself, beside the Workload: a Replacement's inputs."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.domain.model import Broken, Given
from inference_provider.domain.names import check_namespace, check_workload_name
from inference_provider.domain.reference import VersionId
from inference_provider.domain.replacement import TakingOver
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.timeouts import Timeouts


def _workload_id(text: str) -> str:
    namespace, slash, name = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} is not the id of a Workload; pass the Workload's `id`, such as models/chat")
    check_namespace(namespace)
    check_workload_name(name)
    return text


def _version_id(text: str) -> str:
    return str(VersionId.parse(text))


class ReplacementInputs(TakingOver):
    """The inputs of a Replacement: which Workload, to which version, and how it takes over."""

    workload_id: Annotated[
        Annotated[str, AfterValidator(_workload_id)],
        Field(description="The Workload that is driven: its `id`. It says `replacement.driver: external`."),
    ]
    candidate_artifact_id: Annotated[
        Annotated[str, AfterValidator(_version_id)],
        Field(description="The version that should serve: an Artifact's `versionId`."),
    ]
    runtime: Annotated[
        Runtime | None,
        Field(
            description="What each container is given. Default: as what serves has it. Counts, fixed or by load, are "
            "the Workload's."
        ),
    ] = None
    timeouts: Annotated[
        Timeouts, Field(description="Time allowed for each operation. Default: an hour, 10 minutes to delete.")
    ] = Timeouts()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Who drives is said on the Workload; both live in one namespace."""
        if given.has("driver"):
            yield ("driver",), "is said on the Workload (`replacement.driver: external`), not here"
        there, named, _ = (given.text("workloadId") or "").partition("/")
        version = given.text("candidateArtifactId") or ""
        theirs = version.partition("/")[0]
        if named and "@" in version and there != theirs:
            yield (
                ("candidateArtifactId",),
                f"the Artifact is in namespace {theirs}, the Workload in {there}: put them into the same one",
            )
