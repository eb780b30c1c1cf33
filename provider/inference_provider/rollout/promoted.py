"""What a person at the command line has said while a version was still coming up: let it through once it is proven.

It stands on the Workload's Service, and names the replacement that was under way: numbers are never used again, so it
means nothing to the next one.
"""

import json
from dataclasses import asdict, dataclass

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, noted
from inference_provider.manifests.kinds import Body


@dataclass(frozen=True)
class Promoted:
    """``by`` promotes whatever ``replacement`` (``r7``) brings up, since ``at`` (RFC 3339)."""

    replacement: str
    by: str
    at: str
    reason: str = ""

    def written(self) -> str:
        """As the annotation holds it."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def said(self) -> str:
        """As the record tells it: ``promoted by ann: measured well``."""
        return f"promoted by {self.by}: {self.reason}" if self.reason else f"promoted by {self.by}"


def promoted(anchor: Body) -> Promoted | None:
    """What was said of the replacement that is under way; None when nothing was, or nobody can read it."""
    word = noted(anchor, labels.PROMOTED, Promoted)
    return word if word is not None and word.replacement == annotation(anchor, labels.UNDER_WAY) else None
