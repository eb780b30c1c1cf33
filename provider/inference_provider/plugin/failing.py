"""Our errors as the engine gets them: a plain one where nothing was touched, a partial failure where something was."""

from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from inference_provider.errors import Forbidden, InferenceError, InputError, Unauthorized, Unavailable
from inference_provider.plugin.secrecy import hidden
from inference_provider.seam.mistake import mistake

_DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class Failed(grpc.Status):
    """A finished gRPC status, as ``abort_with_status`` takes it."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...] = ()


def plain(error: InferenceError) -> Failed:
    """Nothing was touched, and the state stays as it was."""
    return Failed(_code(error), hidden(str(error)))


def _code(error: InferenceError) -> grpc.StatusCode:
    match error:
        case InputError():
            return grpc.StatusCode.INVALID_ARGUMENT
        case Forbidden() | Unauthorized():
            return grpc.StatusCode.PERMISSION_DENIED
        case Unavailable():
            return grpc.StatusCode.UNAVAILABLE
        case _:
            return grpc.StatusCode.FAILED_PRECONDITION


def partial(what: provider_pb2.ErrorResourceInitFailed) -> Failed:
    """Something was touched: the engine keeps ``id`` and outputs, shows the reasons, and carries on next time."""
    said = "; ".join(what.reasons)
    status = status_pb2.Status(code=grpc.StatusCode.FAILED_PRECONDITION.value[0], message=said)
    status.details.add().Pack(what)
    return Failed(grpc.StatusCode.FAILED_PRECONDITION, said, ((_DETAILS, status.SerializeToString()),))


def unexpected(error: BaseException) -> Failed:
    """A mistake of ours."""
    return Failed(grpc.StatusCode.FAILED_PRECONDITION, mistake(error))


def reasons(error: InferenceError) -> Sequence[str]:
    """What went wrong, and below it what the logs said."""
    return [hidden(each) for each in (error.message, error.detail) if each]
