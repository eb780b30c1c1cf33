"""Making an object under a name that must be ours: made, found made by us, waited for while it ends, or refused."""

import asyncio

from inference_provider.converge.gone import POLL_SECONDS
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.errors import AlreadyExists, NameTaken
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import CONFIG_MAP, JOB, SERVICE, Body, Kind
from inference_provider.manifests.ownership import is_condemned, owner_of

#: How long a name may stay taken by an object that is going (seconds). Garbage collection takes a second as a rule,
#: half a minute while the controller manager changes its leader.
GOING_SECONDS = 60.0
#: What owns objects of ours.
_OWNERS = {kind.name: kind for kind in (SERVICE, CONFIG_MAP, JOB)}


async def claim(cluster: Cluster, kind: Kind, body: Body, *, report: Reporter | None = None) -> Body:
    """POST an object. If one of that name with the same owner and identity is there, it is taken as it is.

    That happens when an earlier run was interrupted, or when an answer got lost and the request was repeated.
    Raises NameTaken when the name belongs to something else, and as ``obtain`` does.
    """
    found, made = await obtain(cluster, kind, body, report=report)
    if made or _same(found, body):
        return found
    raise NameTaken(taken(kind, found))


async def obtain(cluster: Cluster, kind: Kind, body: Body, *, report: Reporter | None = None) -> tuple[Body, bool]:
    """POST an object: the one that was made (True), or the living one that has its name (False).

    What is left of an earlier life of the same thing, and is going already, is waited for. Raises NameTaken when it
    does not go.
    """
    meta = body["metadata"]
    ends = asyncio.get_running_loop().time() + GOING_SECONDS
    while True:
        try:
            return await cluster.create(kind, body), True
        except AlreadyExists:
            found = await cluster.find(kind, meta.get("namespace"), meta["name"])
        if found is not None and not await _going(cluster, found, body):
            return found, False
        if found is not None and asyncio.get_running_loop().time() >= ends:
            raise NameTaken(_stays(kind, found))
        if found is not None and report is not None:
            report.status(f"waiting until an earlier {kind.name} {meta['name']} is gone")
        await asyncio.sleep(POLL_SECONDS)


async def _going(cluster: Cluster, found: Body, wanted: Body) -> bool:
    """Whether an object is an earlier one of the same thing, and is being deleted or belongs to nobody who lives."""
    ours = label(found, "app.kubernetes.io/managed-by") == labels.MANAGED_BY
    keys = (labels.WORKLOAD, labels.ARTIFACT, labels.PART)
    if not ours or any(label(found, key) != label(wanted, key) for key in keys):
        return False
    return is_condemned(found) or await _orphaned(cluster, found, wanted)


async def _orphaned(cluster: Cluster, found: Body, wanted: Body) -> bool:
    """Whether the owner that an object names is gone, or going: then garbage collection takes it soon."""
    owner, ours = owner_of(found), owner_of(wanted)
    if owner is None or owner.get("kind") not in _OWNERS or (ours is not None and owner["uid"] == ours["uid"]):
        return False
    holder = await cluster.find(_OWNERS[owner["kind"]], found["metadata"].get("namespace"), owner["name"])
    return holder is None or holder["metadata"]["uid"] != owner["uid"] or is_condemned(holder)


def _stays(kind: Kind, found: Body) -> str:
    meta = found["metadata"]
    holders = ", ".join(meta.get("finalizers") or [])
    why = f"its finalizers ({holders}) keep it" if holders else "garbage collection has not taken it"
    return (
        f"{kind.name} {meta.get('namespace')}/{meta['name']} is left of an earlier life and should be gone, but "
        f"{why} for {GOING_SECONDS:g} s already. Remove it, or see what keeps it, and run `pulumi up` again"
    )


def taken(kind: Kind, found: Body) -> str:
    """The sentence that names an object in our way and whose it seems to be."""
    meta = found["metadata"]
    manager = label(found, "app.kubernetes.io/managed-by")
    whose = f"it is managed by {manager}" if manager else "it was not made by pulumi-inference"
    if manager == labels.MANAGED_BY:
        workload, artifact = label(found, labels.WORKLOAD), label(found, labels.ARTIFACT)
        what = f"Workload {workload}" if workload else f"Artifact {artifact}"
        what = f"Policy {policy}" if (policy := label(found, labels.POLICY)) else what
        holder = annotation(found, labels.URN)
        whose = f"it belongs to {what}" + (f" ({holder})" if holder else "")
        if holder:
            whose += f". If that is the same one under another name in the program, give it the alias {holder}"
    return (
        f"{kind.name} {meta.get('namespace')}/{meta['name']} exists already, and {whose}. "
        "Choose another name, or remove that object first; it was left as it is"
    )


def _same(found: Body, wanted: Body) -> bool:
    keys = (
        labels.WORKLOAD,
        labels.ARTIFACT,
        labels.PART,
        labels.REVISION,
        labels.TEMPLATE,
        labels.CONTENT,
        labels.GROUP,
    )
    owners = (owner_of(found) or {}).get("uid"), (owner_of(wanted) or {}).get("uid")
    return owners[0] == owners[1] and all(label(found, key) == label(wanted, key) for key in keys)
