"""Who owns what: exactly one ownerReference per object, made at creation and moved only by JSON patch."""

from inference_provider.manifests.kinds import Body, Kind


def owner_reference(owner: Body) -> Body:
    """The reference to an existing object (its uid must be known).

    ``blockOwnerDeletion`` is left out: OwnerReferencesPermissionEnforcement would ask for more rights than we need.
    """
    meta = owner["metadata"]
    return {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"]}


def owner_of(body: Body) -> Body | None:
    """The one ownerReference of an object, or None."""
    references: list[Body] = body["metadata"].get("ownerReferences") or []
    return references[0] if references else None


def is_owned_by(body: Body, owner: Body) -> bool:
    """Whether ``owner`` (by uid) is the object's owner."""
    reference = owner_of(body)
    return reference is not None and reference.get("uid") == owner["metadata"]["uid"]


def has_owner_kind(body: Body, kind: Kind) -> bool:
    """Whether the object's owner is of this kind."""
    reference = owner_of(body)
    return reference is not None and reference.get("kind") == kind.name


def move_operations(body: Body, owner: Body) -> list[Body]:
    """The JSON patch that gives an object another owner, and does nothing if it is not the very same object."""
    return [
        {"op": "test", "path": "/metadata/uid", "value": body["metadata"]["uid"]},
        {"op": "replace", "path": "/metadata/ownerReferences", "value": [owner_reference(owner)]},
    ]


def is_condemned(body: Body) -> bool:
    """Whether the object is already being deleted. An API answer of 200 says nothing about that."""
    return "deletionTimestamp" in body["metadata"]
