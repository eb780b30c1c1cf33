"""What does a plan say that was made without the cluster? That nobody answers is not that nobody may look.

No right to look is somebody's choice: it is named where the number is missing, and nobody is warned of it. That nobody
answers is news, and the update would fail of it.
"""

from inference_provider.errors import ClusterError, Forbidden, InferenceError


def unseen(error: InferenceError) -> tuple[str, ...]:
    """The warning of a plan that was made without looking at the Workload."""
    return _warning(error, "what serves now, free GPUs and minutes are not known, and the plan rests on the last run")


def unruled(error: InferenceError) -> tuple[str, ...]:
    """The warning of a plan whose Workload was seen, but not its policies; nothing else is asked then.

    The update reads them, too, and ends where it may not.
    """
    if isinstance(error, Forbidden):
        return (f"it will be refused: {error.message.rstrip('.')}",)
    return _warning(error, "which policies it is under, free GPUs and minutes are not known, nor where it may run")


def unjudged(error: InferenceError) -> tuple[str, ...]:
    """The warning of a check that could not ask which policies there are."""
    return _warning(error, "whether policies allow this version is not known")


def uncounted(error: InferenceError) -> tuple[str, ...]:
    """The warning of a plan whose Workload was seen, but not the nodes."""
    return _warning(error, "free GPUs are not known, nor whether the update will wait for room")


def right_missing(error: InferenceError) -> str | None:
    """The right without which nobody can look, in a few words; None when it is not that."""
    return f"no right to {error.attempted} {error.kind.lower()}s" if isinstance(error, Forbidden) else None


def _warning(error: InferenceError, meaning: str) -> tuple[str, ...]:
    """One sentence; none where it was somebody's choice, or a preview does not know yet which cluster is meant."""
    if isinstance(error, Forbidden) or not isinstance(error, ClusterError):
        return ()
    return (f"{meaning}, since the cluster could not be asked: {error.message}",)
