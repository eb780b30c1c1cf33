"""Which content an image string leads to now: asks the image's registry for the digest.

Only manifests are asked for, with HEAD where the registry can (Docker Hub does not count that as a pull).
"""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx

from inference_provider.domain.provider_settings import RegistrySettings
from inference_provider.errors import RegistryError
from inference_provider.integrations.docker_config import NO_LOGINS, DockerConfig, read_docker_config
from inference_provider.integrations.image_reference import ImageReference, parse_reference
from inference_provider.integrations.registry_access import RegistryAccess
from inference_provider.integrations.registry_place import Place, places, with_logins
from inference_provider.integrations.registry_protocol import (
    MANIFEST_TYPES,
    content_digest,
    explanation,
    is_for_now,
    is_loopback,
    manifest_url,
)
from inference_provider.integrations.registry_sending import Sender

#: Registries that speak plain http, beside those on this machine: hosts (with port), separated by commas.
PLAIN_HTTP_VARIABLE = "PULUMI_INFERENCE_PLAIN_HTTP_REGISTRIES"

#: So many images are asked for at a time.
_AT_ONCE = 8

_PIN = "or pin the image by its digest (…@sha256:…), which needs no request"


class Registry:
    """Resolves image strings to digests, and remembers what it found for as long as it lives.

    ``plain_http`` names hosts (with port) to be asked without TLS; those on this machine are anyhow. ``places`` says
    what is special about single registries, and wins.
    ``transport`` and ``sleep`` are for tests.
    """

    def __init__(
        self,
        *,
        logins: DockerConfig = NO_LOGINS,
        plain_http: Collection[str] = (),
        places: Mapping[str, Place] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._plain_http = frozenset(plain_http)
        self._logins = logins
        self._places = places or {}
        self._sender = Sender(transport=transport, sleep=sleep, places=self._places)
        self._access = RegistryAccess(self._sender, logins, scheme_of=self._scheme)
        self._found: dict[str, str] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] = os.environ, *, said: Sequence[RegistrySettings] = ()
    ) -> Self:
        """With the logins of ``docker login`` and the hosts in PULUMI_INFERENCE_PLAIN_HTTP_REGISTRIES.

        What was ``said`` of single registries wins. Raises ValueError for a certificate that cannot be read.
        """
        hosts = environ.get(PLAIN_HTTP_VARIABLE, "").split(",")
        return cls(
            logins=with_logins(read_docker_config(environ), said),
            plain_http=[host.strip() for host in hosts if host.strip()],
            places=places(said),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sender.close()

    async def resolve(self, image: str) -> str:
        """The image as written, pinned: ``repository:tag@sha256:…``. One that is pinned already is given back.

        Raises RegistryError when the string is malformed, the registry denies access, does not know the image, or
        does not answer (after a few tries, some twelve seconds for one that cannot be reached at all).
        """
        reference = parse_reference(image)
        if reference.digest is not None:
            return image
        if image not in self._found:
            async with self._turns:
                if image in self._found:  # others have asked for the same one while this waited for its turn
                    return self._found[image]
                self._found[image] = reference.pinned(await self._digest(reference))
        return self._found[image]

    async def resolve_all(self, images: Iterable[str]) -> dict[str, str | RegistryError]:
        """Resolve many at a time: for each image its pinned form, or why there is none."""
        wanted = list(dict.fromkeys(images))
        answers = await asyncio.gather(*(self._resolve_or_error(image) for image in wanted))
        return dict(zip(wanted, answers, strict=True))

    async def _resolve_or_error(self, image: str) -> str | RegistryError:
        try:
            return await self.resolve(image)
        except RegistryError as error:
            return error

    async def _digest(self, reference: ImageReference) -> str:
        try:
            response = await self._ask("HEAD", reference)
            stated = content_digest(response) if response.is_success else None
            if stated is not None:
                return stated
            # Not every registry can answer HEAD, nor states a digest; the content always tells its own. And only
            # an answer to GET has a text that says what is wrong.
            if not is_for_now(response):
                response = await self._ask("GET", reference)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            advice = f"Make the registry reachable from here, {_PIN}"
            raise self._error(reference, f"could not be reached: {reason}", advice) from None
        if not response.is_success:
            raise self._refused(reference, response)
        return f"sha256:{hashlib.sha256(response.content).hexdigest()}"

    async def _ask(self, method: str, reference: ImageReference) -> httpx.Response:
        url = manifest_url(reference, scheme=self._scheme(reference.host))
        headers = {"accept": MANIFEST_TYPES, **self._access.headers(reference)}
        response = await self._sender.send(method, url, registry=reference.registry, headers=headers)
        if response.status_code == httpx.codes.UNAUTHORIZED and await self._access.prove(reference, response):
            headers.update(self._access.headers(reference))
            response = await self._sender.send(method, url, registry=reference.registry, headers=headers)
        return response

    def _scheme(self, host: str) -> str:
        said = self._places.get(host, Place()).plain_http
        plain = said if said is not None else is_loopback(host) or host in self._plain_http
        return "http" if plain else "https"

    def _refused(self, reference: ImageReference, response: httpx.Response) -> RegistryError:
        if response.status_code == httpx.codes.NOT_FOUND:
            advice = "Check the repository and the tag"
        elif response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            advice = f"Log in with `docker login {reference.registry}`, {_PIN}"
        else:
            advice = f"Try again later, {_PIN}"
        return self._error(reference, f"answered: {explanation(response)}", advice)

    def _error(self, reference: ImageReference, what: str, advice: str) -> RegistryError:
        hint = self._logins.hint(reference.registry) if "docker login" in advice else ""
        sentence = f'could not resolve image "{reference.written}" to a digest: registry {reference.registry} {what}'
        text = ". ".join(part for part in (sentence, hint, advice) if part)
        return RegistryError(self._access.without_secrets(text))
