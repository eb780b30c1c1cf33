"""Which nodes does a node selector term take? As the scheduler decides it, from a node's labels alone.

Kubernetes: `NodeSelectorRequirement`; terms are alternatives, the expressions of one term all have to hold.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from inference_provider.manifests.kinds import Body

Labels: TypeAlias = Mapping[str, str]


def takes(terms: Sequence[Body], labels: Labels) -> bool:
    """Whether one of the terms takes a node with these labels. No terms at all take none, nor does an empty one."""
    return any(_holds(term, labels) for term in terms)


def _holds(term: Body, labels: Labels) -> bool:
    expressions = term.get("matchExpressions") or ()
    return bool(expressions) and all(satisfied(each, labels) for each in expressions)


def satisfied(expression: Body, labels: Labels) -> bool:
    """Whether a node's labels are as one expression wants them. An operator that is not known wants what nobody has."""
    value, values = labels.get(expression["key"]), expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return value is not None and value in values
        case "NotIn":
            return value is None or value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as order:
            return _compared(order, value, values)
        case _:
            return False


def _compared(order: str, value: str | None, values: Sequence[str]) -> bool:
    if value is None or len(values) != 1:
        return False
    try:
        left, right = int(value), int(values[0])
    except ValueError:
        return False
    return left > right if order == "Gt" else left < right
