"""Who we are at a registry: the logins that ``docker login`` left in its configuration file.

Passwords and tokens live only in ``Login``, which never prints them.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference_provider.integrations.image_reference import DOCKER_HUB

#: Docker Hub goes by several names in configuration files.
_HUB_NAMES = {"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}


@dataclass(frozen=True, slots=True)
class Login:
    """A user name with a password, or an identity token that an authorisation server takes in their place."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    identity_token: str | None = field(default=None, repr=False)

    @property
    def basic(self) -> str:
        """The value of an ``Authorization`` header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, should a registry send it back."""
        return tuple(word for word in (self.password, self.identity_token, self.basic.split()[-1]) if word)


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """The logins by registry. ``obstacle`` says why there may be more than we can use."""

    logins: Mapping[str, Login]
    helpers: Mapping[str, str]
    obstacle: str = ""

    def login(self, registry: str) -> Login | None:
        return self.logins.get(registry)

    def hint(self, registry: str) -> str:
        """Why there is no login for this registry although there seems to be one; else empty."""
        helper = self.helpers.get(registry) or self.helpers.get("")
        if helper and registry not in self.logins:
            return f"The login is kept by the credential helper docker-credential-{helper}, which is not supported"
        return self.obstacle


NO_LOGINS = DockerConfig({}, {})


def read_docker_config(environ: Mapping[str, str]) -> DockerConfig:
    """Read ``$DOCKER_CONFIG/config.json``, or ``~/.docker/config.json``. No file means no logins.

    A broken file is no error here: public images do not need it. It becomes part of the advice when access is denied.
    """
    folder = environ.get("DOCKER_CONFIG") or str(Path(environ.get("HOME") or "~").expanduser() / ".docker")
    path = Path(folder) / "config.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return NO_LOGINS
    except (OSError, ValueError) as error:
        return DockerConfig({}, {}, f"{path} could not be read ({type(error).__name__})")
    return parse_docker_config(content if isinstance(content, dict) else {}, source=str(path))


def parse_docker_config(content: Mapping[str, Any], *, source: str) -> DockerConfig:
    """Understand the content of such a file: ``auths``, and which helpers it hands logins to."""
    logins: dict[str, Login] = {}
    broken: list[str] = []
    for key, entry in (content.get("auths") or {}).items():
        try:
            login = _login(entry or {})
        except (binascii.Error, ValueError):
            broken.append(registry_name(key))
            continue
        if login is not None:
            logins[registry_name(key)] = login
    helpers = {registry_name(key): str(helper) for key, helper in (content.get("credHelpers") or {}).items()}
    if content.get("credsStore"):
        helpers[""] = str(content["credsStore"])
    obstacle = f"The entry for {', '.join(broken)} in {source} is not base64 of user:password" if broken else ""
    return DockerConfig(logins, helpers, obstacle)


def _login(entry: Mapping[str, Any]) -> Login | None:
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if entry.get("auth"):
        username, colon, password = base64.b64decode(str(entry["auth"]), validate=True).decode().partition(":")
        if not colon:
            raise ValueError
    token = entry.get("identitytoken")
    return Login(username, password.rstrip("\0"), str(token) if token else None) if username or token else None


def registry_name(key: str) -> str:
    """The registry that a key of such a file, or an address, means."""
    host = key.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return DOCKER_HUB if host in _HUB_NAMES else host
