"""Which Policy does a Workload name? One of its own namespace by its name, or any by its id."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from inference_provider.domain.fields import ArtifactName
from inference_provider.domain.model import Broken, Given, Input
from inference_provider.domain.names import check_artifact_name, check_namespace


def _policy_id(text: str) -> str:
    namespace, slash, name = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} is not the id of a Policy; pass the Policy's `id`, such as rules/eu-only")
    check_namespace(namespace)
    check_artifact_name(name)
    return text


class PolicyRef(Input):
    """A Policy that a Workload is under, whatever that Policy chooses by itself."""

    ref_type: Annotated[
        Literal["localPolicy", "remotePolicy"],
        Field(description="localPolicy: one of the Workload's namespace, by `name`. remotePolicy: any, by `id`."),
    ]
    name: Annotated[ArtifactName | None, Field(description="The name of a localPolicy; no default.")] = None
    id: Annotated[
        Annotated[str, AfterValidator(_policy_id)] | None,
        Field(description="The id of a remotePolicy: `namespace/name`; no default."),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Each kind of reference has one way to say which."""
        wanted, other = ("id", "name") if given.get("refType") == "remotePolicy" else ("name", "id")
        if given.get("refType") is None:
            return
        if given.has(other):
            yield (other,), f"does not go with refType {given.text('refType')}; give `{wanted}`"
        if not given.has(wanted):
            yield (wanted,), f"is required with refType {given.text('refType')}"

    def place(self, namespace: str) -> str:
        """The id of the Policy that a Workload of this namespace means."""
        return self.id or f"{namespace}/{self.name}"
