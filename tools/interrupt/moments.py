"""Which step has a replacement just done? Told by what it leaves in the cluster, in the order in which it happens."""

from collections.abc import Callable
from dataclasses import dataclass

from inference_provider.manifests import labels
from tools.interrupt.stage import Stage, note
from tools.interrupt.streams import Object


@dataclass(frozen=True)
class Roll:
    """One replacement to come: the revision that serves, the one that the next run will make, and how many pods."""

    old: str
    new: str
    replicas: int

    @classmethod
    def of(cls, stage: Stage, *, replicas: int) -> "Roll":
        """The replacement that comes next on this stage. Raises LookupError when nothing serves there."""
        if stage.anchor is None or stage.active is None:
            raise LookupError(f"nothing serves as {stage.workload}")
        taken = int(note(stage.anchor, labels.LAST_REVISION) or 0)
        return cls(stage.active, f"r{taken + 1}", replicas)


Moment = Callable[[Roll, Stage], bool]


def _locked(_roll: Roll, stage: Stage) -> bool:
    return bool(holder(stage))


def holder(stage: Stage) -> str:
    """Who holds the Workload's Lease; empty when nobody does."""
    lease = stage.of("Lease").get(stage.workload)
    return str(lease["spec"].get("holderIdentity") or "") if lease else ""


def _numbered(roll: Roll, stage: Stage) -> bool:
    return stage.anchor is not None and note(stage.anchor, labels.LAST_REVISION) == roll.new[1:]


def _recorded(roll: Roll, stage: Stage) -> bool:
    return _record(roll, stage) is not None


def _record(roll: Roll, stage: Stage) -> Object | None:
    return stage.of("ConfigMap").get(f"revision-{stage.workload}-{roll.new}")


def _made(roll: Roll, stage: Stage) -> bool:
    return stage.proton(roll.new) is not None


def _deployed(roll: Roll, stage: Stage) -> bool:
    return f"{stage.workload}-{roll.new}" in stage.of("Deployment")


def _entombed(roll: Roll, stage: Stage) -> bool:
    return f"{stage.workload}-{roll.old}-keep" in stage.of("Job")


def _loading(roll: Roll, stage: Stage) -> bool:
    return any(pod["status"].get("phase") == "Running" for pod in stage.pods(roll.new))


def _ready(roll: Roll, stage: Stage) -> bool:
    return sum(_is_ready(pod) for pod in stage.pods(roll.new)) >= roll.replicas


def _is_ready(pod: Object) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _widened(_roll: Roll, stage: Stage) -> bool:
    selector = (stage.anchor or {"spec": {}})["spec"].get("selector") or {}
    return (labels.EVEN in selector) != (labels.ODD in selector)


def _narrowed(roll: Roll, stage: Stage) -> bool:
    return stage.active == roll.new


def _moved(roll: Roll, stage: Stage) -> bool:
    old = stage.proton(roll.old)
    owners = old["metadata"].get("ownerReferences") or [] if old else []
    return any(each["kind"] == "Job" for each in owners)


def _kept(roll: Roll, stage: Stage) -> bool:
    old = stage.proton(roll.old)
    return _moved(roll, stage) and old is not None and note(old, labels.KEEP_UNTIL) is not None


def _completed(roll: Roll, stage: Stage) -> bool:
    record = _record(roll, stage)
    return record is not None and note(record, labels.OUTCOME) == "completed"


def _released(roll: Roll, stage: Stage) -> bool:
    return _completed(roll, stage) and not holder(stage)


#: Every boundary between two steps of a replacement, in order.
MOMENTS: dict[str, Moment] = {
    "locked": _locked,
    "numbered": _numbered,
    "recorded": _recorded,
    "made": _made,
    "deployed": _deployed,
    "entombed": _entombed,
    "loading": _loading,
    "ready": _ready,
    "widened": _widened,
    "narrowed": _narrowed,
    "moved": _moved,
    "kept": _kept,
    "completed": _completed,
    "released": _released,
}


def reach(stage: Stage, roll: Roll, moment: str, *, within: float) -> bool:
    """Wait until a replacement has come to a moment; False when it has not within so many seconds."""
    return stage.until(lambda seen: MOMENTS[moment](roll, seen), within=within)


def leftovers(stage: Stage, *, wanted: str) -> list[str]:
    """What a Workload has beside the revision that serves and, kept until a set time, its immediate predecessor.

    The Lease of a dead holder is none: it falls free by itself.
    """
    found = [f"{stage.active} serves, not {wanted}"] if stage.active != wanted else []
    protons = {
        note_of: body for body in stage.of("Service").values() if (note_of := _revision(body)) and note_of != wanted
    }
    kept = [name for name, body in protons.items() if note(body, labels.KEEP_UNTIL) is not None]
    found += [f"Service of {name}, neither active nor kept" for name in protons if name not in kept]
    found += [f"kept {name}" for name in kept[1:]]
    alive = {wanted, *kept}
    for kind in ("Deployment", "Pod"):
        found += [f"{kind} {name}" for name, body in stage.of(kind).items() if _revision(body) not in alive]
    jobs = {f"{stage.workload}-{name}-keep" for name in kept}
    found += [f"Job {name}" for name in stage.of("Job") if name not in jobs]
    records = {name: body for name, body in stage.of("ConfigMap").items() if name.startswith("revision-")}
    found += [f"open record {name}" for name, body in records.items() if note(body, labels.OUTCOME) is None]
    return found


def _revision(body: Object) -> str | None:
    carried: dict[str, str] = body["metadata"].get("labels") or {}
    return carried.get(labels.REVISION)
