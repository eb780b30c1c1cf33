"""Proving to a registry who we are: tokens by Docker's scheme, anonymous where no login is known."""

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from inference_provider.errors import RegistryError
from inference_provider.integrations.docker_config import DockerConfig, Login
from inference_provider.integrations.image_reference import ImageReference
from inference_provider.integrations.registry_protocol import Challenge, explanation, read_challenge, read_token
from inference_provider.integrations.registry_sending import Sender

#: How we introduce ourselves where a client's name is asked for.
_CLIENT = "pulumi-inference"


class RegistryAccess:
    """Keeps one ``Authorization`` per repository. ``scheme_of`` says how a host may be talked to."""

    def __init__(self, sender: Sender, logins: DockerConfig, *, scheme_of: Callable[[str], str]) -> None:
        self._sender = sender
        self._logins = logins
        self._scheme_of = scheme_of
        self._authorizations: dict[tuple[str, str], str] = {}

    def headers(self, reference: ImageReference) -> dict[str, str]:
        """What to send along, as far as it is known yet."""
        known = self._authorizations.get((reference.registry, reference.repository))
        return {"authorization": known} if known else {}

    async def prove(self, reference: ImageReference, response: httpx.Response) -> bool:
        """Answer the challenge of a 401. False when it cannot be answered with what we have.

        Raises RegistryError when the token server refuses, or would make us send a login in the clear.
        """
        challenge, login = read_challenge(response), self._logins.login(reference.registry)
        if challenge is None:
            return False
        if challenge.kind == "bearer":
            authorization = f"Bearer {await self._token(reference, challenge, login)}"
        elif login is not None:
            authorization = login.basic
        else:
            return False
        self._authorizations[reference.registry, reference.repository] = authorization
        return True

    def without_secrets(self, text: str) -> str:
        """The text with everything blacked out that a server may have sent back to us."""
        known = [word.split()[-1] for word in self._authorizations.values()]
        for login in self._logins.logins.values():
            known.extend(login.secrets)
        for word in sorted(known, key=len, reverse=True):
            text = text.replace(word, "[secret]")
        return text

    async def _token(self, reference: ImageReference, challenge: Challenge, login: Login | None) -> str:
        self._insist_on_tls(reference, challenge.realm)
        scope = challenge.scope or f"repository:{reference.repository}:pull"
        asked = {"scope": scope, **({"service": challenge.service} if challenge.service else {})}
        if login is not None and login.identity_token:
            form = {**asked, "grant_type": "refresh_token", "client_id": _CLIENT, "refresh_token": login.identity_token}
            response = await self._sender.send(
                "POST", challenge.realm, registry=reference.registry, headers={}, data=form
            )
        else:
            url = str(httpx.URL(challenge.realm).copy_merge_params(asked))
            headers = {"authorization": login.basic} if login else {}
            response = await self._sender.send("GET", url, registry=reference.registry, headers=headers)
        token = read_token(response) if response.is_success else None
        if token is None:
            raise RegistryError(self.without_secrets(self._refused(reference, response)))
        return token

    def _insist_on_tls(self, reference: ImageReference, realm: str) -> None:
        address = urlsplit(realm)
        if address.scheme == "https" or (address.scheme == "http" and self._scheme_of(address.netloc) == "http"):
            return
        raise RegistryError(
            f'could not resolve image "{reference.written}" to a digest: registry {reference.registry} sends us to '
            f'the token server "{realm}", which is not asked because it does not use https'
        )

    def _refused(self, reference: ImageReference, response: httpx.Response) -> str:
        hint = self._logins.hint(reference.registry)
        return (
            f'could not resolve image "{reference.written}" to a digest: the token server of {reference.registry} '
            f"answered: {explanation(response)}. {f'{hint}. ' if hint else ''}"
            f"Log in with `docker login {reference.registry}`, or pin the image by its digest (…@sha256:…)"
        )
