"""One text and one short hash per value, whatever order or number type it arrived in."""

import hashlib
import json
from collections.abc import Mapping, Sequence


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces; whole floats are written as integers (Pulumi sends doubles).

    Raises ValueError for NaN and infinity, TypeError for what JSON cannot say.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest12(value: object) -> str:
    """The first 12 hex digits of SHA-256 over the canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:12]


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a map's keys must be text, not {type(key).__name__}")
    return key
