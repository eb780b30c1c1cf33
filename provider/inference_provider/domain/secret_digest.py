"""Secret values in a version's hash, without the hash giving them away."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from pydantic import SecretStr

from inference_provider.domain.canonical import canonical_json


def secret_digest(key: str, values: Mapping[str, SecretStr]) -> str | None:
    """A keyed digest (HMAC-SHA256 under the base64 text ``key``) of secret variables; None when there are none.

    A bare hash in a version's name could be tried against guesses; nobody can without the key, which is in a Secret.
    """
    if not values:
        return None
    shown = {name: value.get_secret_value() for name, value in values.items()}
    return hmac.new(base64.b64decode(key), canonical_json(shown).encode(), hashlib.sha256).hexdigest()[:32]
