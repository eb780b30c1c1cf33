"""What is said of a Workload where nothing can be drawn in place? One line for each thing that has changed."""

from collections.abc import Iterator, Mapping

from inference_provider.cli.pods import gpus, word
from inference_provider.cli.times import length
from inference_provider.resources.pods import PodSeen
from inference_provider.resources.status import Status, Version
from inference_provider.rollout.fleet import Role


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """The sentences of ``now`` that are new or have changed, then what is not there any more."""
    yield from (said for subject, said in now.items() if before.get(subject) != said)
    yield from (_GONE.get(subject, f"{subject} is gone") for subject in before if subject not in now)


_GONE = {
    "held": "it is not held any more",
    "lock": "nobody works on it any more",
    "traffic": "no revision gets traffic any more",
    "disorder": "everything is in order again",
    "record": "nothing is on record any more",
}


def facts(status: Status) -> dict[str, str]:
    """What there is to say, by subject, in sentences that hold until something changes: nothing counts up or down."""
    said = {"status": f"{status.namespace}/{status.name} is {status.status}"}
    if status.traffic:
        said["traffic"] = f"traffic goes to {' and '.join(status.traffic)}"
    for version in status.versions:
        said[version.revision] = _version(version)
        said |= {pod.name: f"{pod.name}: {_pod(pod)}" for pod in version.pods}
    if status.held:
        said["held"] = f"held: {status.held.said}"
    if status.lock:
        said["lock"] = f"worked on by {status.lock.holder}"
    elif status.disorder:
        said["disorder"] = "; ".join(status.disorder)
    if status.records:
        last = status.records[-1]
        took = f" after {length(last.seconds)}" if last.seconds is not None else ""
        why = f": {last.message}" if last.message else ""
        said["record"] = f"{last.kind} {last.revision} {last.outcome or last.phase}{took}{why}"
    return said


def _version(version: Version) -> str:
    counted = f"{version.ready} of {version.wanted} pods ready"
    why = version.said if version.ready < version.wanted else counted
    return f"{version.revision} {_standing(version)}: {why}"


def _standing(version: Version) -> str:
    if version.ending:
        return "is ending"
    if version.role == Role.RETAINED:
        return f"is kept until {version.until}" if version.until else "is kept"
    if version.role == Role.FAILED:
        return "failed and stays for a look"
    if version.role == Role.ACTIVE:
        return "is active"
    return f"waits for promotion since {version.staged}" if version.staged else "is coming up"


def _pod(pod: PodSeen) -> str:
    place = f" on {pod.node}" if pod.node else ""
    return f"{word(pod)}{place}{f' ({gpus(pod)})' if pod.gpus else ''}"
