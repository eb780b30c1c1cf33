"""An Artifact's life: contents kept, numbers given by compare-and-swap, spare contents tidied away."""

import asyncio
import base64
import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.converge.claim import claim, obtain, taken
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.gone import all_gone
from inference_provider.converge.operation import utc_now
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.domain.names import artifact_content_name, artifact_head_name
from inference_provider.errors import Conflict, InferenceError, InUse, NameTaken, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.artifact import (
    content_map,
    content_secret,
    head,
    images_of_map,
    is_head,
    key_secret,
    key_secret_name,
    numbers_of,
    revised_head,
)
from inference_provider.manifests.kinds import CONFIG_MAP, SECRET, SERVICE, Body
from inference_provider.manifests.ownership import is_condemned, is_owned_by, owner_of

#: Between two looks whether an Artifact is still used (seconds); nothing is watched meanwhile.
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Version:
    """One version of an Artifact as it should be kept."""

    namespace: str
    name: str
    content: Body
    content_hash: str
    images: Mapping[str, str]
    kind: str = "service"
    status: str = "draft"
    description: str = ""
    secret_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    retain: int = 20


async def claim_head(
    cluster: Cluster, namespace: str, name: str, *, notes: Mapping[str, str], report: Reporter | None = None
) -> Body:
    """The Artifact's head, made now or found; the same URN may carry on with one it made before.

    One that is being deleted is waited for. Raises NameTaken when it belongs to another resource or to nobody we know.
    """
    body = head(namespace, name, notes={**notes, labels.CREATED_AT: utc_now()})
    try:
        found, made = await obtain(cluster, CONFIG_MAP, body, report=report)
    except NotFound as error:
        raise _no_namespace(namespace, name, error) from None
    if made or (is_head(found, name) and annotation(found, labels.URN) == notes.get(labels.URN)):
        return found
    raise NameTaken(taken(CONFIG_MAP, found))


async def unmake(cluster: Cluster, head_body: Body) -> None:
    """Remove a head that never got a content, with all it owns; leave it when it has changed or cannot be removed."""
    meta = head_body["metadata"]
    if (head_body.get("data") or {}).get("current"):
        return
    seen = {"uid": meta["uid"], "resource_version": meta["resourceVersion"]}
    with contextlib.suppress(InferenceError):  # what stays is carried on with by the next run of the same resource
        await cluster.delete(CONFIG_MAP, meta["namespace"], meta["name"], **seen)


def missing_in(head_body: Body) -> str | None:
    """What a head should hold and does not: somebody else has changed it."""
    data = head_body.get("data") or {}
    return next((key for key in ("current", "status", "description") if key not in data), None)


def _no_namespace(namespace: str, name: str, error: NotFound) -> NotFound:
    return NotFound(
        "create",
        kind="ConfigMap",
        namespace=namespace,
        name=artifact_head_name(name),
        status=404,
        said=error.said,
        advice=f"Create namespace {namespace} first, or name another one",
    )


async def find_head(cluster: Cluster, namespace: str, name: str) -> Body | None:
    """The head, or None when it is definitely gone or not ours."""
    found = await cluster.find(CONFIG_MAP, namespace, artifact_head_name(name))
    return found if found is not None and is_head(found, name) else None


async def known_head(cluster: Cluster, namespace: str, name: str) -> Body | None:
    """The same, as ``Cluster.known`` has it."""
    found = await cluster.known(CONFIG_MAP, namespace, artifact_head_name(name))
    return found if found is not None and is_head(found, name) else None


async def living_head(cluster: Cluster, namespace: str, name: str) -> Body | None:
    """The head; None also when ``going_head`` has something to say."""
    found = await find_head(cluster, namespace, name)
    return found if found is not None and going_head(found) is None else None


def going_head(head_body: Body) -> str | None:
    """Why a head counts as if it were gone, if it does: nobody can take a deletion back."""
    if is_condemned(head_body):
        return "is being deleted by somebody"
    return "holds no version yet" if (head_body.get("data") or {}).get("current") == "" else None


