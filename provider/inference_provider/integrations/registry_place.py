"""How is one registry to be asked, where that is not as usual?"""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inference_provider.domain.provider_settings import RegistrySettings
from inference_provider.integrations.docker_config import DockerConfig, Login, registry_name

#: How a certificate's content begins, somewhere.
_PEM = "-----BEGIN"


@dataclass(frozen=True)
class Place:
    """What was said of one registry; None is as usual."""

    plain_http: bool | None = None
    authority: ssl.SSLContext | None = None
    timeout_seconds: float | None = None


def places(said: Iterable[RegistrySettings]) -> dict[str, Place]:
    """By registry. Raises ValueError for a certificate that cannot be read."""
    return {
        registry_name(each.address): Place(each.plain_http, authority(each.ca_certificate), each.timeout_seconds)
        for each in said
    }


def with_logins(config: DockerConfig, said: Iterable[RegistrySettings]) -> DockerConfig:
    """Docker's configuration, with the logins that were said in front of its own."""
    own = {
        registry_name(each.address): Login(each.username, each.password)
        for each in said
        if each.username is not None and each.password is not None
    }
    return DockerConfig({**config.logins, **own}, config.helpers, config.obstacle)


def authority(certificate: str | None) -> ssl.SSLContext | None:
    """What is trusted: the usual, and this certificate (a path, or its content). Raises ValueError in a sentence."""
    if certificate is None:
        return None
    trusted = ssl.create_default_context()
    try:
        if _PEM in certificate:
            trusted.load_verify_locations(cadata=certificate)
        else:
            trusted.load_verify_locations(cafile=Path(certificate).expanduser())
    except (OSError, ValueError, RuntimeError) as error:  # SSLError is an OSError
        what = "the given text" if _PEM in certificate else f"the file {certificate[:200]}"
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ValueError(f"{what} could not be read as certificates (PEM): {reason}") from None
    return trusted
