"""What a change that may push aside another says to it, through the Workload's Service.

It is addressed to one holder of the lock by name, so whatever is left of it means nothing to the next one.
"""

import json
from dataclasses import asdict, dataclass

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import noted
from inference_provider.manifests.kinds import Body


@dataclass(frozen=True)
class Ask:
    """``holder`` (of the lock) is asked to step back, since ``by`` wants ``template``, since ``at`` (RFC 3339).

    ``token`` tells the one who asks from everybody else of that name.
    """

    holder: str
    template: str
    by: str
    at: str
    token: str

    def written(self) -> str:
        """As the annotation holds it."""
        return json.dumps(asdict(self), sort_keys=True)


def ask_of(anchor: Body) -> Ask | None:
    """What stands on a Workload; None when nobody asks, or nobody can read it."""
    return noted(anchor, labels.SUPERSEDE, Ask)
