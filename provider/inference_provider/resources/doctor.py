"""Is the cluster fit for us? Each question is answered by one finding: fine, a warning, or a problem and its cure."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference_provider.converge.gateway import missing_gateway
from inference_provider.converge.look import look_around
from inference_provider.converge.ports import Cluster
from inference_provider.domain.shared_roles import ROLES
from inference_provider.errors import ClusterError, Forbidden
from inference_provider.manifests.kinds import NAMESPACE, NODE, POD, PRIORITY_CLASS, Body
from inference_provider.manifests.priority import VALUES, priority_class_name
from inference_provider.placement.capacity import NodeFree, free_gpus
from inference_provider.placement.gpu_requests import GPU
from inference_provider.resources.budgets import CURE, foreign_budgets, overlaps
from inference_provider.resources.foreign_scalers import CURE as REMOVE
from inference_provider.resources.foreign_scalers import foreign_scalers, scaled_by_others
from inference_provider.resources.left_behind import left_behind
from inference_provider.resources.rights import GATEWAY, LOOKING, NEEDED, PRIORITIES, lacking
from inference_provider.resources.sharing_rights import may_not_share
from inference_provider.resources.unheld import unheld

#: The oldest API server that has everything we use.
OLDEST = (1, 30)


class Level(StrEnum):
    """How bad it is. Only problems keep a `pulumi up` from working."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One answer about one ``subject``; ``cure`` says what to do."""

    level: Level
    subject: str
    said: str
    cure: str = ""


def fine(subject: str, said: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, subject, said)


def warning(subject: str, said: str, cure: str) -> Finding:
    """It works, but less well."""
    return Finding(Level.WARNING, subject, said, cure)


def problem(subject: str, said: str, cure: str) -> Finding:
    """It will not work."""
    return Finding(Level.PROBLEM, subject, said, cure)


async def examine(cluster: Cluster, namespace: str, *, version: str) -> tuple[Finding, ...]:
    """All findings about a cluster that answers and one namespace of it, in the order in which to mend them."""
    found = await asyncio.gather(
        _namespace(cluster, namespace),
        _rights(cluster, namespace),
        _budgets(cluster, namespace),
        _scalers(cluster, namespace),
        _leftovers(cluster, namespace),
        _policies(cluster, namespace),
        _sharing(cluster, namespace),
        _gateway(cluster, namespace),
        _gpus(cluster),
        _priorities(cluster),
    )
    return (server_version(version), *(each for findings in found for each in findings))


def server_version(version: str) -> Finding:
    """Whether the API server is new enough; ``version`` as in "v1.36.2" or "v1.30.4-eks-036c24b"."""
    read = re.match(r"v?(\d+)\.(\d+)", version)
    wanted = ".".join(map(str, OLDEST))
    if read is None:
        return warning("Kubernetes", f"version {version} cannot be read", f"Make sure that it is {wanted} or newer.")
    if (int(read[1]), int(read[2])) < OLDEST:
        return problem("Kubernetes", f"{version} is too old", f"Upgrade the cluster to {wanted} or newer.")
    return fine("Kubernetes", f"{version} ({wanted} or newer is needed)")


async def _namespace(cluster: Cluster, namespace: str) -> list[Finding]:
    try:
        body = await cluster.find(NAMESPACE, None, namespace)
    except Forbidden:
        return [warning("namespace", f"no right to see whether {namespace} exists", "Make sure that it does.")]
    except ClusterError as error:
        return [_unknown("namespace", error)]
    if body is None:
        cure = f"Create it: `kubectl create namespace {namespace}`; or name another one with -n."
        return [problem("namespace", f"{namespace} does not exist", cure)]
    if (body.get("status") or {}).get("phase") == "Terminating":
        return [problem("namespace", f"{namespace} is being deleted", "Wait until it is gone, and create it anew.")]
    return [fine("namespace", f"{namespace} exists")]


#: What nobody is told who lacks a right to look.
_UNSEEN = {
    "events": "`events` tells of our records alone",
    "resourcequotas": "previews do not know what the namespace's quotas leave",
}


async def _rights(cluster: Cluster, namespace: str) -> list[Finding]:
    try:
        refused = await lacking(cluster, NEEDED, namespace)
        unseen = await lacking(cluster, LOOKING, namespace)
    except ClusterError as error:
        return [_unknown("rights", error)]
    cure = "Grant it: README, section `On your own cluster`, has the whole Role."
    blind = [f"may not {each.name} in namespace {namespace}: {_UNSEEN[each.resource]}" for each in unseen]
    found = [warning("rights", said, cure) for said in blind]
    if not refused:
        return [fine("rights", f"all {len(NEEDED)} that are needed in namespace {namespace}"), *found]
    return [*(problem("rights", f"may not {each.name} in namespace {namespace}", cure) for each in refused), *found]


async def _budgets(cluster: Cluster, namespace: str) -> list[Finding]:
    """Other people's budgets on our pods; nothing when there is none, or when we may not look."""
    budgets = await foreign_budgets(cluster, namespace)
    try:
        fleets = (await look_around(cluster, namespace)).values() if budgets else ()
    except ClusterError:
        return []
    return [warning("budgets", said, f"{CURE}.") for said in overlaps(budgets, fleets)]


