"""How one of pydantic's findings is said to a person.

No sentence repeats a given value, except where the checking function itself put it into its own message
(quantities, names, versions: never secrets).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from pydantic_core import ErrorDetails

#: The error type of a finding whose sentence is already final.
FAULT = "fault"

_Context = Mapping[str, object]


def sentence(item: ErrorDetails, *, known: Sequence[str]) -> str:
    """The sentence for one finding; ``known`` are the fields of the model in which it was found."""
    context = item.get("ctx", {})
    if item["type"] == FAULT:
        return str(context["reason"])
    if item["type"] == "extra_forbidden":
        return unknown_field(str(item["loc"][-1]), known=known)
    say = _SENTENCES.get(item["type"])
    return say(context) if say else item["msg"]


def unknown_field(name: str, *, known: Sequence[str]) -> str:
    """Say that a field does not exist, and which one was probably meant."""
    # Python spellings are compared without their underscores and case, so image_uri finds imageUri.
    folded = {field.replace("_", "").lower(): field for field in known}
    close = get_close_matches(name.replace("_", "").lower(), folded, n=1, cutoff=0.6)
    hint = f"did you mean {_meant(folded[close[0]], name)}?" if close else f"known fields: {', '.join(sorted(known))}"
    return f"there is no field `{name}` here; {hint}"


def _meant(field: str, name: str) -> str:
    """The field; also as Python's SDK has it, where somebody may have written so."""
    python = _underscored(field)
    return f"`{field}` (`{python}` in Python)" if "_" in name and python != field else f"`{field}`"


def _underscored(field: str) -> str:
    """A field as Python's SDK has it."""
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda capital: f"_{capital[0].lower()}", field)


def _own_words(context: _Context) -> str:
    return str(context["error"])


def _choices(context: _Context) -> str:
    return f"must be {context['expected']}"


def _at_least(context: _Context) -> str:
    return f"must be {context['ge']} or more"


def _above(context: _Context) -> str:
    return f"must be more than {context['gt']}"


def _at_most(context: _Context) -> str:
    return f"must be {context['le']} or less"


def _fixed(text: str) -> Callable[[_Context], str]:
    return lambda _: text


_SENTENCES: Mapping[str, Callable[[_Context], str]] = {
    "missing": _fixed("is required"),
    "value_error": _own_words,
    "literal_error": _choices,
    "greater_than_equal": _at_least,
    "greater_than": _above,
    "less_than_equal": _at_most,
    "string_too_short": _fixed("must not be empty"),
    "string_type": _fixed("must be text"),
    "bool_type": _fixed("must be true or false"),
    "tuple_type": _fixed("must be a list"),
    "dict_type": _fixed("must be a map"),
    "model_type": _fixed("must be an object with named fields"),
    "model_attributes_type": _fixed("must be an object with named fields"),
}
