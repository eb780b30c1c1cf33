"""What must nobody read? The secrets of the call that is being answered, in whatever line or error they would stand.

The words of an error may repeat what was given, and a log line of a model server what it was started with. The engine
hides secrets in the state, and not in what a provider says.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from inference_provider.converge.redact import without
from inference_provider.errors import InputError
from inference_provider.plugin.wire import Path, Received, received
from inference_provider.resources.registry import KINDS
from inference_provider.resources.world import PLACING
from inference_provider.seam.unknowns import UNKNOWN

#: The fields of the engine's messages that hold a resource's properties.
_PROPERTIES = ("news", "olds", "properties", "inputs", "old_inputs", "args", "query")
_ALWAYS = frozenset((name,) for kind in KINDS.values() for name in kind.secret)
_answered: ContextVar[Message | None] = ContextVar("answered", default=None)


def answering(request: object) -> None:
    """From now on, in this call, what is secret in this message is hidden."""
    _answered.set(request if isinstance(request, Message) else None)


def hiding() -> Callable[[str], str]:
    """What hides the secrets of this call, for whoever speaks of it elsewhere."""
    request = _answered.get()
    return lambda text: without(text, _secrets(request)) if text and request is not None else text


def hidden(text: str) -> str:
    """The text without the secrets of this call."""
    return hiding()(text)


def _secrets(request: Message) -> set[str]:
    """Every secret text of a message. Looked for only when something is said: that is rare.

    A name that stands there openly is hidden nowhere, or no sentence could say what it is about.
    """
    structs = [getattr(request, name) for name in _PROPERTIES if name in request.DESCRIPTOR.fields_by_name]
    found: list[Received] = []
    for each in structs:
        with contextlib.suppress(InputError):  # what cannot be read is not repeated either
            found.append(received(each if isinstance(each, Struct) else Struct()))
    texts = (text for each in found for path in each.secrets | _ALWAYS for text in _texts(_at(each.values, path)))
    whole = {text for text in texts if text != UNKNOWN} - {name for each in found for name in _names(each)}
    return {form for text in whole for form in (text, repr(text)[1:-1])}


def _names(given: Received) -> Iterator[str]:
    """The names that are said openly."""
    for name in PLACING:
        if (name,) not in given.secrets:
            yield from str(given.values.get(name) or "").split("/")


def _at(value: object, path: Path) -> object:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
