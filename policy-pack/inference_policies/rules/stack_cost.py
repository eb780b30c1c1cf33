"""How much may all Workloads of a stack cost together?"""

from collections.abc import Mapping, Sequence

from inference_policies.cost import Cost, Prices, cost_of
from inference_policies.declared import Declared
from inference_policies.rule import Violations
from inference_policies.subjects import Replacement, Subject, Workload

NAME = "stack-cost"
DESCRIPTION = "All Workloads of a stack together cost no more than agreed."


def judge(subjects: Sequence[Subject], settings: Prices) -> Violations:
    """A sentence where they may cost too much, with the dearest of them, and one for all without a price.

    Workloads first: of a Replacement, a first preview does not know whose it is, and then nothing more is said.
    """
    if settings.ceiling is None:
        return
    declared = Declared()
    for subject in subjects:
        declared.remember(subject)
    costs = {each.id: cost_of(each, settings, declared) for each in subjects if isinstance(each, Workload)}
    missing = [f"{name}: {sentence}" for name, cost in costs.items() for sentence in cost.unpriced]
    yield from missing
    too_much = _too_much(costs, settings.ceiling)
    if too_much is not None:
        yield too_much
        return
    for each in subjects:
        if isinstance(each, Replacement):
            brought, name = cost_of(each, settings, declared), each.workload or ""
            yield from (f"{name}: {said}" for said in brought.unpriced if f"{name}: {said}" not in missing)
            costs[name] = max(costs.get(name, Cost()), brought, key=lambda cost: cost.amount)
    yield from filter(None, [_too_much(costs, settings.ceiling)])


def _too_much(costs: Mapping[str, Cost], ceiling: float) -> str | None:
    total = round(sum(cost.amount for cost in costs.values()), 6)
    if total <= ceiling:
        return None
    dearest = max(costs, key=lambda name: costs[name].amount)
    said = f"{len(costs)} Workloads together" if len(costs) > 1 else "its Workload"
    return (
        f"{said} may cost {total:g} per hour, and a stack may cost {ceiling:g}; the dearest is {dearest} with "
        f"{costs[dearest].amount:g} ({costs[dearest].how})"
    )
