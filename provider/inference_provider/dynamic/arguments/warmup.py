"""What a program may say in the warmup part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/warmup.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class WarmupArgs:
    """Requests to the new version's own Service, sent by a Job in the cluster once it is ready."""

    path: Input[str]
    """Path that is asked, such as /v1/completions; a query may follow."""

    body: Input[str] | None = None
    """JSON text that is sent by POST. Default: none, then each request is a GET."""

    requests: Input[int] | None = None
    """How many requests. Default 50."""

    concurrency: Input[int] | None = None
    """How many of them at a time. Default 4."""

    timeout_seconds: Input[float] | None = None
    """Seconds until a request's answer must have ended; later it has failed. Default 60."""

    max_error_percent: Input[float] | None = None
    """How many of 100 requests may fail. Default 0."""

    max_p95_seconds: Input[float] | None = None
    """Seconds within which 95 % of the answers must have ended. Default: no limit."""

    image: Input[str] | None = None
    """Image with python3 that sends them. Default: that of the new version's primary container."""


class WarmupArgsDict(TypedDict, total=False):
    """Requests to the new version's own Service, sent by a Job in the cluster once it is ready."""

    path: Required[Input[str]]
    """Path that is asked, such as /v1/completions; a query may follow."""

    body: Input[str] | None
    """JSON text that is sent by POST. Default: none, then each request is a GET."""

    requests: Input[int] | None
    """How many requests. Default 50."""

    concurrency: Input[int] | None
    """How many of them at a time. Default 4."""

    timeout_seconds: Input[float] | None
    """Seconds until a request's answer must have ended; later it has failed. Default 60."""

    max_error_percent: Input[float] | None
    """How many of 100 requests may fail. Default 0."""

    max_p95_seconds: Input[float] | None
    """Seconds within which 95 % of the answers must have ended. Default: no limit."""

    image: Input[str] | None
    """Image with python3 that sends them. Default: that of the new version's primary container."""
