"""Whom a PodDisruptionBudget of somebody else takes."""

import pytest

from inference_provider.manifests.kinds import Body
from inference_provider.resources.budgets import selects

POD = {"app": "chat", "tier": "gold"}


def asks(operator: str, key: str, *values: str) -> Body:
    """A selector of one expression."""
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"matchLabels": {"app": "chat"}},
        asks("In", "app", "chat", "talk"),
        asks("NotIn", "app", "talk"),
        asks("NotIn", "absent", "x"),
        asks("Exists", "tier"),
        asks("DoesNotExist", "absent"),
        {"matchLabels": {"app": "chat"}, **asks("Exists", "tier")},
    ],
)
def test_a_selector_takes_the_pod(selector: Body) -> None:
    assert selects(selector, POD)


@pytest.mark.parametrize(
    "selector",
    [
        None,
        {"matchLabels": {"app": "chat", "tier": "silver"}},
        asks("In", "app", "talk"),
        asks("In", "absent", "x"),
        asks("NotIn", "app", "chat"),
        asks("Exists", "absent"),
        asks("DoesNotExist", "app"),
        {"matchLabels": {"app": "chat"}, **asks("Exists", "absent")},
    ],
)
def test_a_selector_leaves_the_pod(selector: Body | None) -> None:
    assert not selects(selector, POD)
