"""The registry's protocol without any sending: what to ask, and what an answer means.

Source: the OCI distribution specification, and Docker's token authentication.
"""

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpx

from inference_provider.integrations.image_reference import ImageReference, is_digest

#: What a tag may lead to. Indexes first: one digest then serves every architecture.
MANIFEST_TYPES = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)

_CHALLENGE = re.compile(r'(?i)\b(bearer|basic)\s+((?:\w+\s*=\s*(?:"[^"]*"|[^\s,"]+)\s*,?\s*)*)')
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')

#: A registry's explanation is quoted up to here.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Challenge:
    """How we shall prove who we are. ``kind`` is bearer or basic, ``realm`` the token server's address."""

    kind: str
    realm: str = ""
    service: str = ""
    scope: str = ""


def is_loopback(host: str) -> bool:
    """Whether the host (with or without a port) is this very machine."""
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def manifest_url(reference: ImageReference, *, scheme: str) -> str:
    return f"{scheme}://{reference.host}/v2/{reference.repository}/manifests/{reference.tag}"


def content_digest(response: httpx.Response) -> str | None:
    """The digest that the registry states, or None when it states none that is well-formed."""
    stated = response.headers.get("docker-content-digest", "")
    return stated if is_digest(stated) else None


def read_challenge(response: httpx.Response) -> Challenge | None:
    """The challenge of a 401, the token kind preferred; None when there is none that we know."""
    header = ", ".join(response.headers.get_list("www-authenticate"))
    found = {kind.lower(): text for kind, text in _CHALLENGE.findall(header)}
    if "bearer" in found:
        fields = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(found["bearer"])}
        return Challenge("bearer", fields.get("realm", ""), fields.get("service", ""), fields.get("scope", ""))
    return Challenge("basic") if "basic" in found else None


def read_token(response: httpx.Response) -> str | None:
    """The token in a token server's answer, under either of its two names."""
    content = _json(response)
    token = content.get("token") or content.get("access_token")
    return token if isinstance(token, str) else None


def explanation(response: httpx.Response) -> str:
    """What the registry says went wrong, in its own words where it has any, with the status."""
    errors = _json(response).get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    said = str(first.get("message") or first.get("code") or response.reason_phrase or "no reason given")
    return f"{' '.join(said.split())[:_LONGEST]} ({response.status_code})"


def is_for_now(response: httpx.Response) -> bool:
    """Whether the same request may be answered otherwise a little later."""
    # 501 is an answer for good: this registry does not know the method.
    busy = response.status_code == httpx.codes.TOO_MANY_REQUESTS
    return busy or (response.is_server_error and response.status_code != httpx.codes.NOT_IMPLEMENTED)


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the registry asks us to wait, when it says so in seconds."""
    wish = response.headers.get("retry-after", "")
    return float(wish) if wish.isascii() and wish.isdigit() else None


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        content = json.loads(response.content)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
