"""What does a proxy in front of a Service know? Whom it may send to: as the EndpointSlices said a moment ago."""

import asyncio
from collections.abc import Mapping

from tools.traffic.endpoints import Endpoint, receivers
from tools.traffic.watching import Body


class Proxy:
    """Follows slices, ``lag`` seconds late: kube-proxy gathers changes for up to a second before it acts on them."""

    def __init__(self, lag: float) -> None:
        self._lag = lag
        self._receivers: tuple[Endpoint, ...] = ()
        self._turn = 0
        self.known = asyncio.Event()

    def told(self, slices: Mapping[str, Body]) -> None:
        """These are the slices now. The first ones count at once: a proxy does not begin before it knows any."""
        found = receivers(slices.values())
        if self.known.is_set():
            asyncio.get_running_loop().call_later(self._lag, self._learn, found)
        elif found:
            self._learn(found)
            self.known.set()

    def _learn(self, found: tuple[Endpoint, ...]) -> None:
        self._receivers = found

    def next(self) -> Endpoint | None:
        """Whose turn it is; None when there is nobody."""
        if not self._receivers:
            return None
        self._turn += 1
        return self._receivers[self._turn % len(self._receivers)]

    def all(self) -> tuple[Endpoint, ...]:
        """Everybody who gets new requests."""
        return self._receivers

    def sends_to(self, endpoint: Endpoint) -> bool:
        """Whether it still gets new requests."""
        return endpoint in self._receivers
