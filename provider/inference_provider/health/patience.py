"""Which complaints of a kubelet go away by themselves.

A model image of thirty gigabytes meets a busy registry now and then. The kubelet retries for ever, so giving up a
rollout for one time-out would be wrong; giving up late for a missing image would be, too. Only what is
surely about the moment counts as passing; everything else is final.
"""

_PASSING = (
    "i/o timeout",
    "timed out",
    "timeout exceeded",
    "handshake timeout",
    "deadline exceeded",
    "connection refused",
    "connection reset",
    "unexpected eof",
    "temporary failure in name resolution",
    "server misbehaving",
    "toomanyrequests",
    "too many requests",
    "bad gateway",
    "service unavailable",
    "gateway timeout",
    "pull qps exceeded",
)


def passes_by_itself(message: str) -> bool:
    """Whether the next try of the same thing may well succeed."""
    said = message.lower()
    return any(words in said for words in _PASSING)
