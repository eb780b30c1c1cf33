"""What can go wrong, as one tree.

Two questions are answered by every error: may the same call be tried again at once (``retry``),
and had something been changed already when it was raised (``touched``)?

    InferenceError
    ├── InputError              the program asks for something impossible; carries one Fault per property
    ├── ClusterError            the API server answered, but not with what was wanted
    │   ├── NotFound            404: definitely absent (the only error that means "gone")
    │   ├── AlreadyExists       409 on POST: the name is taken
    │   ├── Conflict            409 otherwise, or a failed test of a JSON patch: somebody else was faster
    │   ├── Forbidden           403: this identity may not do it
    │   ├── Unauthorized        401: the credential is missing or has expired
    │   ├── Invalid             400/422: the server refuses the content
    │   │   └── Denied          a ValidatingAdmissionPolicy does
    │   ├── Expired             410: the watch or list must start anew
    │   └── Unavailable         429, 5xx, no connection: nobody knows, try again
    ├── RegistryError           an image's digest could not be had
    ├── NameTaken               an object that is not ours stands where ours should be
    ├── LockHeld                somebody else is working on this Workload
    ├── LockLost                our own lock is gone: stop before the next change
    ├── Cancelled               somebody called the replacement off at the command line
    │   └── Superseded          another change has taken its place
    │       └── HandedOver      to the same version: it carries on with what is there
    ├── InUse                   an Artifact's version serves somewhere
    ├── DeadlineExceeded        the operation's time is over
    │   └── NoRoom              a candidate found no GPUs within the time that is allowed for that
    └── RolloutFailed           a candidate did not become ready
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One reason why one property cannot be accepted; ``path`` as in ``spec.containerGroups[0].name``."""

    path: str
    reason: str


class InferenceError(Exception):
    """The root. Its text is a whole sentence that may be shown to a user as it is.

    ``detail`` (last log lines, for example) comes below it.
    """

    retry = False

    def __init__(self, message: str, *, touched: bool = False, detail: str = "") -> None:
        super().__init__(f"{message}\n{detail}" if detail else message)
        self.message = message
        self.touched = touched
        self.detail = detail

    def add(self, sentence: str) -> None:
        """Say one sentence more to whoever is told."""
        self.message = f"{self.message.rstrip('.')}. {sentence}"
        self.args = (f"{self.message}\n{self.detail}" if self.detail else self.message,)


class InputError(InferenceError):
    """The program asks for something impossible. ``faults`` names each property and why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.reason}" if fault.path else fault.reason for fault in faults))
        self.faults = faults


class ClusterError(InferenceError):
    """The API server refused or could not be asked.

    ``attempted`` is a verb phrase ("create", "switch traffic of"), ``said`` the server's own message,
    ``advice`` what to do, if anything can be said.
    """

    def __init__(
        self,
        attempted: str,
        *,
        kind: str,
        namespace: str | None,
        name: str,
        status: int | None = None,
        said: str = "",
        advice: str = "",
        retry_after: float | None = None,
    ) -> None:
        place = f"{namespace}/{name}" if namespace else name
        code = f" ({status})" if status else ""
        sentence = f"could not {attempted} {kind} {place}: {said or 'no reason given'}{code}"
        super().__init__(f"{sentence}. {advice}" if advice else sentence)
        self.attempted, self.kind, self.namespace, self.name = attempted, kind, namespace, name
        self.status, self.said, self.retry_after = status, said, retry_after


class NotFound(ClusterError):
    """404: the object is definitely absent."""


class AlreadyExists(ClusterError):
    """409 with reason AlreadyExists: the name is taken."""


class Conflict(ClusterError):
    """409, or the ``test`` of a JSON patch failed: the object is not what we believed."""


class Forbidden(ClusterError):
    """403: this identity may not do it."""


class Unauthorized(ClusterError):
    """401: the credential is missing or has expired."""


class Invalid(ClusterError):
    """400 or 422: the server refuses the content."""


class Denied(Invalid):
    """A ValidatingAdmissionPolicy refuses the content, whatever status it wants that to have; ``said`` names it."""


class Expired(ClusterError):
    """410: the resource version is too old; list again."""


class Unavailable(ClusterError):
    """429, 5xx or no connection at all. ``retry_after`` (seconds) is the server's own wish."""

    retry = True


class RegistryError(InferenceError):
    """An image reference could not be resolved to a digest."""


class NameTaken(InferenceError):
    """An object that is not ours has the name that ours needs."""


class LockHeld(InferenceError):
    """Another process holds the Lease of this Workload; ``holder`` is its name there, if it is known."""

    def __init__(self, message: str, *, holder: str = "") -> None:
        super().__init__(message)
        self.holder = holder


class LockLost(InferenceError):
    """Our Lease was taken over or could not be renewed in time."""


class Cancelled(InferenceError):
    """Somebody at the command line called the replacement off; the text says who and why."""


class Superseded(Cancelled):
    """Another change with ``onConflict: supersede`` asked this one to step back; the text says whose."""


class HandedOver(Superseded):
    """The same by a change to the same version, which carries on from here: nothing is to be cleared up."""


class InUse(InferenceError):
    """A version of the Artifact is used by a Workload."""


class DeadlineExceeded(InferenceError):
    """The time of the whole operation is over; the text names what was being waited for."""


class NoRoom(DeadlineExceeded):
    """A candidate found no room in time, so nothing of it has ever run."""


class RolloutFailed(InferenceError):
    """A proton did not become ready. The text holds the root cause and what serves now."""
