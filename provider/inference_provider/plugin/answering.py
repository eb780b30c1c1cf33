"""What does the engine get when a call fails? A sentence, or faults at properties; never a traceback of ours."""

from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from typing import NoReturn, TypeAlias, TypeVar

import grpc.aio
from pulumi.runtime.proto import provider_pb2

from inference_provider.errors import Fault, InferenceError, InputError
from inference_provider.plugin import failing, secrecy

S = TypeVar("S")
Q = TypeVar("Q")
A = TypeVar("A")
Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"
Checked: TypeAlias = provider_pb2.CheckResponse
Checking: TypeAlias = Callable[[S, Q, Context], Awaitable[Checked]]


def answered(method: Callable[[S, Q, Context], Awaitable[A]]) -> Callable[[S, Q, Context], Awaitable[A]]:
    """A call whose every failure is a sentence: the engine would show a traceback."""

    @wraps(method)
    async def said(servicer: S, request: Q, context: Context) -> A:
        secrecy.answering(request)
        try:
            return await method(servicer, request, context)
        except grpc.aio.AbortError:
            raise  # it has been said
        except InferenceError as error:
            await abort(context, failing.plain(error))
        except Exception as error:  # noqa: BLE001  # the last place before the engine
            await abort(context, failing.unexpected(error))

    return said


def at_properties(
    method: Callable[[S, Q, Context], Awaitable[Checked]],
) -> Callable[[S, Q, Context], Awaitable[Checked]]:
    """A check that cannot even read what it was given says so at the property."""

    @wraps(method)
    async def checked(servicer: S, request: Q, context: Context) -> Checked:
        try:
            return await method(servicer, request, context)
        except InputError as error:
            return Checked(failures=check_failures(error.faults))

    return checked


def check_failures(faults: Iterable[Fault]) -> list[provider_pb2.CheckFailure]:
    """Faults as the engine takes them, without what nobody may read."""
    return [provider_pb2.CheckFailure(property=each.path, reason=secrecy.hidden(each.reason)) for each in faults]


async def abort(context: Context, failed: failing.Failed) -> NoReturn:
    """End the call with this status."""
    await context.abort_with_status(failed)
    raise AssertionError  # abort raises
