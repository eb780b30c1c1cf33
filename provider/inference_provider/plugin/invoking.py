"""What does the engine get when a program asks a question? An answer, or what is wrong with what was given."""

from pulumi.runtime.proto import provider_pb2

from inference_provider.errors import Fault, InferenceError, InputError
from inference_provider.functions.registry import FUNCTIONS
from inference_provider.plugin.answering import check_failures
from inference_provider.plugin.session import Session
from inference_provider.plugin.wire import received, sent
from inference_provider.seam.unknowns import without_unknowns


async def invoked(session: Session, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
    """The answer. Raises what reading the cluster raises, and InferenceError for a function that is none of ours."""
    function = FUNCTIONS.get(request.tok)
    if function is None:
        raise InferenceError(f"there is no function {request.tok} in this release; there are {', '.join(FUNCTIONS)}")
    given, unknown = without_unknowns(received(request.args).own)
    if unknown:  # the engine asks only when all is known; half a question would get the wrong answer
        return _refused([Fault(path, "is not known yet, so nothing can be answered") for path in unknown])
    try:
        answer = await session.run("", lambda world: function.answered(world, given), quiet=True)
    except InputError as error:
        return _refused(error.faults)
    response = provider_pb2.InvokeResponse()
    getattr(response, "return").CopyFrom(sent(answer))  # a word of Python's own
    return response


def _refused(faults: list[Fault]) -> provider_pb2.InvokeResponse:
    return provider_pb2.InvokeResponse(failures=check_failures(faults))
