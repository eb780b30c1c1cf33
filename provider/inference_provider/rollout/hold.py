"""What a person at the command line has said against the program: it stands on the Workload's Service.

``undo``, ``cancel`` and ``stop`` each write one, or the next ``pulumi up`` would do again what they took back.
"""

import json
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import noted
from inference_provider.manifests.kinds import Body

Kind = Literal["undo", "cancel", "stop"]

_DONE = {"undo": "took {revision} back", "cancel": "cancelled {revision}", "stop": "stopped the Workload"}


@dataclass(frozen=True)
class Hold:
    """As long as this template is wanted, it does not roll (``stop``: it does not start).

    ``revision`` names what was rejected or stopped, ``by`` and ``at`` who said so and when (RFC 3339).
    """

    kind: Kind
    template: str
    revision: str
    by: str
    at: str
    reason: str = ""

    def written(self) -> str:
        """As the annotation holds it."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def said(self) -> str:
        """Who did what, when and why, in half a sentence: ``ann took r7 back on 2026-11-21T03:12:44Z (latency)``."""
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.by} {_DONE[self.kind].format(revision=self.revision)} on {self.at}{why}"

    def advice(self, namespace: str, workload: str) -> str:
        """How it ends."""
        command = "start" if self.kind == "stop" else "resume"
        lift = f"`pulumi-inference {command} {workload} -n {namespace}`"
        return f"Another version lifts this, or {lift}, or `replacement.resume: {self.revision}`"

    def withholds(self, template: str, *, serving: str | None, resume: str | None) -> bool:
        """Whether this template stays away. ``serving`` is that of what serves, ``resume`` whose hold is lifted."""
        return not self.is_void(template, serving=serving) and self.template == template and resume != self.revision

    def is_void(self, template: str, *, serving: str | None) -> bool:
        """What serves already is not withheld: the undo that wrote this never came to its end."""
        return serving is None or (self.kind != "stop" and serving == template)


def hold_of(anchor: Body) -> Hold | None:
    """The hold on a Workload; None when there is none that can be read."""
    hold = noted(anchor, labels.HOLD, Hold)
    return hold if hold is not None and hold.kind in get_args(Kind) else None