async def lacking(cluster: Cluster, head_body: Body, name: str, *, secret: bool) -> str | None:
    """What the head's current content lacks, in words: somebody has deleted it; None when all is there."""
    content = artifact_content_name(name, head_body["data"]["current"])
    for kind in (CONFIG_MAP, SECRET) if secret else (CONFIG_MAP,):
        held = await cluster.find(kind, head_body["metadata"]["namespace"], content)
        if held is None or is_condemned(held) or (owner_of(held) and not is_owned_by(held, head_body)):
            return f"{kind.name} {content}, which holds its current version, is gone"
    return None


async def names_inside(cluster: Cluster, namespace: str, workload: str) -> list[str]:
    """The Artifacts that were written inside this Workload."""
    heads = await cluster.list(CONFIG_MAP, namespace, labels=f"{labels.PART}=artifact-head")
    mine = [each for each in heads if annotation(each, labels.INLINE_OF) == workload]
    return sorted(name for each in mine if (name := label(each, labels.ARTIFACT)))


async def current_images(cluster: Cluster, namespace: str, name: str) -> dict[str, str]:
    """Image as written → image as pinned, in the content that the Artifact points to; empty before there is one."""
    found = await find_head(cluster, namespace, name)
    current = (found or {}).get("data", {}).get("current")
    held = await cluster.find(CONFIG_MAP, namespace, artifact_content_name(name, current)) if current else None
    return images_of_map(held) if held is not None else {}


async def find_key(cluster: Cluster, namespace: str, name: str) -> str | None:
    """The key for digests of secret values (base64 text), or None before there is one."""
    found = await cluster.find(SECRET, namespace, key_secret_name(name))
    key: str | None = (found or {}).get("data", {}).get("key")
    return key


async def make_key(cluster: Cluster, head_body: Body, name: str, *, report: Reporter | None = None) -> str:
    """The Artifact's key, made on first use and never changed.

    That of an earlier life lives on as long as it can be read: the same secrets stay the same version.
    """
    known = await find_key(cluster, head_body["metadata"]["namespace"], name)
    fresh = known or base64.b64encode(secrets.token_bytes(32)).decode()
    made = await claim(cluster, SECRET, key_secret(head_body, name=name, key=fresh), report=report)
    return str(made["data"]["key"])


async def keep(
    cluster: Cluster,
    head_body: Body,
    version: Version,
    *,
    notes: Mapping[str, str],
    report: Reporter | None = None,
) -> Body:
    """Make the version's content (the same content is the same object), point the head to it, and tidy up.

    Raises NotFound when somebody deletes the head meanwhile.
    """
    named = {"name": version.name, "content_hash": version.content_hash}
    body = content_map(head_body, content=version.content, images=version.images, **named)
    await claim(cluster, CONFIG_MAP, body, report=report)
    if version.secret_values:
        secret = content_secret(head_body, values=version.secret_values, **named)
        await claim(cluster, SECRET, secret, report=report)
    pointed = await _point(cluster, head_body, version, notes=notes)
    if is_condemned(pointed):  # the answer was 200 all the same
        raise _deleted_meanwhile(version, "somebody is deleting it")
    await prune(cluster, pointed, version)
    return pointed


def _deleted_meanwhile(version: Version, said: str) -> NotFound:
    return NotFound(
        "write",
        kind="ConfigMap",
        namespace=version.namespace,
        name=artifact_head_name(version.name),
        said=said,
        advice="Run `pulumi up` again: that makes the Artifact anew",
    )


async def _point(cluster: Cluster, head_body: Body, version: Version, *, notes: Mapping[str, str]) -> Body:
    """Write the head by compare-and-swap: two that lock at once get two numbers."""
    while True:
        wanted = revised_head(
            head_body,
            current=version.content_hash,
            description=version.description,
            kind=version.kind,
            status=version.status,
            notes=notes,
        )
        try:
            return await cluster.replace(CONFIG_MAP, wanted)
        except NotFound as error:
            raise _deleted_meanwhile(version, error.said) from None
        except Conflict:
            found = await find_head(cluster, version.namespace, version.name)
            if found is None or found["metadata"]["uid"] != head_body["metadata"]["uid"]:
                raise _deleted_meanwhile(version, "somebody has deleted it") from None
            head_body = found


