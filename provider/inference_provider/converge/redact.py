"""A container's log without the secrets that the container was given: servers like to log their arguments."""

import base64
import binascii
from collections.abc import Iterator

from inference_provider.converge.ports import Cluster
from inference_provider.manifests.kinds import SECRET, Body

#: What stands in a text where a secret value stood.
HIDDEN = "[secret]"
#: Shorter values ("1", "true") would blank half of the log and protect nothing.
SHORTEST = 4


async def without_secrets(cluster: Cluster, pod: Body, text: str) -> str:
    """The text with every value of the pod's Secrets hidden. Raises ClusterError when a Secret cannot be read."""
    if not text:
        return text
    for name in sorted(set(_secrets_of(pod))):
        found = await cluster.find(SECRET, pod["metadata"]["namespace"], name)
        for value in sorted(_values(found or {}), key=len, reverse=True):
            text = text.replace(value, HIDDEN)
    return text


def _secrets_of(pod: Body) -> Iterator[str]:
    for container in pod["spec"].get("containers") or []:
        for source in container.get("envFrom") or []:
            yield from _named(source.get("secretRef"))
        for variable in container.get("env") or []:
            yield from _named((variable.get("valueFrom") or {}).get("secretKeyRef"))


def _named(reference: Body | None) -> Iterator[str]:
    if reference and reference.get("name"):
        yield str(reference["name"])


def _values(secret: Body) -> Iterator[str]:
    for encoded in (secret.get("data") or {}).values():
        try:
            value = base64.b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        yield from (line for line in (value, *value.splitlines()) if len(line) >= SHORTEST)
