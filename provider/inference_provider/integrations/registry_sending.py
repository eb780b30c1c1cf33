"""Sending to a registry: short time-outs, and a few more tries when nobody knows."""

from collections.abc import Awaitable, Callable, Mapping

import httpx

from inference_provider.integrations.registry_protocol import is_for_now, retry_after

_TIMEOUT = httpx.Timeout(15.0, connect=5.0)

#: Seconds before each further try when the registry is busy or broken.
_PAUSES = (0.5, 1.0, 2.0)

#: A registry that cannot be reached at all is tried once more only: previews wait for this.
_TRIES_WITHOUT_ANSWER = 2

#: A registry's own wish is followed up to here (seconds).
_LONGEST_PAUSE = 10.0

#: Never through a proxy, whatever the environment says.
_LOCAL = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class Sender:
    """One HTTP client for all registries. ``transport`` and ``sleep`` can be given by tests."""

    def __init__(
        self, *, transport: httpx.AsyncBaseTransport | None, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._client = httpx.AsyncClient(
            transport=transport, timeout=_TIMEOUT, follow_redirects=True, mounts=dict.fromkeys(_LOCAL)
        )
        self._sleep = sleep

    async def close(self) -> None:
        await self._client.aclose()

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], data: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send until there is an answer that is neither 429 nor 5xx, at most four times; give back the last one.

        Raises httpx.HTTPError when there was no answer at all.
        """
        pauses = iter(_PAUSES)
        unanswered = 0
        while True:
            response: httpx.Response | None = None
            try:
                response = await self._client.request(method, url, headers=headers, data=data)
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


def _pause(response: httpx.Response | None, otherwise: float) -> float:
    wish = retry_after(response) if response is not None else None
    return otherwise if wish is None else min(wish, _LONGEST_PAUSE)
