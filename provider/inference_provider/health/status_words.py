"""The one table between what is observed and the status words of seed 001 (ProtonStatus, WorkloadStatus).

Rows are tried from top to bottom; the first that holds gives the word. What is no longer wanted comes first,
then what serves, then what has served, and last why a new one does not serve yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from inference_provider.health.verdict import Reason, State, Verdict


class ProtonStatus(StrEnum):
    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    INITIALIZING = "initializing"
    PROVISIONING = "provisioning"
    LAUNCHING = "launching"
    RUNNING = "running"
    SUSPENDED = "suspended"
    WARMING = "warming"
    DRAINING = "draining"
    INTERRUPTED = "interrupted"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ERRORED = "errored"
    TERMINATED = "terminated"


class WorkloadStatus(StrEnum):
    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    PROVISIONING = "provisioning"
    LAUNCHING = "launching"
    RUNNING = "running"
    SUSPENDED = "suspended"
    INTERRUPTED = "interrupted"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ERRORED = "errored"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the words depend on. ``verdict`` is None when the cluster did not say.

    ``wanted``, ``ready`` and ``pods`` count pods over all groups (``pods`` with those that are leaving).
    The rest only the caller knows: whether it ``served`` before, is being warmed up, drained or deleted, and whether
    nobody wants pods because an autoscaler found it ``idle`` rather than because it was stopped.
    """

    verdict: Verdict | None
    wanted: int
    ready: int
    pods: int
    served: bool = False
    warming: bool = False
    draining: bool = False
    deleting: bool = False
    idle: bool = False


#: Why a proton that never served does not serve yet. Every Reason has its word.
_ON_THE_WAY = {
    Reason.READY: ProtonStatus.RUNNING,
    Reason.NOT_CREATED: ProtonStatus.INITIALIZING,
    Reason.SCHEDULING: ProtonStatus.PROVISIONING,
    Reason.UNSCHEDULABLE: ProtonStatus.PROVISIONING,
    Reason.QUOTA: ProtonStatus.PROVISIONING,
    Reason.ADMISSION: ProtonStatus.PROVISIONING,
    Reason.EVICTED: ProtonStatus.PROVISIONING,
    Reason.NODE_LOST: ProtonStatus.PROVISIONING,
    Reason.TERMINATING: ProtonStatus.PROVISIONING,
    Reason.PULLING: ProtonStatus.LAUNCHING,
    Reason.IMAGE_PULL: ProtonStatus.LAUNCHING,
    Reason.CONFIG_ERROR: ProtonStatus.LAUNCHING,
    Reason.CONTAINER_ERROR: ProtonStatus.LAUNCHING,
    Reason.CRASH_LOOP: ProtonStatus.LAUNCHING,
    Reason.OUT_OF_MEMORY: ProtonStatus.LAUNCHING,
    Reason.LOADING: ProtonStatus.LAUNCHING,
    Reason.NOT_READY: ProtonStatus.LAUNCHING,
}


def _on_the_way(now: Situation) -> ProtonStatus:
    return ProtonStatus.UNKNOWN if now.verdict is None else _ON_THE_WAY[now.verdict.reason]


def _failed(now: Situation) -> bool:
    return now.verdict is not None and now.verdict.state is State.FAILED


def _complete(now: Situation) -> bool:
    return now.verdict is not None and now.verdict.state is State.READY


def _absent(now: Situation) -> bool:
    return now.verdict is not None and now.verdict.reason is Reason.NOT_CREATED and now.pods == 0


_ROWS: tuple[tuple[Callable[[Situation], bool], ProtonStatus], ...] = (
    (lambda now: now.deleting and now.pods == 0, ProtonStatus.TERMINATED),
    (lambda now: now.deleting or now.draining, ProtonStatus.DRAINING),
    (lambda now: now.verdict is None, ProtonStatus.UNKNOWN),
    (lambda now: now.wanted == 0 and now.idle, ProtonStatus.SUSPENDED),
    (lambda now: now.wanted == 0 and now.pods == 0, ProtonStatus.STOPPED),
    (lambda now: now.wanted == 0, ProtonStatus.STOPPING),
    (lambda now: _complete(now) and now.warming, ProtonStatus.WARMING),
    (_complete, ProtonStatus.RUNNING),
    # One pod of three missing is a matter for the message: the Workload answers.
    (lambda now: now.served and now.ready > 0, ProtonStatus.RUNNING),
    (_failed, ProtonStatus.ERRORED),
    (lambda now: now.served and _on_the_way(now) is ProtonStatus.LAUNCHING, ProtonStatus.RESTARTING),
    (lambda now: now.served, ProtonStatus.INTERRUPTED),
    (_absent, ProtonStatus.SUBMITTED),
)

#: Users of a Workload never see a proton's inner life.
_OF_WORKLOADS = {
    ProtonStatus.INITIALIZING: WorkloadStatus.SUBMITTED,
    ProtonStatus.WARMING: WorkloadStatus.LAUNCHING,
    ProtonStatus.RESTARTING: WorkloadStatus.INTERRUPTED,
    ProtonStatus.DRAINING: WorkloadStatus.STOPPING,
}


def proton_status(now: Situation) -> ProtonStatus:
    """The word for one proton."""
    return next((word for holds, word in _ROWS if holds(now)), None) or _on_the_way(now)


def workload_status(now: Situation) -> WorkloadStatus:
    """The word for a Workload: that of its active proton, or of its first candidate while it has no active one."""
    word = proton_status(now)
    return _OF_WORKLOADS.get(word) or WorkloadStatus(word.value)
