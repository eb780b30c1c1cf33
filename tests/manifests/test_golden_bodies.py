"""Every body that we send, word for word."""

from collections.abc import Callable

import pytest

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.priority import VALUES, priority_class
from tests.manifests.bodies import everything


@pytest.mark.parametrize("name", sorted(everything()))
def test_a_body_is_what_it_was(name: str, golden: Callable[[str, Body], None]) -> None:
    golden(name, everything()[name])


@pytest.mark.parametrize("importance", sorted(VALUES))
def test_a_priority_class_is_what_it_was(importance: str, golden: Callable[[str, Body], None]) -> None:
    golden(f"priority-{importance}", priority_class(importance))
