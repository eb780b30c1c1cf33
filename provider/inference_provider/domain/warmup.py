"""Requests that are sent to a new version before it gets traffic: how many, which, and what may go wrong."""

import json
import math
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.domain.fields import ImageText, Number, PlainSeconds, UrlPath, Whole
from inference_provider.domain.model import Input

#: A body travels as an argument of a process, which Linux limits to 128 KiB.
LONGEST_BODY = 64 * 1024


def _request_path(path: str) -> str:
    if not re.fullmatch(r"[!-~]+", path):
        raise ValueError("must be written as in a request: no spaces, and %-escapes for letters that are not ASCII")
    return path


def _json_text(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error}); write it as text, such as json.dumps({{...}}) gives it") from None
    if len(text.encode()) > LONGEST_BODY:
        raise ValueError(f"is longer than {LONGEST_BODY} bytes")
    return text


class Warmup(Input):
    """Requests to the new version's own Service, sent by a Job in the cluster once it is ready."""

    path: Annotated[
        Annotated[UrlPath, AfterValidator(_request_path)],
        Field(description="Path that is asked, such as /v1/completions; a query may follow."),
    ]
    body: Annotated[
        Annotated[str, AfterValidator(_json_text)] | None,
        Field(description="JSON text that is sent by POST. Default: none, then each request is a GET."),
    ] = None
    requests: Annotated[Whole, Field(ge=1, le=100_000, description="How many requests. Default 50.")] = 50
    concurrency: Annotated[Whole, Field(ge=1, le=100, description="How many of them at a time. Default 4.")] = 4
    timeout_seconds: Annotated[
        PlainSeconds,
        Field(ge=0.1, description="Seconds until a request's answer must have ended; later it has failed. Default 60."),
    ] = 60.0
    max_error_percent: Annotated[
        Number, Field(ge=0, le=100, description="How many of 100 requests may fail. Default 0.")
    ] = 0.0
    max_p95_seconds: Annotated[
        PlainSeconds | None,
        Field(ge=0.001, description="Seconds within which 95 % of the answers must have ended. Default: no limit."),
    ] = None
    image: Annotated[
        ImageText | None,
        Field(description="Image with python3 that sends them. Default: that of the new version's primary container."),
    ] = None


def request_seconds(warmup: Warmup, *, each: float | None = None) -> float:
    """Seconds of sending all requests. ``each`` takes so many; None: all the time that it may, an upper bound."""
    return math.ceil(warmup.requests / warmup.concurrency) * (warmup.timeout_seconds if each is None else each)


def request_words(warmup: Warmup) -> str:
    """``50 requests, 4 at a time``."""
    many = "1 request" if warmup.requests == 1 else f"{warmup.requests} requests"
    at_a_time = min(warmup.concurrency, warmup.requests)
    return f"{many}, {at_a_time} at a time" if warmup.requests > 1 else many
