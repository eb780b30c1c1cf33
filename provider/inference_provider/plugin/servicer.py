"""The provider's calls as the engine makes them (``pulumirpc.ResourceProvider``), one method each."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from inference_provider.errors import InferenceError
from inference_provider.plugin import (
    configuration,
    failing,
    naming,
    reading,
    timeouts,
)
from inference_provider.plugin.anew import Anew
from inference_provider.plugin.answering import Context, abort, answered, at_properties, check_failures
from inference_provider.plugin.detail import detailed, tops
from inference_provider.plugin.foreseen import foreseen_creation, foreseen_update
from inference_provider.plugin.session import Session
from inference_provider.plugin.unfinished import Unfinished
from inference_provider.plugin.wire import Received, received, sent
from inference_provider.resources.registry import KINDS, Kind
from inference_provider.resources.world import Properties, World
from inference_provider.seam import inquiry
from inference_provider.seam.again import Answers, checked_again
from inference_provider.seam.mistake import mistake

T = TypeVar("T")


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine. What the resources do is theirs; here values are unpacked, and errors made statuses."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._answers = Answers()
        self._anew = Anew()

    async def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> Empty:
        """An engine that did not start us (``PULUMI_DEBUG_PROVIDERS``) says where it listens."""
        del context
        self._session.greet(request.address)
        return Empty()

    async def GetPluginInfo(self, request: Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Our version."""
        del request, context
        return plugin_pb2.PluginInfo(version=self._session.version)

    async def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: Context
    ) -> provider_pb2.GetSchemaResponse:
        """What there is, for the generators of SDKs."""
        from inference_provider.plugin.schema import schema  # noqa: PLC0415  # see below

        del request, context
        return provider_pb2.GetSchemaResponse(schema=json.dumps({**schema(), "version": self._session.version}))

    @answered
    @at_properties
    async def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Say what is wrong with the provider's configuration; what is not known yet is let pass."""
        del context
        news = received(request.news)
        found = configuration.faults(news.own)
        return provider_pb2.CheckResponse(inputs=configuration.kept(news), failures=check_failures(found))

    @answered
    async def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Another cluster makes other resources; another default namespace does not."""
        del context
        olds, news = received(request.olds).own, received(request.news).own
        changed = [key for key in sorted({*olds, *news}) if olds.get(key) != news.get(key)]
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        elsewhere = configuration.elsewhere(olds, news)
        if elsewhere:
            await self._session.warn(request.urn, configuration.moved(olds, news))
        return provider_pb2.DiffResponse(changes=some, diffs=changed, replaces=elsewhere)

    @answered
    async def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Remember which cluster is meant; nobody connects before there is something to ask."""
        del context
        self._session.configure(received(request.args).own)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @answered
    @at_properties
    async def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Validate and fill in; every fault at its property's path."""
        del context
        kind, given = _kind(request.urn), received(request.news)
        olds = received(request.olds).own
        own = naming.named(request, olds, given.own) if _is_named(kind) else given.own
        own = {**self._session.unknown(kind), **own}
        found = await self._session.run(request.urn, lambda world: inquiry.checked(kind, world, olds, own), quiet=True)
        self._answers.remember(request.urn, found)
        faults = (naming.unnamed(request, given.own) if _is_named(kind) else ()) or found.faults
        return provider_pb2.CheckResponse(
            inputs=sent(found.inputs, given.secret(kind.secret)), failures=check_failures(faults)
        )

    @answered
    async def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """What differs, property by property."""
        del context
        kind, olds = _kind(request.urn), received(request.olds).own
        news = (await self._given(kind, request.urn, request.news, olds)).own
        found = await self._session.run(
            request.urn, lambda world: inquiry.differing(kind, world, request.id, olds, news), quiet=True
        )
        self._anew.remember(request.urn, olds, found)
        entries = detailed(found, received(request.old_inputs).own, news) if found.changes else {}
        some = provider_pb2.DiffResponse.DIFF_SOME if found.changes else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            replaces=list(found.replaces),
            diffs=tops(entries),
            detailedDiff=entries,
            hasDetailedDiff=True,
        )

    @answered
    async def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make it. In a preview: say what will be known of it."""
        kind = _kind(request.urn)
        given = await self._given(kind, request.urn, request.properties, {})
        if request.preview:
            await self._session.run(request.urn, lambda world: self._anew.foretell(kind, world, given.own))
            return provider_pb2.CreateResponse(
                properties=sent(foreseen_creation(kind, given.own), given.secret(kind.secret))
            )
        inputs = timeouts.timed(given.own, "create", request.timeout)
        unfinished = Unfinished(kind, given, identifier="")
        identifier, outputs = await self._act(
            context, request.urn, lambda world: kind.create(world, inputs), unfinished
        )
        return provider_pb2.CreateResponse(
            id=identifier, properties=sent(timeouts.untimed(outputs, given.own), given.secret(kind.secret))
        )

    @answered
    async def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at it. An empty id says that it is definitely gone; of what is not in order the engine warns."""
        kind, known, given = _kind(request.urn), received(request.properties), received(request.inputs)
        identifier = reading.checked_id(kind, request.id)
        seen = await self._session.run(
            request.urn, lambda world: reading.seen(kind, world, identifier, known.own, given.own), quiet=True
        )
        if seen is None:
            return provider_pb2.ReadResponse(id="")
        properties = sent(seen.outputs, known.secret(kind.secret) | given.secrets)
        inputs = sent(seen.inputs, given.secret(kind.secret))
        if seen.amiss:
            what = provider_pb2.ErrorResourceInitFailed(
                id=identifier, properties=properties, inputs=inputs, reasons=seen.amiss
            )
            await abort(context, failing.partial(what))
        return provider_pb2.ReadResponse(id=identifier, properties=properties, inputs=inputs)

    @answered
    async def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Bring it to what is wanted. In a preview: say what will happen to people's GPUs."""
        kind, olds = _kind(request.urn), received(request.olds).own
        given = await self._given(kind, request.urn, request.news, olds)
        if request.preview:
            foreseen = await self._session.run(
                request.urn, lambda world: _foreseen(kind, world, request.id, olds, given.own)
            )
            return provider_pb2.UpdateResponse(properties=sent(foreseen, given.secret(kind.secret)))
        inputs = timeouts.timed(given.own, "update", request.timeout)
        unfinished = Unfinished(kind, given, identifier=reading.checked_id(kind, request.id))
        outputs = await self._act(
            context, request.urn, lambda world: kind.update(world, request.id, inputs, olds), unfinished
        )
        return provider_pb2.UpdateResponse(
            properties=sent(timeouts.untimed(outputs, given.own), given.secret(kind.secret))
        )

    @answered
    async def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        """Remove it."""
        del context
        kind, known = _kind(request.urn), received(request.properties).own
        identifier = reading.checked_id(kind, request.id)
        properties = timeouts.timed(known, "delete", request.timeout)
        await self._session.run(request.urn, lambda world: kind.delete(world, identifier, properties))
        return Empty()

    @answered
    async def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        """Answer a function."""
        # Here, not above: few runs ask anything, and all of them would wait for everything that can be asked.
        from inference_provider.plugin import invoking  # noqa: PLC0415

        del context
        return await invoking.invoked(self._session, request)

    async def List(
        self, request: provider_pb2.ListRequest, context: Context
    ) -> AsyncIterator[provider_pb2.ListResponse]:
        """The ids of what is there, for `pulumi import`."""
        for each in await self._listed(request, context):
            yield each

    @answered
    async def _listed(self, request: provider_pb2.ListRequest, context: Context) -> list[provider_pb2.ListResponse]:
        from inference_provider.plugin import listing  # noqa: PLC0415  # as above

        del context
        return await listing.listed(self._session, request)

    async def Cancel(self, request: Empty, context: Context) -> Empty:
        """Stop waiting, give the locks back, and end. The engine also says this when all is over."""
        del request, context
        self._session.cancel()
        return Empty()

    async def _given(self, kind: Kind, urn: str, properties: Struct, olds: Properties) -> Received:
        """Inputs; checked once more where a policy pack has changed them since check. Raises InputError."""
        given = received(properties)
        if not self._answers.changed(urn, given.own):
            return given
        work = partial(checked_again, kind, olds=olds, inputs=given.own)
        return replace(given, values=await self._session.run(urn, work, quiet=True))

    async def _act(
        self, context: Context, urn: str, work: Callable[[World], Awaitable[T]], unfinished: Unfinished
    ) -> T:
        """Do work that changes the cluster; where it was cut off half-way, the engine learns what is there."""
        try:
            return await self._session.run(urn, work)
        except InferenceError as error:
            await abort(context, await unfinished.after(self._session, urn, error))
        except Exception as error:  # noqa: BLE001  # a mistake of ours, which may have left something half done
            ours = InferenceError(mistake(error), touched=True)
            await abort(context, await unfinished.after(self._session, urn, ours))


async def _foreseen(kind: Kind, world: World, identifier: str, olds: Properties, news: Properties) -> Properties:
    difference = await inquiry.differing(kind, replace(world, previewing=True), identifier, olds, news)
    await inquiry.foretell(kind, world, olds, news, difference)
    return foreseen_update(kind, olds, news, difference)


def _kind(urn: str) -> Kind:
    """The resource that a URN is about; its type is the last of the types before the name."""
    token = urn.split("::")[2].rpartition("$")[2]
    if token not in KINDS:
        raise InferenceError(f"there is no resource {token} in this release; there are {', '.join(KINDS)}")
    return KINDS[token]


def _is_named(kind: Kind) -> bool:
    return "name" in kind.inputs.model_fields
