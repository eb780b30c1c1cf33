"""Which version of which Artifact: the one text that a Workload is pointed to."""

import re
from dataclasses import dataclass

_VERSION = re.compile(r"([a-z0-9][-a-z0-9]*)/([a-z0-9][-a-z0-9]*)@([0-9a-f]{12})")
_BARE = re.compile(r"([a-z0-9][-a-z0-9]*/)?[a-z0-9][-a-z0-9]*")


@dataclass(frozen=True)
class VersionId:
    """One content of one Artifact, written ``namespace/name@<12 hex digits>``."""

    namespace: str
    name: str
    content: str

    @classmethod
    def parse(cls, text: str) -> "VersionId":
        """Read the text that ``str()`` gives. Raises ValueError; for a bare Artifact id with the reason."""
        match = _VERSION.fullmatch(text)
        if match:
            return cls(match[1], match[2], match[3])
        if _BARE.fullmatch(text):
            raise ValueError(
                f"{text!r} names an Artifact, not one of its versions; an Artifact's id never changes, so nothing "
                "would ever roll: pass the Artifact's `version_id` (`versionId`) instead of its id"
            )
        raise ValueError(f"{text!r} is not a version of an Artifact; pass the Artifact's `version_id` (`versionId`)")

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}@{self.content}"
