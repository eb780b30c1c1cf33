"""Making an object under a name that must be ours: made, found made by us, or refused."""

from inference_provider.converge.ports import Cluster
from inference_provider.errors import AlreadyExists, NameTaken
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import Body, Kind
from inference_provider.manifests.ownership import owner_of


async def claim(cluster: Cluster, kind: Kind, body: Body) -> Body:
    """POST an object. If one of that name with the same owner and identity is there, it is taken as it is.

    That happens when an earlier run was interrupted, or when an answer got lost and the request was repeated.
    Raises NameTaken when the name belongs to something else.
    """
    try:
        return await cluster.create(kind, body)
    except AlreadyExists:
        meta = body["metadata"]
        found = await cluster.get(kind, meta.get("namespace"), meta["name"])
        if _same(found, body):
            return found
        raise NameTaken(taken(kind, found)) from None


def taken(kind: Kind, found: Body) -> str:
    """The sentence that names an object in our way and whose it seems to be."""
    meta = found["metadata"]
    manager = label(found, "app.kubernetes.io/managed-by")
    whose = f"it is managed by {manager}" if manager else "it was not made by pulumi-inference"
    if manager == labels.MANAGED_BY:
        workload, artifact = label(found, labels.WORKLOAD), label(found, labels.ARTIFACT)
        what = f"Workload {workload}" if workload else f"Artifact {artifact}"
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
