"""What does one rule say, with the settings that the pack was configured with?"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pydantic import ValidationError

from inference_policies.settings import Settings, read
from inference_provider.errors import InputError

S = TypeVar("S", bound=Settings)


def verdict(name: str, model: type[S], configured: object, judge: Callable[[S], Iterable[str]]) -> Iterator[str]:
    """A sentence for each violation; one about the configuration, where that is wrong, and nothing is judged."""
    try:
        settings = read(model, configured)
    except InputError as error:
        yield f"the pack's configuration of {name} is wrong: {error}"
        return
    try:
        yield from judge(settings)
    except ValidationError:
        return  # `known-inputs` says which field nobody can read
