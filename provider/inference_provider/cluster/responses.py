"""What does an answer of the API server mean? Pure: status and text become a body or one of our errors.

Three things the API server (1.36) does that are easy to get wrong:

* A JSON patch that does not fit, a failed ``test`` included, is answered 422 with one fixed sentence and no details,
  while a refused content carries details. So a guarded patch that meets the former is a Conflict: the object was
  not what we believed.
* A 409 says that what was read does not hold any more. Where the *server* did the reading, in a JSON patch, a change
  of scale or the quota of a POST, nothing was done and the same request may be sent again.
* Validation messages quote the offending values. For a Secret nothing but the reason and the fields is repeated.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inference_provider.cluster.requests import Request, Target
from inference_provider.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    Denied,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    Unauthorized,
    Unavailable,
)
from inference_provider.manifests.denial import Denial, denial
from inference_provider.manifests.kinds import CONFIG_MAP, SECRET, Body

#: Longer messages of the server are cut: proxies answer with whole web pages.
LONGEST = 300


@dataclass(frozen=True)
class Answer:
    """One HTTP answer as it came in; ``headers`` has lower-case keys."""

    status: int
    #: Left out of repr: it may hold the data of a Secret.
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


def body_of(request: Request, answer: Answer) -> Body:
    """The object (or list, or Status) in a successful answer. Raises what ``error_of`` finds."""
    text = text_of(request, answer)
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        advice = "Check that the kubeconfig's server is a Kubernetes API server and no proxy answers in its place."
        raise _raised(Unavailable, request.target, answer, said="the answer is not JSON", advice=advice)
    return body


def text_of(request: Request, answer: Answer) -> str:
    """The plain text of a successful answer. Raises what ``error_of`` finds."""
    if answer.status >= 300:
        raise error_of(request, answer)
    return answer.text


def items_of(request: Request, page: Body) -> list[Body]:
    """The items of a list, with the apiVersion and kind that lists leave out."""
    kind = request.target.kind
    stamp = {"apiVersion": kind.api_version, "kind": kind.name}
    return [{**stamp, **item} for item in page.get("items") or []]


def error_of(request: Request, answer: Answer) -> ClusterError:
    """The error that a refused request means."""
    status = _status_of(answer)
    denied = denial(str(status.get("message") or ""))
    if denied is not None and 400 <= answer.status < 500:
        # A ConfigMap is no pod: that is refused for want of rights on the Policy itself, and says so.
        cure = denied.cure if request.target.kind is not CONFIG_MAP else ""
        return _raised(Denied, request.target, answer, said=_denied(request.target, denied), advice=cure)
    error = _class_of(request, answer, status)
    said = _said(request.target, answer, status)
    if error is Conflict and answer.status == 422:
        said = "the object is not what it was believed to be (a test of the patch failed)"
    refused = _raised(error, request.target, answer, said=said, advice=_advice(error, request.target))
    refused.retry = error.retry or (error is Conflict and answer.status == 409 and request.states_no_version)
    return refused


def _raised(error: type[ClusterError], target: Target, answer: Answer, *, said: str, advice: str) -> ClusterError:
    return error(
        target.attempted,
        kind=target.kind.name,
        namespace=target.namespace,
        name=target.name,
        status=answer.status,
        said=said,
        advice=advice,
        retry_after=_seconds(answer.headers.get("retry-after", "")),
    )


def _class_of(request: Request, answer: Answer, status: Mapping[str, Any]) -> type[ClusterError]:
    if request.guarded and answer.status == 422 and not status.get("details"):
        return Conflict
    if answer.status == 409 and status.get("reason") == "AlreadyExists":
        return AlreadyExists
    if answer.status == 429 or answer.status >= 500:
        return Unavailable
    by_status: dict[int, type[ClusterError]] = {
        401: Unauthorized,
        403: Forbidden,
        404: NotFound,
        409: Conflict,
        410: Expired,
    }
    return by_status.get(answer.status, Invalid)


def _said(target: Target, answer: Answer, status: Mapping[str, Any]) -> str:
    if target.kind.name == SECRET.name:
        causes = (status.get("details") or {}).get("causes") or []
        fields = ", ".join(str(cause.get("field")) for cause in causes if cause.get("field"))
        return (
            f"{status.get('reason') or 'refused'}{f' in {fields}' if fields else ''} (the rest is withheld: a Secret)"
        )
    return _short(str(status.get("message") or answer.text))


def _denied(target: Target, denied: Denial) -> str:
    words = "(the rest is withheld: a Secret)" if target.kind.name == SECRET.name else _short(denied.sentence)
    return f"{denied.who} refuses it: {words}"


def _short(message: str) -> str:
    words = " ".join(message.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _advice(error: type[ClusterError], target: Target) -> str:
    if error is Unauthorized:
        return "The credential is missing or has expired: log in to the cluster again."
    if error is Forbidden:
        return f"Grant this identity the right for it: {_right(target)}."
    return ""


def _right(target: Target) -> str:
    """The RBAC verb and resource that a request needs."""
    if target.attempted == "read the log of":
        return f"get pods/log{_within(target)}"
    if target.attempted == "scale":
        return f"patch {target.kind.plural}/scale{_within(target)}"
    verb = {"read": "get", "apply": "create and patch", "replace": "update"}.get(target.attempted, target.attempted)
    _, _, rest = target.kind.api_version.rpartition("/")
    group = target.kind.api_version.removesuffix(rest).rstrip("/")
    return f"{verb} {target.kind.plural}{f'.{group}' if group else ''}{_within(target)}"


def _within(target: Target) -> str:
    return f" in namespace {target.namespace}" if target.namespace else ""


def _status_of(answer: Answer) -> Mapping[str, Any]:
    try:
        status = json.loads(answer.text)
    except ValueError:
        return {}
    return status if isinstance(status, dict) and status.get("kind") == "Status" else {}


def _seconds(value: str) -> float | None:
    """Retry-After in seconds; the other form (a date) is not used by Kubernetes."""
    return float(value) if value.isdecimal() else None
