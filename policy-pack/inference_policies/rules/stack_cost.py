"""How much may all Workloads of a stack cost together?"""

from collections.abc import Mapping, Sequence

from inference_policies.cost import Cost, Prices, cost_of
from inference_policies.declared import Declared
from inference_policies.rule import Violations
from inference_policies.subjects import Replacement, Subject, Workload

NAME = "stack-cost"
DESCRIPTION = "All Workloads of a stack together cost no more than agreed."


def judge(subjects: Sequence[Subject], settings: Prices) -> Violations:
    """A sentence where they may cost too much, with the dearest of them, and one for all without a price."""
    if settings.ceiling is None:
        return
    costs = _costs(subjects, settings)
    yield from (f"{name}: {sentence}" for name, cost in costs.items() for sentence in cost.unpriced)
    total = round(sum(cost.amount for cost in costs.values()), 6)
    if total > settings.ceiling:
        dearest = max(costs, key=lambda name: costs[name].amount)
        count = f"{len(costs)} Workloads" if len(costs) > 1 else "a single Workload"
        yield (
            f"{count} may cost {total:g} per hour{' together' if len(costs) > 1 else ''}, and a stack may cost "
            f"{settings.ceiling:g}; the dearest is {dearest} with {costs[dearest].amount:g} ({costs[dearest].how})"
        )


def _costs(subjects: Sequence[Subject], settings: Prices) -> Mapping[str, Cost]:
    """By Workload; one that is driven may cost what it has, or what a Replacement brings."""
    declared = Declared()
    for subject in subjects:
        declared.remember(subject)
    costs: dict[str, Cost] = {}
    for subject in subjects:
        if isinstance(subject, Workload | Replacement):
            whose = subject.id if isinstance(subject, Workload) else subject.workload or ""
            costs[whose] = costs.get(whose, Cost()).dearer(cost_of(subject, settings, declared))
    return costs
