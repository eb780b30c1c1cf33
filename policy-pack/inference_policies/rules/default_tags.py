"""Which tags does a Workload get that its program does not give it?"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from inference_policies.settings import Settings

NAME = "default-tags"
DESCRIPTION = "Workloads get the tags that everybody has, where the program does not give them."


class DefaultTags(Settings):
    """The tags; nothing is changed while none is named."""

    tags: Annotated[
        dict[str, str], Field(description="Tags for Workloads whose program does not give them; never in its place.")
    ] = Field(default_factory=dict)


def missing(tags: Mapping[str, str], settings: DefaultTags) -> dict[str, str]:
    """What is to be added."""
    return {tag: value for tag, value in settings.tags.items() if tag not in tags}
