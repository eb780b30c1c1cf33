"""What a change of each property of a Workload does. The one table that diff, plan and documentation read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Effect = Literal["rolls", "in place", "replaces the resource", "next roll"]


@dataclass(frozen=True)
class Entry:
    """What a change of ``path`` (list indexes left out: ``containers[].image``) does, and why."""

    path: str
    effect: Effect
    reason: str


def _entries(effect: Effect, reason: str, paths: str, *, under: str = "") -> Iterator[Entry]:
    yield from (Entry(under + path, effect, reason) for path in paths.split())


_SPEC = "artifact.spec."
_CONTAINER = f"{_SPEC}containerGroups[].containers[]."
_PROBE = "path port scheme host httpHeaders initialDelaySeconds periodSeconds timeoutSeconds failureThreshold"
_GIVEN_TO = "runtime.containerGroups[].containers[].resourceAllocation."
_GROUP = "runtime.containerGroups[]."
_BUNDLE = f"{_GROUP}resourceBundles[]."
_RIGHTS = (
    "allowPrivilegeEscalation capabilities.add capabilities.drop readOnlyRootFilesystem seccompProfile.type "
    "seccompProfile.localhostProfile"
)
_TIMED = (
    "driver strategy warmupDurationMinutes keepOldVersionMinutes surge surgeWaitMinutes promotion trafficSwitch "
    "onFailure onConflict drainSeconds"
)
_SCALED = "autoscaling.enabled " + " ".join(
    f"autoscaling.policies[].{each}" for each in ("scalingMetric", "target", "minCount", "maxCount", "priority")
)
_WARMUP = "path body requests concurrency timeoutSeconds maxErrorPercent maxP95Seconds image"
_SHARED = "role shareRecipientType name namespace"
_PART = "it is part of the version that the pods run"
_GIVEN = "pods cannot be given other resources while they run"
_CHOSEN = "pods cannot be given other hardware while they run; a bundle that no pod runs on rolls nothing"
_LATER = "not yet supported"
_PARENT = "service.gateway.parentRefs[]."

#: Every property of a Workload, once.
TABLE: tuple[Entry, ...] = (
    *_entries("replaces the resource", "the endpoint's address is made of it", "name namespace"),
    *_entries("in place", "it is for people; no pod knows it", "displayName description environment tags"),
    *_entries("next roll", "a pod's priority cannot be changed; the next version gets the new one", "importance"),
    *_entries("rolls", "another version's content runs in other pods", "artifactId"),
    *_entries("in place", "it names the version; what runs stays the same", "artifact.name artifact.status"),
    *_entries("in place", "it is for people; no pod knows it", "artifact.description"),
    *_entries("rolls", _PART, "artifact.type"),
    *_entries("rolls", _PART, "containerGroups[].name storage.mode storage.pvcSize templateId", under=_SPEC),
    *_entries("rolls", _PART, "name image primary port entrypoint args", under=_CONTAINER),
    *_entries("rolls", _PART, "env[].name env[].value env[].secretRef.name env[].secretRef.key", under=_CONTAINER),
    *_entries("in place", "it is for people; no pod knows it", "description", under=_CONTAINER),
    *_entries("rolls", f"it makes another image ({_LATER})", "build", under=_CONTAINER),
    *_entries("rolls", _PART, _PROBE, under=f"{_CONTAINER}startupProbe."),
    *_entries("rolls", _PART, _PROBE, under=f"{_CONTAINER}readinessProbe."),
    *_entries("rolls", _PART, _PROBE, under=f"{_CONTAINER}livenessProbe."),
    *_entries("rolls", _PART, _RIGHTS, under=f"{_CONTAINER}securityContext."),
    *_entries("in place", f"what runs is taken over, not changed ({_LATER})", "sourceRef"),
    *_entries("rolls", "what its containers are given is looked up by it", "name containers[].name", under=_GROUP),
    *_entries("in place", "pods are added or removed; the others go on", "replicaCount", under=_GROUP),
    *_entries("in place", "it only changes how many pods there are, and who decides it", _SCALED, under=_GROUP),
    *_entries("in place", "it is for people; no pod knows it", "name pricePerHour", under=_BUNDLE),
    *_entries("rolls", _CHOSEN, "cpu memory gpu gpuMemory gpuModel nodeSelector env", under=_BUNDLE),
    *_entries("rolls", _CHOSEN, "key operator value effect", under=f"{_BUNDLE}tolerations[]."),
    *_entries("next roll", "hardware is chosen when a version starts", "bundleSelectionPolicy", under=_GROUP),
    *_entries("rolls", _GIVEN, "cpu memory gpu", under=_GIVEN_TO),
    *_entries(
        "rolls",
        "pods cannot move to other nodes",
        "gpuMemory gpuModel",
        under=_GIVEN_TO,
    ),
    *_entries("in place", f"it only changes how many pods there are ({_LATER})", "serverless"),
    *_entries("rolls", f"it changes how the server is started ({_LATER})", "offloading"),
    *_entries("next roll", "a pod's place is chosen when it starts", "refType name id", under="policies[]."),
    *_entries("in place", "it says who may do what; no pod knows it", _SHARED, under="sharedRoles[]."),
    *_entries("in place", "its pods go or come; endpoint and history stay", "running"),
    *_entries("in place", "it counts when the Workload is deleted", "retainHistory"),
    *_entries("in place", "only the endpoint changes", "port type annotations gateway.hostnames", under="service."),
    *_entries("in place", "only the endpoint changes", "name namespace sectionName", under=_PARENT),
    *_entries("next roll", "it says how the next version takes over", _TIMED, under="replacement."),
    *_entries("next roll", "it says how the next version takes over", _WARMUP, under="replacement.warmup."),
    *_entries("in place", "it speaks to the revision it names", "promote", under="replacement."),
    *_entries("in place", "it lifts the hold of the revision it names", "resume", under="replacement."),
    *_entries("in place", "it bounds the operation itself", "create update delete", under="timeouts."),
)


def entry_for(path: str) -> Entry | None:
    """The entry for a Pulumi property path, such as ``runtime.containerGroups[0].replicaCount``.

    A path inside a map (``tags.team``, ``service.annotations["a/b"]``) or a list of texts finds the property itself; a
    whole object that comes or goes (``replacement.warmup``) any of its own, where all of them do the same.
    None when there is no single answer.
    """
    general = re.sub(r"\[\d+\]", "[]", path)
    holders = [entry for entry in TABLE if _holds(entry.path, general)]
    if holders:
        return max(holders, key=lambda entry: len(entry.path))
    held = [entry for entry in TABLE if _holds(general, entry.path)]
    return held[0] if len({(entry.effect, entry.reason) for entry in held}) == 1 else None


def _holds(holder: str, path: str) -> bool:
    return path == holder or path.startswith((f"{holder}.", f"{holder}["))
