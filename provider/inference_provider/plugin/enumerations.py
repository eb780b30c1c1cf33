"""What does each word mean that an input takes from a fixed list?

The words themselves are the domain's; here is what SDKs call each list, and a sentence for each word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Enumeration:
    """One list of words. Inputs that take the same words share it, wherever they stand."""

    name: str
    description: str
    words: Mapping[str, str]

    def schema(self) -> dict[str, Any]:
        """As Pulumi's package schema writes it."""
        values = [{"value": word, "description": meaning} for word, meaning in self.words.items()]
        return {"type": "string", "description": self.description, "enum": values}


def of(words: Iterable[str]) -> Enumeration | None:
    """The list with exactly these words; None where nobody has described it yet."""
    return _BY_WORDS.get(frozenset(words))


_ALL = (
    Enumeration(
        "ArtifactType",
        "What kind of server an Artifact is.",
        {
            "service": "A model server or any other HTTP service. The default.",
            "nim": "An NVIDIA NIM; the only kind that may have `storage` for its model weights.",
            "agent": "An agent that answers over HTTP. It is served like a service.",
            "tool": "A tool that agents call over HTTP. It is served like a service.",
        },
    ),
    Enumeration(
        "ArtifactStatus",
        "Whether an Artifact may still change.",
        {
            "draft": "It may change; each content is a version without a number. The default.",
            "locked": "It is immutable and has a number. A change makes the next number.",
        },
    ),
    Enumeration(
        "PinImages",
        "What happens to images when a version is made.",
        {
            "always": "Every image is pinned to its digest; no version is made when the registry does not answer.",
            "ifReachable": "The tag is kept, with a warning, when the registry does not answer.",
        },
    ),
    Enumeration(
        "StorageMode",
        "Where a NIM keeps its model weights.",
        {
            "dedicatedPvc": "A volume of the Workload's own. The default.",
            "nimCache": "A cache that several share. Not yet supported.",
        },
    ),
    Enumeration(
        "ProbeScheme",
        "How a probe asks.",
        {"HTTP": "Plain HTTP. The default.", "HTTPS": "HTTP over TLS; the certificate is not verified."},
    ),
    Enumeration(
        "SeccompProfileType",
        "Where the filter of system calls comes from.",
        {
            "RuntimeDefault": "The container runtime's own filter.",
            "Unconfined": "No filter.",
            "Localhost": "A file on the node, which `localhostProfile` names.",
        },
    ),
    Enumeration(
        "TolerationOperator",
        "When a taint counts as the one that is meant.",
        {
            "Equal": "Key and value are the same. The default.",
            "Exists": "The key is the same, or no key is given; any value will do.",
        },
    ),
    Enumeration(
        "TaintEffect",
        "What a taint does to pods that do not tolerate it.",
        {
            "NoSchedule": "No new pod is placed on the node.",
            "PreferNoSchedule": "New pods are placed elsewhere where that is possible.",
            "NoExecute": "No new pod is placed on the node, and those that run there are evicted.",
        },
    ),
    Enumeration(
        "BundleSelectionPolicy",
        "How a version gets one of its group's resource bundles.",
        {"availability": "The first one in order that has room. The default."},
    ),
    Enumeration(
        "Importance",
        "Whose pods are placed first, and which may be pushed out for others.",
        {
            "critical": "Above all others.",
            "high": "Above moderate and low.",
            "moderate": "Above low.",
            "low": "Below all others. The default.",
        },
    ),
    Enumeration(
        "SharedRoleName",
        "What somebody with whom a Workload is shared may do with it.",
        {
            "OWNER": "All of it: also change, delete and share it.",
            "EDITOR": "Look, call, promote, take back, cancel, resume, stop and start.",
            "USER": "Look and call.",
            "OBSERVER": "Look: what serves, its history, its pods' logs.",
            "CONSUMER": "Call it through the API server, and nothing else.",
        },
    ),
    Enumeration(
        "ShareRecipientType",
        "Whom a Workload is shared with.",
        {
            "user": "A person, as the cluster's login names them.",
            "group": "All members of a group, as the cluster's login names it.",
            "serviceAccount": "A service account of the cluster.",
        },
    ),
    Enumeration(
        "ServiceType",
        "From where a Workload's endpoint can be reached.",
        {
            "ClusterIP": "From inside the cluster. The default.",
            "LoadBalancer": "Through a load balancer that the cluster's platform provides.",
            "NodePort": "Through a port of every node.",
        },
    ),
    Enumeration(
        "ReplacementDriver",
        "Who says that a Workload's version changes.",
        {
            "artifact": "The Workload itself: a changed `artifactId` or `artifact` rolls. The default.",
            "external": "A Replacement alone; what the Workload says counts for its birth only.",
        },
    ),
    Enumeration(
        "ReplacementStrategy",
        "How one version takes over from another.",
        {"rolling": "The new version comes up beside the old one, is proven, and takes the traffic. The default."},
    ),
    Enumeration(
        "Surge",
        "What is done when there are not enough free GPUs for both versions at once.",
        {
            "require": "The update is refused before anything moves.",
            "wait": "The new version waits for room while the old one serves. The default.",
            "preempt": "Pods of lower importance may be pushed out.",
            "fallback": "The new version takes the first of its `resourceBundles` that has room, and waits for the "
            "first one when none has.",
            "recreate": "The old version ends before the new one starts: an outage.",
        },
    ),
    Enumeration(
        "Promotion",
        "Who lets a ready version have the traffic.",
        {
            "automatic": "It gets the traffic when all of it is ready and proven. The default.",
            "manual": "It waits, staged, until `promote` or the command line names its revision.",
        },
    ),
    Enumeration(
        "TrafficSwitch",
        "How traffic goes over to the new version.",
        {
            "overlap": "For a moment both versions serve. The default.",
            "atomic": "By one change: never do both versions serve.",
        },
    ),
    Enumeration(
        "OnFailure",
        "What becomes of a new version that fails.",
        {"delete": "It is removed. The default.", "keep": "It stays, without traffic, so that it can be looked at."},
    ),
    Enumeration(
        "OnConflict",
        "What happens when another version comes up already, or waits for promotion.",
        {
            "reject": "The change is refused before anything moves. The default.",
            "supersede": "The other version steps back first.",
        },
    ),
    Enumeration(
        "PolicyType",
        "What the rule of a Policy is about.",
        {
            "location": "Where pods may run.",
            "flavor": "On which hardware pods may run.",
            "maxTokens": "How many tokens may be asked for, where an Envoy AI Gateway counts them.",
        },
    ),
    Enumeration(
        "PolicyLocationType",
        "How large a place is.",
        {
            "location": "One region, by its name.",
            "country": "Every region known to be in a country.",
            "continent": "Every region known to be on a continent; `eu` is the European Union.",
        },
    ),
    Enumeration(
        "PolicyFlavorType",
        "What kind of hardware it is.",
        {"cpu": "Pods without GPUs.", "gpu": "Pods with this GPU."},
    ),
    Enumeration(
        "PolicyResourceType",
        "What a Workload serves.",
        {
            "model": "Artifacts of the types service and nim.",
            "agent": "Artifacts of the type agent.",
            "function": "Artifacts of the type tool.",
        },
    ),
    Enumeration(
        "PolicyRefType",
        "How a Workload names a Policy.",
        {
            "localPolicy": "One of its own namespace, by its name.",
            "remotePolicy": "Any, by its id.",
        },
    ),
    Enumeration(
        "TokenGranularity",
        "The stretch of time in which tokens are counted.",
        {"second": "A second.", "minute": "A minute. The default.", "hour": "An hour.", "day": "A day."},
    ),
)
_BY_WORDS = {frozenset(each.words): each for each in _ALL}
