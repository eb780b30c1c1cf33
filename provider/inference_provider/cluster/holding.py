"""What does a Lease say about its holder? Pure apart from the clock and the name that are written into it.

Times in a Lease are for people: they are written, shown, and never compared.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from inference_provider.cluster.holder import is_dead, new_name
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.labels import PART, identity

WORKLOAD_LABEL = "pulumi-inference.dev/workload"

#: For a Lease that somebody wrote without saying for how long, in seconds.
DEFAULT_DURATION = 15


@dataclass
class Standstill:
    """How long a Lease has looked the same to us, on our own monotonic clock."""

    look: tuple[str, ...] = ()
    since: float = 0.0
    first: tuple[str, str] | None = None

    def is_alive(self, lease: Body) -> bool:
        """Whether its holder has renewed it before our eyes: waiting for it to die is of no use."""
        sign = (holder_of(lease), str(spec_of(lease).get("renewTime")))
        if self.first is None or self.first[0] != sign[0]:
            self.first = sign
        return bool(sign[0]) and sign != self.first

    def is_free(self, lease: Body, now: float) -> bool:
        """Whether nobody holds it: given back, unchanged for its own duration, or its holder died on this machine."""
        look = (
            str(lease["metadata"]["uid"]),
            str(lease["metadata"]["resourceVersion"]),
            holder_of(lease),
            str(spec_of(lease).get("renewTime")),
        )
        if look != self.look:
            self.look, self.since = look, now
        return not holder_of(lease) or now - self.since >= duration_of(lease) or is_dead(holder_of(lease))


def wanted(namespace: str, workload: str, owner: Body, duration: float) -> Body:
    """A new Lease of ours for a Workload, owned by its Service."""
    now = _now()
    return {
        "metadata": {
            "name": workload,
            "namespace": namespace,
            "labels": identity(workload) | {PART: "lock"},
            "ownerReferences": [
                {
                    "apiVersion": owner.get("apiVersion", "v1"),
                    "kind": owner.get("kind", "Service"),
                    "name": owner["metadata"]["name"],
                    "uid": owner["metadata"]["uid"],
                }
            ],
        },
        "spec": {
            "holderIdentity": new_name(),
            # Whole seconds only; never shorter than what we go by ourselves.
            "leaseDurationSeconds": max(1, -int(-duration // 1)),
            "leaseTransitions": 1,
            "acquireTime": now,
            "renewTime": now,
        },
    }


def taken_over(found: Body, wanted: Body) -> Body:
    """The Lease that was found, now ours; its own owner is kept unless it is another Service of that name."""
    metadata = {**found["metadata"], "labels": {**found["metadata"].get("labels", {}), **wanted["metadata"]["labels"]}}
    owners = {owner["uid"] for owner in metadata.get("ownerReferences", [])}
    if wanted["metadata"]["ownerReferences"][0]["uid"] not in owners:
        metadata["ownerReferences"] = wanted["metadata"]["ownerReferences"]
    before = int(spec_of(found).get("leaseTransitions") or 0)
    return {"metadata": metadata, "spec": {**wanted["spec"], "leaseTransitions": before + 1}}


def renewed(lease: Body) -> Body:
    """The same Lease with a fresh renewTime."""
    return {**lease, "spec": {**spec_of(lease), "renewTime": _now()}}


def released(lease: Body) -> Body:
    """The same Lease, free at once."""
    return {**lease, "spec": {**spec_of(lease), "holderIdentity": "", "renewTime": _now()}}


def is_ours(found: Body, wanted: Body) -> bool:
    """Whether an earlier attempt of this very process went through though its answer was lost."""
    return holder_of(found) == holder_of(wanted)


def is_foreign(found: Body, wanted: Body) -> bool:
    """Whether it is somebody's own Lease that only happens to have the Workload's name."""
    labels = found["metadata"].get("labels") or {}
    return bool(labels.get(WORKLOAD_LABEL) != wanted["metadata"]["labels"][WORKLOAD_LABEL])


def holder_of(lease: Body) -> str:
    """Who holds it by name; empty for a Lease that was given back."""
    return str(spec_of(lease).get("holderIdentity") or "")


def spec_of(lease: Body) -> Body:
    """A Lease may come without a spec."""
    return dict(lease.get("spec") or {})


def duration_of(lease: Body) -> float:
    """For how many seconds the holder claims it after each renewal."""
    return float(spec_of(lease).get("leaseDurationSeconds") or DEFAULT_DURATION)


def named(lease: Body) -> str:
    """Workload namespace/name."""
    return f"Workload {lease['metadata']['namespace']}/{lease['metadata']['name']}"


def objection(lease: Body) -> str:
    """Why it cannot be ours, for people."""
    return (
        f"could not lock {named(lease)}: a Lease of that name exists and is not ours (it lacks the label "
        f"{WORKLOAD_LABEL}). Delete it, or give the Workload another name."
    )


def refusal(lease: Body) -> str:
    """Why it cannot be had, for people."""
    spec = spec_of(lease)
    return (
        f"{named(lease)} is being worked on by {holder_of(lease)} since {_shown(spec.get('acquireTime'))} "
        f"(last sign of life {_shown(spec.get('renewTime'))}, by its own clock). "
        f"Wait until it is done; if it has died, the lock falls free after {duration_of(lease):.0f} s of standstill."
    )


def _shown(moment: object) -> str:
    """A MicroTime for people: to the second."""
    second, point, _ = str(moment or "an unknown time").partition(".")
    return f"{second}Z" if point else second


def _now() -> str:
    """A Kubernetes MicroTime."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
