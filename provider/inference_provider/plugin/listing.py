"""What does the engine get when it lists resources of one type? Their ids, page by page."""

import json
from collections.abc import Iterator, Sequence

from pulumi.runtime.proto import provider_pb2

from inference_provider.domain.faults import parse
from inference_provider.errors import InferenceError
from inference_provider.functions.ids import IdsQuery, ids
from inference_provider.plugin.session import Session
from inference_provider.plugin.wire import received
from inference_provider.resources.registry import KINDS
from inference_provider.seam.unknowns import without_unknowns

Response = provider_pb2.ListResponse


async def listed(session: Session, request: provider_pb2.ListRequest) -> list[provider_pb2.ListResponse]:
    """One page, and where the next one begins, if there is one. Raises InputError, and what reading raises."""
    if request.token not in KINDS:
        raise InferenceError(f"there is no resource {request.token} in this release; there are {', '.join(KINDS)}")
    given, unknown = without_unknowns(received(request.query).own)
    if unknown:
        return [Response(computed=Response.Computed())]
    query = parse(IdsQuery, given)
    found = await session.run("", lambda world: ids(world, request.token, query), quiet=True)
    return list(_page(found, request))


def _page(found: Sequence[str], request: provider_pb2.ListRequest) -> Iterator[provider_pb2.ListResponse]:
    """What comes after the last id of the page before, so that nothing is left out or twice when others come or go."""
    before, last = _begun(request.continuation_token)
    rest = [each for each in found if each > last]
    allowed = rest if request.limit < 1 else rest[: max(0, request.limit - before)]
    page = allowed if request.page_size < 1 else allowed[: request.page_size]
    for each in page:
        yield Response(result=Response.Result(id=each, name=each.partition("/")[2]))
    if len(page) < len(allowed):
        token = json.dumps([before + len(page), page[-1]])
        yield Response(continuation=Response.Continuation(continuation_token=token))


def _begun(token: str) -> tuple[int, str]:
    """How many were given on earlier pages, and the last of them."""
    if not token:
        return 0, ""
    try:
        before, last = json.loads(token)
        return int(before), str(last)
    except (ValueError, TypeError):
        raise InferenceError("could not list further: the continuation token is none of ours; begin anew") from None
