"""With which credential is the API server reached? A kubeconfig or a pod's service account becomes a kr8s Api.

kr8s reads the kubeconfig, runs exec credential plugins and sets up TLS. Its factory is passed by, because it hands
one shared object to everybody who names no kubeconfig. It leaves the client key in a temporary file; ``forget_keys``
removes that as soon as TLS has read it.
"""

import asyncio
import importlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kr8s.asyncio import Api

from inference_provider.errors import Unauthorized

#: What kr8s raises over a kubeconfig that is absent, incomplete or of the wrong shape, and over a failing exec plugin.
_UNUSABLE = (ValueError, LookupError, TypeError, AttributeError, OSError, RuntimeError)

_LONGEST = 300
#: Between two attempts to stop a login (seconds).
_AGAIN = 0.05


@dataclass(frozen=True)
class Login:
    """Where the credential comes from; ``config`` None means what kubectl would take."""

    context: str | None
    config: str | Mapping[str, Any] | None = field(default=None, repr=False)

    async def open(self) -> Api:
        """Read the credential anew. Raises Unauthorized when there is nothing usable to log in with."""
        explicit = self.config is not None or self.context is not None
        api = Api(
            bypass_factory=True,
            kubeconfig=self.config,
            context=self.context,
            # A kubeconfig or context that was asked for by name must not fall back to the pod's own identity.
            serviceaccount="" if explicit else None,
        )
        try:
            await _authenticated(api)
            _read_token_file(api)
        except _UNUSABLE as error:
            forget_keys(api)
            raise _unusable(self.context, error) from None
        return api


async def _authenticated(api: Api) -> None:
    """Let kr8s log in. Cancelled, its way of running a login program waits for that to end by itself; told so again,
    it kills it.
    """

    async def logged_in() -> None:
        await api.auth

    task = asyncio.create_task(logged_in())
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_AGAIN)
        raise


def login(*, kubeconfig: str | None, context: str | None) -> Login:
    """``kubeconfig`` is a path or the file's content. Raises Unauthorized when there is no such file or no YAML."""
    if not kubeconfig:
        return Login(context)
    if "\n" not in kubeconfig and not kubeconfig.lstrip().startswith("{"):
        if not any(_is_file(part) for part in kubeconfig.split(os.pathsep) if part):
            raise _unusable(context, FileNotFoundError(_not_there(kubeconfig)))
        return Login(context, kubeconfig)
    # By name, because PyYAML (there through kr8s) comes without types.
    yaml = importlib.import_module("yaml")
    try:
        content = yaml.safe_load(kubeconfig)
    except (yaml.YAMLError, ValueError, RecursionError):  # a date that is none, brackets without end
        content = None
    if not isinstance(content, dict):
        raise _unusable(context, ValueError("the given kubeconfig is not YAML with a mapping at its top"))
    return Login(context, content)


def _is_file(path: str) -> bool:
    try:
        return Path(path).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # longer than a name may be, for example
        return False


def _not_there(path: str) -> str:
    """What is longer than any path is content in some other coding, and holds credentials."""
    if len(path) > _LONGEST:
        return "the given kubeconfig is neither a file nor YAML (is it still coded in base64?)"
    return f"there is no kubeconfig file {path}"


def forget_keys(api: Api) -> None:
    """Delete the files into which kr8s wrote keys and certificates."""
    try:
        named = str([api.auth.kubeconfig.users, api.auth.kubeconfig.clusters])
    except (LookupError, TypeError, AttributeError):
        # No kubeconfig, or none that kr8s could get so far with.
        return
    for file in (api.auth.client_key_file, api.auth.client_cert_file, api.auth.server_ca_file):
        # Only kr8s's own: directly in the temporary folder, and not mentioned in the user's kubeconfig.
        if file and Path(str(file)).parent == Path(tempfile.gettempdir()) and str(file) not in named:
            Path(str(file)).unlink(missing_ok=True)


def namespace_of(api: Api) -> str:
    """Where kubectl would look without being told: the context's namespace, a pod's own, else ``default``.

    kr8s answers with the *current* context's, also when another one was asked for, and never with the pod's.
    """
    auth = api.auth
    if auth.active_context:
        return str(auth.kubeconfig.get_context(auth.active_context).get("namespace") or "default")
    folder = str(vars(auth).get("_serviceaccount") or "")  # not public in kr8s
    own = Path(folder) / "namespace"
    return own.read_text().strip() if folder and own.is_file() else "default"


def _read_token_file(api: Api) -> None:
    """Take the token from the file that the user's entry names, as kubectl does; kr8s does not know ``tokenFile``."""
    auth = api.auth
    if not auth.active_context:
        return
    user = auth.kubeconfig.get_user(auth.kubeconfig.get_context(auth.active_context)["user"])
    if "tokenFile" in user:
        path = Path(user["tokenFile"])
        folder = Path() if path.is_absolute() else Path(auth.kubeconfig.get_path(auth.active_context)).parent
        auth.token = (folder / path).read_text().strip()


def _unusable(context: str | None, error: Exception) -> Unauthorized:
    text = " ".join(str(error).split())[:_LONGEST]
    match error:
        case KeyError():
            said = f"the kubeconfig has no {text}"
        case IndexError():
            said = "the kubeconfig has no contexts"
        case TypeError() | AttributeError():
            said = f"the kubeconfig is not complete: {text}"
        case _:
            said = text
    return Unauthorized(
        "log in to",
        kind="cluster",
        namespace=None,
        name=context or "(current context)",
        said=said or type(error).__name__,
        advice="Give a kubeconfig and context that work with kubectl, or set KUBECONFIG.",
    )