async def _scalers(cluster: Cluster, namespace: str) -> list[Finding]:
    """Other people's autoscalers of our Deployments; nothing when there is none, or when we may not look."""
    found = await foreign_scalers(cluster, namespace)
    try:
        fleets = (await look_around(cluster, namespace)).values() if found else ()
    except ClusterError:
        return []
    return [warning("autoscalers", said, f"{REMOVE}.") for said in scaled_by_others(found, fleets)]


async def _leftovers(cluster: Cluster, namespace: str) -> list[Finding]:
    """What runs that died have left; nothing when we may not look."""
    try:
        return [warning("leftovers", said, cure) for said, cure in await left_behind(cluster, namespace)]
    except ClusterError:
        return []


async def _policies(cluster: Cluster, namespace: str) -> list[Finding]:
    """Policies that somebody with kubectl goes around, or that stayed; nothing when we may not look."""
    try:
        return [warning("policies", said, cure) for said, cure in await unheld(cluster, namespace)]
    except ClusterError:
        return []


async def _sharing(cluster: Cluster, namespace: str) -> list[Finding]:
    """Whether ``sharedRoles`` could be given, the one that may do most among them; nothing when nobody says."""
    try:
        refused = await may_not_share(cluster, namespace, ROLES)
    except ClusterError:
        return []
    if refused is None:
        return [fine("sharing", f"may share Workloads in namespace {namespace}, also as OWNER")]
    why, cure = refused
    return [warning("sharing", f"may not share Workloads in namespace {namespace} as OWNER: {why}", f"{cure}.")]


async def _gateway(cluster: Cluster, namespace: str) -> list[Finding]:
    """What we may not do where a gateway could lead to Workloads; nothing where there is none, or nobody can say."""
    try:
        refused = () if await missing_gateway(cluster) else await lacking(cluster, GATEWAY, namespace)
    except ClusterError:
        return []
    cure = "Grant it where `service.gateway` is used: docs/guides/token-limits.md has the whole Role."
    return [warning("gateway", f"may not {each.name} in namespace {namespace}", cure) for each in refused]


async def _gpus(cluster: Cluster) -> list[Finding]:
    blind = "Grant list on nodes and pods of the whole cluster if previews should count free GPUs."
    try:
        nodes = await cluster.list(NODE, None)
        able = [f"spec.nodeName={node['metadata']['name']}" for node in nodes if _has_gpus(node)]
        pods = await asyncio.gather(*(cluster.list(POD, None, fields=each) for each in able))
    except Forbidden:
        return [warning("GPUs", "no right to see nodes and all pods: free GPUs stay unknown", blind)]
    except ClusterError as error:
        return [_unknown("GPUs", error)]
    everything = [pod for each in pods for pod in each]
    return gpu_findings(free_gpus(nodes, everything), have=len(able), nodes=len(nodes))


def gpu_findings(usable: Sequence[NodeFree], *, have: int, nodes: int) -> list[Finding]:
    """One line per model; ``have`` counts the nodes with GPUs, of which not all may be usable."""
    if not usable:
        said = f"none of {nodes} nodes has {GPU}" if not have else f"none of the {have} nodes with GPUs takes pods now"
        cure = (
            "Install the NVIDIA device plugin; without GPUs only Workloads that ask for none can run."
            if not have
            else "Look at the nodes: not ready, cordoned, or tainted with something else than nvidia.com/gpu."
        )
        return [warning("GPUs", said, cure)]
    models = sorted({node.model or "" for node in usable})
    return [_model(model, [node for node in usable if (node.model or "") == model]) for model in models]


def _model(model: str, nodes: Sequence[NodeFree]) -> Finding:
    free, there = sum(node.free for node in nodes), sum(node.allocatable for node in nodes)
    counted = f"{free} of {there} free on {len(nodes)} {'node' if len(nodes) == 1 else 'nodes'}"
    if model:
        return fine("GPUs", f"{model}: {counted}")
    cure = "Install NVIDIA's GPU feature discovery if `gpu_model` should be asked for."
    return warning("GPUs", f"model unknown (no label nvidia.com/gpu.product): {counted}", cure)


def _has_gpus(node: Body) -> bool:
    return int(((node.get("status") or {}).get("allocatable") or {}).get(GPU) or 0) > 0


async def _priorities(cluster: Cluster) -> list[Finding]:
    """Importance schedules when its class is there, or when we may make it."""
    names = [priority_class_name(importance) for importance in VALUES]
    try:
        refused = await lacking(cluster, PRIORITIES, None)
        if any(each.verb == "get" for each in refused):
            return [_not_scheduling("no right to see PriorityClasses")]
        present = await asyncio.gather(*(cluster.find(PRIORITY_CLASS, None, name) for name in names))
    except ClusterError as error:
        return [_unknown("priorities", error)]
    missing = [name for name, body in zip(names, present, strict=True) if body is None]
    if missing and refused:
        return [_not_scheduling(f"no right to create PriorityClass {', '.join(missing)}")]
    return [fine("priorities", "every PriorityClass is there" if not missing else "PriorityClasses are made when used")]


def _not_scheduling(said: str) -> Finding:
    cure = "Let an administrator grant get and create on priorityclasses, if importance should schedule."
    return warning("priorities", f"{said}: importance is only noted", cure)


def _unknown(subject: str, error: ClusterError) -> Finding:
    return problem(subject, str(error), "")
