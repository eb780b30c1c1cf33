"""A container's log without the secrets that the container was given: servers like to log their arguments."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from inference_provider.converge.ports import Cluster
from inference_provider.manifests.kinds import SECRET, Body

#: What stands in a text where a secret value stood.
HIDDEN = "[secret]"
#: Shorter values ("1", "yes") would blank half of the log and protect nothing.
SHORTEST = 4
#: Shorter ones may be part of a word, and are hidden where they stand alone.
_SURE = 8
#: Everybody's words: to hide them tells which setting is on, and spoils the sentence.
_WORDS = frozenset({"true", "false", "null", "none"})


def without(text: str, values: Iterable[str]) -> str:
    """The text with these values, and each of their lines, hidden."""
    parts = {part for value in values for part in (value, *value.splitlines())}
    hidden = [each for each in parts if len(each) >= SHORTEST and each.lower() not in _WORDS]
    if not hidden:
        return text
    # All at once, the longest first: what was put in a secret's place is not looked through for others.
    return re.sub("|".join(_pattern(each) for each in sorted(hidden, key=len, reverse=True)), HIDDEN, text)


def _pattern(value: str) -> str:
    """Where a value stands; a short one with no letter or digit beside it."""
    if len(value) >= _SURE:
        return re.escape(value)
    before = r"(?<![^\W_])" if value[0].isalnum() else ""
    after = r"(?![^\W_])" if value[-1].isalnum() else ""
    return f"{before}{re.escape(value)}{after}"


async def without_secrets(cluster: Cluster, pod: Body, text: str) -> str:
    """The text with every value of the pod's Secrets hidden. Raises ClusterError when a Secret cannot be read."""
    if not text:
        return text
    values: list[str] = []
    for name in sorted(set(_secrets_of(pod))):
        values += _values(await cluster.find(SECRET, pod["metadata"]["namespace"], name) or {})
    return without(text, values)


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
            yield base64.b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
