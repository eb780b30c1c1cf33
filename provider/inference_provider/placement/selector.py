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


def possible(expressions: Sequence[Body]) -> bool:
    """Whether any node's labels could be as all of these want them."""
    about: dict[str, list[Body]] = {}
    for each in expressions:
        about.setdefault(each["key"], []).append(each)
    return all(_possible(each) for each in about.values())


def _possible(about: Sequence[Body]) -> bool:
    """The same for what is said of one label."""
    if len(about) == 1:  # as nearly always
        return about[0]["operator"] != "In" or bool(about[0].get("values"))
    key = about[0]["key"]
    lists = [each.get("values") or () for each in about if each["operator"] == "In"]
    if lists:
        return any(all(satisfied(each, {key: value}) for each in about) for value in lists[0])
    operators = {each["operator"] for each in about}
    return "DoesNotExist" not in operators or operators <= {"DoesNotExist", "NotIn"}


def within(terms: Sequence[Body], allowed: Sequence[Body]) -> bool:
    """Whether terms take no node that the others would not. No terms take every node, as a pod without a wish does."""
    return bool(terms) and all(any(_implies(each, one) for one in allowed) for each in terms)


def _implies(term: Body, allowed: Body) -> bool:
    """Whether everything that the one wants is wanted by the other, at least as narrowly."""
    given = term.get("matchExpressions") or ()
    wanted = allowed.get("matchExpressions") or ()
    return bool(wanted) and all(any(_narrower(each, one) for each in given) for one in wanted)


def _narrower(given: Body, wanted: Body) -> bool:
    if given["key"] != wanted["key"]:
        return False
    values, others = set(given.get("values") or ()), set(wanted.get("values") or ())
    match wanted["operator"]:
        case "In":
            return given["operator"] == "In" and values <= others
        case "NotIn":
            return (
                values >= others if given["operator"] == "NotIn" else given["operator"] == "In" and not values & others
            )
        case "Exists":
            return given["operator"] in ("Exists", "In")
        case _:
            return given["operator"] == wanted["operator"] and values == others
