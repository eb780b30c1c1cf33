"""Which model was made of the very same inputs a moment ago? The engine sends them with check, diff and update.

Models are frozen, so one of them may serve all these calls. Inputs with mistakes are judged anew every time.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

Model = TypeVar("Model")
#: As many resources as an engine is ever told to work on at once, and a few more.
MODELS = 256
#: Longer inputs are not worth keeping (characters of JSON).
LONGEST = 20_000


class Remembered(Generic[Model]):
    """The models that were made last, by what they were made of."""

    def __init__(self, make: Callable[[Mapping[str, object]], Model]) -> None:
        """``make`` gives a model or raises; the same inputs always give an equal model."""
        self._make = make
        self._made: OrderedDict[bytes, Model] = OrderedDict()

    def of(self, inputs: Mapping[str, object]) -> Model:
        """The model of these inputs. Raises what ``make`` raises."""
        key = _key(inputs)
        if key is None:
            return self._make(inputs)
        model = self._made.pop(key, None)  # calls come from several threads: what was looked up may be gone since
        self._made[key] = model = self._make(inputs) if model is None else model
        while len(self._made) > MODELS:
            self._made.popitem(last=False)
        return model


def _key(inputs: Mapping[str, object]) -> bytes | None:
    """The same for the same inputs in any order; None for what does not travel as JSON, or is very long."""
    try:
        text = json.dumps(inputs, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return None
    return hashlib.sha256(text.encode()).digest() if len(text) <= LONGEST else None
