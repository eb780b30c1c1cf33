"""What can befall a request on its way to the API server and back? Values, and when they apply."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
}


@dataclass(frozen=True)
class Call:
    """One request as it arrived, before anything happened to it."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    body: str = field(repr=False)

    @property
    def watches(self) -> bool:
        """Whether it asks for a stream."""
        return self.query.get("watch") in ("1", "true")

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


Where = Callable[[Call], bool]


@dataclass(frozen=True)
class Answer:
    """The server refuses; the request never takes effect."""

    status: int
    retry_after: int | None = None


@dataclass(frozen=True)
class Delay:
    """The request waits this many seconds, then goes on."""

    seconds: float


@dataclass(frozen=True)
class Refusal:
    """The connection breaks before the request gets there."""


@dataclass(frozen=True)
class LostAnswer:
    """The request takes effect, and nobody hears of it."""


Effect = Answer | Delay | Refusal | LostAnswer


@dataclass
class Fault:
    """An effect on the next ``times`` requests that fit (None: on all of them)."""

    where: Where
    effect: Effect
    times: int | None = 1

    def takes(self, call: Call) -> bool:
        """Whether this request is hit; counts it."""
        if self.times == 0 or not self.where(call):
            return False
        self.times = None if self.times is None else self.times - 1
        return True


def every(_call: Call) -> bool:
    """Every request."""
    return True


def once_each(where: Where) -> Where:
    """The first time that each different request comes by; its repetition gets through.

    Requests are the same when they change the same fields of the same object, to whatever value.
    """
    met: set[tuple[str, str, str]] = set()

    def first(call: Call) -> bool:
        sign = (call.method, call.path, _matter(call.body))
        if not where(call) or sign in met:
            return False
        met.add(sign)
        return True

    return first


def _matter(body: str) -> str:
    content = json.loads(body or "{}")
    if isinstance(content, list):
        return " ".join(sorted(operation["path"] for operation in content))
    return str((content.get("metadata") or {}).get("name"))


def status_body(code: int) -> str:
    """What an API server says about such a refusal."""
    said = f"weather: {_REASONS[code]}"
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": said}
    return json.dumps(status | {"reason": _REASONS[code], "code": code})
