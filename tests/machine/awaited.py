"""What the machine found and the product does not do yet, so that it is not asked for. Empty when all is mended.

`MACHINE_STRICT=1` asks for everything. To mend one: take its line out, run the machine, and see it fail first.
"""

import os

#: A word for each, as the machine's parts ask for it.
_FOUND = {
    "artifacts recover": "an Artifact that is gone, or whose content is still being collected, fails the next run",
    "late records close": "a record whose creation arrives after somebody took over stays as it was submitted",
    "scaling is fenced": "a paused holder's scale request still counts",
    "tombstones are cleared": "a tombstone whose version somebody deleted stays until it expires",
}

AWAITED = frozenset() if os.environ.get("MACHINE_STRICT") else frozenset(_FOUND)


def awaited(what: str) -> bool:
    """Whether the product does not do this yet. Raises KeyError for what is not on the list."""
    return bool(_FOUND[what]) and what in AWAITED
