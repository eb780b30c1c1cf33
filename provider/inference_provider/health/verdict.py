"""What can be said about an observed object: one word, one reason, one sentence with numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How things stand, from best to worst."""

    READY = "ready"
    PROGRESSING = "progressing"  # moving by itself
    WAITING = "waiting"  # for something outside of this Workload: a GPU, a quota
    FAILED = "failed"  # waiting longer will not help


class Reason(StrEnum):
    """Why a state is what it is, in the words that outputs and logs use."""

    READY = "Ready"
    NOT_CREATED = "NotCreated"
    SCHEDULING = "Scheduling"
    UNSCHEDULABLE = "Unschedulable"
    QUOTA = "Quota"
    ADMISSION = "Admission"
    PULLING = "Pulling"
    IMAGE_PULL = "ImagePull"
    CONFIG_ERROR = "ConfigError"
    CONTAINER_ERROR = "ContainerError"
    CRASH_LOOP = "CrashLoop"
    OUT_OF_MEMORY = "OutOfMemory"
    LOADING = "Loading"
    NOT_READY = "NotReady"
    EVICTED = "Evicted"
    NODE_LOST = "NodeLost"
    TERMINATING = "Terminating"


#: How messages begin that lack their subject.
_VERBS = ("is ", "has ", "was ", "waits ")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``message`` is a short sentence; ``pod`` and ``container`` say whom it is about, if it is about one."""

    state: State
    reason: Reason
    message: str
    pod: str | None = None
    container: str | None = None

    @property
    def sentence(self) -> str:
        """The message with the pod that it is about: as its subject, where the message begins with a verb."""
        if self.pod is None:
            return self.message
        return f"{self.pod}{' ' if self.message.startswith(_VERBS) else ': '}{self.message}"

    @property
    def ready(self) -> bool:
        return self.state is State.READY

    @property
    def failed(self) -> bool:
        return self.state is State.FAILED


_ORDER = tuple(State)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that explains most; of equals the first, so the callers' order decides. Needs at least one."""
    return max(verdicts, key=lambda verdict: _ORDER.index(verdict.state))
