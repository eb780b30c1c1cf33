"""What the stack says of a Workload: what was observed, never what was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from inference_provider.converge.prove import assess
from inference_provider.converge.stop import stopped_counts
from inference_provider.domain.reference import VersionId
from inference_provider.health.deployment import ready_pods
from inference_provider.health.status_words import Situation, workload_status
from inference_provider.health.verdict import Reason, State, Verdict
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import endpoint
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.bundle import bundles_of, hourly_cost
from inference_provider.manifests.kinds import Body
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.phases import Phase


def observed(fleet: Fleet) -> Properties:
    """All computed outputs of a Workload."""
    active = fleet.active
    serving = active or next(iter(fleet.of_role(Role.CANDIDATE)), None)
    return {
        "endpoint": address(fleet.anchor),
        "status": _status(fleet, serving),
        "statusMessage": verdict_of(serving).message if serving else "no version runs",
        "activeArtifactId": version_of(active) if active else None,
        "activeProtonId": proton_id(fleet, active) if active else None,
        "candidateProtonIds": [proton_id(fleet, each) for each in fleet.of_role(Role.CANDIDATE)],
        "revision": active.name if active else None,
        "rollout": rollout(fleet),
        "held": _held(fleet),
        "resolvedBundles": bundles_of(active.service) if active else {},
        "images": images(active) if active else {},
        "readyReplicas": ready(active) if active else 0,
        "hourlyCost": hourly_cost(active.service, active.replicas()) if active else None,
        "incarnation": annotation(fleet.anchor, labels.INCARNATION),
        "createdAt": annotation(fleet.anchor, labels.CREATED_AT),
        "updatedAt": annotation(fleet.anchor, labels.UPDATED_AT),
        "creator": annotation(fleet.anchor, labels.CREATOR),
        "updater": annotation(fleet.anchor, labels.UPDATER),
    }


def proton_id(fleet: Fleet, proton: Proton) -> str:
    """``namespace/workload-r7``."""
    meta = fleet.anchor["metadata"]
    return f"{meta['namespace']}/{meta['name']}-{proton.name}"


def _held(fleet: Fleet) -> Mapping[str, object] | None:
    hold = hold_of(fleet.anchor)
    return None if hold is None else asdict(hold)


def address(anchor: Body) -> str:
    """Where the Workload answers: the load balancer's address if it has one, else the name inside the cluster."""
    meta, spec = anchor["metadata"], anchor["spec"]
    port = int(spec["ports"][0]["port"])
    given = ((anchor.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    host = (given[0].get("hostname") or given[0].get("ip")) if given else None
    if host:
        return f"http://{host}" if port == 80 else f"http://{host}:{port}"
    return endpoint(meta["namespace"], meta["name"], port)


def version_of(proton: Proton) -> str | None:
    """The ``versionId`` that a proton runs, from its labels."""
    artifact, content = label(proton.service, labels.ARTIFACT), label(proton.service, labels.CONTENT)
    return str(VersionId(proton.service["metadata"]["namespace"], artifact, content)) if artifact and content else None


def images(proton: Proton) -> dict[str, str]:
    """Container name → the image its pods really run; with several groups the key is ``group/container``."""
    several = len(proton.deployments) > 1
    return {
        f"{label(deployment, labels.GROUP)}/{each['name']}" if several else each["name"]: each["image"]
        for deployment in proton.deployments
        for each in deployment["spec"]["template"]["spec"]["containers"]
    }


def ready(proton: Proton) -> int:
    """Ready pods over all groups."""
    return sum(ready_pods(each, proton.pods) for each in proton.deployments)


def verdict_of(proton: Proton) -> Verdict:
    """How a proton is; one that has made room for another version wants no pods, and is not well for that."""
    if proton.vacated and not ready(proton):
        said = f"{proton.name} has made room for another version, and nobody serves"
        return Verdict(State.PROGRESSING, Reason.NOT_CREATED, said)
    return assess(proton)


def _status(fleet: Fleet, proton: Proton | None) -> str:
    if proton is None:
        return "unknown"
    return workload_status(situation(proton, fleet)).value


def situation(proton: Proton, fleet: Fleet, *, deleting: bool = False) -> Situation:
    """What the status words of a proton, and of the Workload that it serves, depend on."""
    served = proton is fleet.active
    counts = proton.strength() if served else proton.replicas()  # what has made room for good wants nothing more
    return Situation(
        verdict_of(proton),
        wanted=sum(counts.values()),
        ready=ready(proton),
        pods=len(proton.pods),
        served=served,
        deleting=deleting,
    )


def rollout(fleet: Fleet) -> Mapping[str, object]:
    """The last replacement as the objects show it."""
    active, kept = fleet.active, fleet.of_role(Role.RETAINED)
    candidates, failed = fleet.of_role(Role.CANDIDATE), fleet.of_role(Role.FAILED)
    previous = kept[-1] if kept else None
    said: dict[str, object] = {
        "status": _phase(candidates, failed).value,
        "message": _rollout_message(candidates, failed),
        "revision": candidates[-1].name if candidates else active.name if active else None,
        "retained": previous.name if previous else None,
        "retainedArtifactId": version_of(previous) if previous else None,
        "keepOldUntil": annotation(previous.service, labels.KEEP_UNTIL) if previous else None,
    }
    return said


def _phase(candidates: Sequence[Proton], failed: Sequence[Proton]) -> Phase:
    if candidates:
        return Phase.AWAITING_PROMOTION if candidates[-1].staged else Phase.INITIALIZING
    return Phase.ERRORED if failed else Phase.COMPLETED


def _rollout_message(candidates: Sequence[Proton], failed: Sequence[Proton]) -> str | None:
    if candidates:
        since = annotation(candidates[-1].service, labels.STAGED)
        return f"{candidates[-1].name} waits for promotion since {since}" if since else None
    return annotation(failed[-1].service, labels.FAILED) if failed else None


def visible_inputs(fleet: Fleet, inputs: Properties) -> Properties:
    """The inputs as the cluster shows them: what somebody else changed in place appears as a difference."""
    anchor = fleet.anchor
    shown = dict(inputs)
    for key, note in (("displayName", labels.DISPLAY_NAME), ("description", labels.DESCRIPTION)):
        if inputs.get(key):
            shown[key] = annotation(anchor, note) or ""
    if fleet.active is not None and isinstance(inputs.get("runtime"), Mapping):
        stopped = stopped_counts(anchor)
        shown["runtime"] = _visible_runtime(inputs["runtime"], fleet.active.strength() if stopped is None else stopped)
    if (stopped_counts(anchor) is None) != inputs.get("running", True):
        shown["running"] = stopped_counts(anchor) is None
    return shown


def _visible_runtime(runtime: object, counts: Mapping[str, int]) -> object:
    if not isinstance(runtime, Mapping):
        return runtime
    groups = runtime.get("containerGroups")
    if not isinstance(groups, list):
        return runtime
    return {**runtime, "containerGroups": [_visible_group(group, counts) for group in groups]}


def _visible_group(group: object, counts: Mapping[str, int]) -> object:
    if not isinstance(group, Mapping):
        return group
    scaling = group.get("autoscaling")
    if isinstance(scaling, Mapping) and scaling.get("enabled") is not False:
        return group  # load decides how many there are
    name = str(group.get("name") or "default")
    said = group.get("replicaCount") or 1
    return group if counts.get(name, said) == said else {**group, "replicaCount": counts[name]}
