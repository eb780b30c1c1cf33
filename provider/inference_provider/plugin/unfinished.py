"""What the engine is told of work that was cut off: what is there now, as observed, and why it is not more."""

import contextlib
from dataclasses import dataclass

from pulumi.runtime.proto import provider_pb2

from inference_provider.errors import InferenceError
from inference_provider.plugin import failing
from inference_provider.plugin.session import Interrupted, Session
from inference_provider.plugin.wire import Received, sent
from inference_provider.resources.registry import Kind
from inference_provider.resources.world import Properties, World, resource_id


@dataclass(frozen=True)
class Unfinished:
    """One create (``identifier`` is empty) or update that may be cut off."""

    kind: Kind
    given: Received
    identifier: str

    async def after(self, session: Session, urn: str, error: InferenceError) -> failing.Failed:
        """A plain error where nothing was touched, or nothing of it is left; else a partial failure."""
        if not error.touched:
            return failing.plain(error)
        outputs = await self._there(session, urn)
        if outputs is None:
            return failing.plain(error)
        if isinstance(error, Interrupted):
            error = InferenceError(
                f"interrupted: {self.kind.name} {self._identifier()} is as far as it had come, and what served serves "
                "on. The next `pulumi up` carries on from there",
                touched=True,
            )
        secrets = self.given.secret(self.kind.secret)
        what = provider_pb2.ErrorResourceInitFailed(
            id=self._identifier(),
            properties=sent(outputs, secrets),
            inputs=sent(self.given.own, secrets),
            reasons=failing.reasons(error),
        )
        return failing.partial(what)

    def _identifier(self) -> str:
        own = self.given.own
        workload = own.get("workloadId")
        made = str(workload) if workload else resource_id(str(own.get("namespace") or "default"), str(own.get("name")))
        return self.identifier or made

    async def _there(self, session: Session, urn: str) -> Properties | None:
        """What is observed now; None when it is gone, is not of this resource, or nobody can tell."""
        with contextlib.suppress(InferenceError, TimeoutError):
            return await session.look(urn, self._seen)
        return None

    async def _seen(self, world: World) -> Properties | None:
        if not self.identifier and not await self.kind.ours(world, self._identifier()):
            return None  # cut off before it was made; kept, it would be deleted with this stack
        return await self.kind.read(world, self._identifier(), self.given.own)