async def users(cluster: Cluster, namespace: str, name: str) -> dict[str, set[str]]:
    """Who uses an Artifact: content hash → protons (``workload r3``), kept ones included."""
    chosen = f"{labels.ARTIFACT}={name},{labels.PART}=proton"
    found: dict[str, set[str]] = {}
    for service in await cluster.list(SERVICE, namespace, labels=chosen):
        who = f"{label(service, labels.WORKLOAD)} {label(service, labels.REVISION)}"
        found.setdefault(label(service, labels.CONTENT) or "", set()).add(who)
    return found


async def prune(cluster: Cluster, head_body: Body, version: Version) -> None:
    """Delete contents that are neither current, nor locked and among the newest ``retain``, nor used by a proton."""
    chosen = f"{labels.ARTIFACT}={version.name},{labels.PART}=artifact-content"
    contents = await cluster.list(CONFIG_MAP, version.namespace, labels=chosen)
    numbered = sorted(numbers_of(head_body).items(), reverse=True)
    kept = {content for _, content in numbered[: version.retain]} | {version.content_hash}
    spare = {label(each, labels.CONTENT) or "": each for each in contents} if len(contents) > 1 else {}
    spare = {content: each for content, each in spare.items() if content and content not in kept}
    if not spare:
        return
    used = await users(cluster, version.namespace, version.name)
    for content, each in spare.items():
        if content not in used:
            await _drop(cluster, each, version, content)


async def _drop(cluster: Cluster, each: Body, version: Version, content: str) -> None:
    """The Secret first: without its ConfigMap nobody would look for it again. Somebody else's Secret stays."""
    name = artifact_content_name(version.name, content)
    secret = await cluster.find(SECRET, version.namespace, name)
    if secret is not None and all(label(secret, key) == label(each, key) for key in (labels.ARTIFACT, labels.CONTENT)):
        await cluster.delete(SECRET, version.namespace, name, uid=secret["metadata"]["uid"])
    await cluster.delete(CONFIG_MAP, version.namespace, name, uid=each["metadata"]["uid"])


async def _deleted(cluster: Cluster, head: Body) -> bool:
    """Delete the very head that was read; False when it has changed since."""
    meta = head["metadata"]
    uid, version = meta["uid"], meta["resourceVersion"]
    try:
        await cluster.delete(CONFIG_MAP, meta["namespace"], meta["name"], uid=uid, resource_version=version)
    except Conflict:
        return False
    return True


async def remove(
    cluster: Cluster, namespace: str, name: str, *, incarnation: str | None, seconds: float, report: Reporter
) -> None:
    """Delete an Artifact with all its contents, once nobody uses it. Deleting what is gone succeeds.

    Raises InUse naming the users when they are still there at the end of the time.
    """
    deadline = Deadline.after(f"deleting Artifact {namespace}/{name}", seconds, option="delete")
    while True:
        found = await find_head(cluster, namespace, name)
        if found is None:
            return
        if incarnation and annotation(found, labels.INCARNATION) != incarnation:
            report.info(f"Artifact {namespace}/{name} was created anew since; it is left alone")
            return
        who = sorted({each for those in (await users(cluster, namespace, name)).values() for each in those})
        if not who:
            if not await _deleted(cluster, found):
                continue  # it has changed since
            await all_gone(cluster, (CONFIG_MAP, SECRET), namespace, f"{labels.ARTIFACT}={name}", deadline)
            return
        if deadline.left() <= 0:
            raise InUse(
                f"could not delete Artifact {namespace}/{name}: it is used by {', '.join(who)}. "
                "Remove those Workloads or point them to another Artifact first (`timeouts.delete`: how long to wait)"
            )
        report.status(f"waiting until nobody uses it: {', '.join(who)}")
        await asyncio.sleep(min(POLL_SECONDS, deadline.left()))
