"""What the machine found and the product does not do yet, so that it is not asked for. Empty when all is mended.

`MACHINE_STRICT=1` asks for everything. To mend one: take its line out, run the machine, and see it fail first.
"""

import os

#: A word for each, as the machine's parts ask for it.
_FOUND = {
    "records close": "a run killed after the switch leaves the record of its revision open for ever",
    "artifacts are compared": "Diff does not see that an Artifact's head names another content than the state says",
    "incarnations are compared": "Diff does not see another incarnation than the state's; a destroy leaves all there",
    "holds are seen": "Diff does not see another hold than the state's: after a stop, or after two undos",
    "artifacts recover": "an Artifact that is gone, or whose content is still being collected, fails the next run",
    "paused deletes stop": "a paused destroy deletes a Workload that a later run has taken over",
    "scaling is fenced": "a paused holder's scale request still counts",
    "aliases are stamped": "after an alias a forced replacement is refused, as another URN's",
    "tombstones are cleared": "a tombstone whose version somebody deleted stays until it expires",
    "first numbers are new": "the number of a first version that somebody deleted is given again",
    "stopped ones are made whole": "stopped while the Deployment was gone: up, held, does not make it again, and start "
    "waits for it for an hour",
    "stopped counts follow": "a count that changes while stopped is never noted, and stays in the preview",
}

AWAITED = frozenset() if os.environ.get("MACHINE_STRICT") else frozenset(_FOUND)


def awaited(what: str) -> bool:
    """Whether the product does not do this yet. Raises KeyError for what is not on the list."""
    return bool(_FOUND[what]) and what in AWAITED
