"""How much may a single Workload cost?"""

from inference_policies.cost import Prices, cost_of
from inference_policies.declared import Declared
from inference_policies.rule import Rule, Violations
from inference_policies.subjects import Replacement, Subject, Workload


def judge(subject: Subject, settings: Prices, declared: Declared) -> Violations:
    """A sentence where it may cost too much, and one for all that nobody knows the price of."""
    if not isinstance(subject, Workload | Replacement) or settings.ceiling is None:
        return
    cost = cost_of(subject, settings, declared)
    yield from cost.unpriced
    if cost.amount > settings.ceiling:
        yield f"it may cost {cost.amount:g} per hour, and a Workload may cost {settings.ceiling:g} ({cost.how})"


RULE = Rule("workload-cost", "A Workload costs no more than agreed.", Prices, judge)
