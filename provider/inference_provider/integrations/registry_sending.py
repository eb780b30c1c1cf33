"""Sending to a registry: short time-outs, and a few more tries when nobody knows."""

from collections.abc import Awaitable, Callable, Mapping

import httpx

from inference_provider.integrations.registry_place import Place
from inference_provider.integrations.registry_protocol import is_for_now, retry_after

#: Seconds for an answer, and of them to connect.
_ANSWER, _CONNECT = 15.0, 5.0

#: Seconds before each further try when the registry is busy or broken.
_PAUSES = (0.5, 1.0, 2.0)

#: A registry that cannot be reached at all is tried once more only: previews wait for this.
_TRIES_WITHOUT_ANSWER = 2

#: A registry's own wish is followed up to here (seconds).
_LONGEST_PAUSE = 10.0

#: Never through a proxy, whatever the environment says.
_LOCAL = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class Sender:
    """An HTTP client for all registries but those in ``places``. ``transport`` and ``sleep`` can be given by tests."""

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None,
        sleep: Callable[[float], Awaitable[None]],
        places: Mapping[str, Place],
    ) -> None:
        self._transport, self._places, self._sleep = transport, places, sleep
        #: Made when first needed, which is never where all images are pinned: to read the trusted authorities takes
        #: as long as to check a hundred resources. None stands for all registries of which nothing special was said.
        self._clients: dict[str | None, httpx.AsyncClient] = {}

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        registry: str,
        headers: Mapping[str, str],
        data: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send until there is an answer that is neither 429 nor 5xx, at most four times; give back the last one.

        ``registry`` is whose images it is about, whichever server is asked.
        Raises httpx.HTTPError when there was no answer at all.
        """
        client = self._client_for(registry)
        pauses = iter(_PAUSES)
        unanswered = 0
        while True:
            response: httpx.Response | None = None
            try:
                response = await client.request(method, url, headers=headers, data=data)
            except httpx.TransportError:
                unanswered += 1
                if unanswered == _TRIES_WITHOUT_ANSWER:
                    raise
            if response is not None and not is_for_now(response):
                return response
            pause = next(pauses, None)
            if pause is None and response is not None:
                return response
            await self._sleep(_pause(response, pause or _PAUSES[-1]))

    def _client_for(self, registry: str) -> httpx.AsyncClient:
        special = registry if registry in self._places else None
        if special not in self._clients:
            self._clients[special] = _client(self._places.get(registry, Place()), self._transport)
        return self._clients[special]


def _client(place: Place, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    longest = place.timeout_seconds or _ANSWER
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(longest, connect=min(longest, _CONNECT)),
        verify=place.authority or True,
        follow_redirects=True,
        mounts=dict.fromkeys(_LOCAL),
    )


def _pause(response: httpx.Response | None, otherwise: float) -> float:
    wish = retry_after(response) if response is not None else None
    return otherwise if wish is None else min(wish, _LONGEST_PAUSE)
