"""How much may all Workloads of a stack cost together?"""

from collections.abc import Sequence

from inference_policies.cost import Prices, cost_of
from inference_policies.declared import Declared
from inference_policies.rule import Violations
from inference_policies.subjects import Subject, Workload

NAME = "stack-cost"
DESCRIPTION = "All Workloads of a stack together cost no more than agreed."


def judge(subjects: Sequence[Subject], settings: Prices) -> Violations:
    """A sentence where they may cost too much, with the dearest of them, and one for all without a price."""
    if settings.ceiling is None:
        return
    declared = Declared()
    for subject in subjects:
        declared.remember(subject)
    costs = {each.id: cost_of(each, settings, declared) for each in subjects if isinstance(each, Workload)}
    yield from (f"{name}: {sentence}" for name, cost in costs.items() for sentence in cost.unpriced)
    total = round(sum(cost.amount for cost in costs.values()), 6)
    if total > settings.ceiling:
        dearest = max(costs, key=lambda name: costs[name].amount)
        yield (
            f"{len(costs)} Workloads may cost {total:g} per hour together, and a stack may cost {settings.ceiling:g}; "
            f"the dearest is {dearest} with {costs[dearest].amount:g}"
        )
