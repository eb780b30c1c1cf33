"""What a Workload, and a stack, may come to cost."""

import pytest

from inference_policies.cost import Prices
from inference_policies.rules import stack_cost
from inference_policies.settings import read
from tests.policy_pack.said import H100, Inputs, group, on_bundles, replacement, shown, violations, workload
from tests.policy_pack.test_standing import scaled


def cost(*groups: Inputs, ceiling: float = 20, prices: dict[str, float] | None = None, **more: object) -> list[str]:
    told = shown("Workload", workload(*groups, **more))
    return violations("workload-cost", told, ceiling=ceiling, prices=prices or {})


def test_the_dearest_bundle_counts_since_it_may_be_chosen() -> None:
    either = on_bundles(
        {"name": "cheap", "gpu": 1.0, "pricePerHour": 2.0}, {"name": "dear", "gpu": 1.0, "pricePerHour": 14.7}
    )

    assert cost(either) == []
    assert cost({**either, "replicaCount": 3.0}) == [
        "it may cost 44.1 per hour, and a Workload may cost 20 (group default, bundle `dear`: 3 pods at 14.7)"
    ]


def test_as_many_pods_count_as_load_may_ask_for() -> None:
    priced = on_bundles({"name": "a", "gpu": 1.0, "pricePerHour": 3.0})

    assert cost({**priced, **scaled(1, 6)}) == []
    assert cost({**priced, **scaled(1, 7)}) == [
        "it may cost 21 per hour, and a Workload may cost 20 (group default, bundle `a`: up to 7 pods at 3)"
    ]


def test_the_pack_s_prices_are_per_gpu_by_the_name_that_people_have_for_it() -> None:
    prices = {"t4": 0.5, "h100": 6.0}

    assert cost(group(gpu=2, model=H100, replicaCount=2.0), prices=prices) == [
        "it may cost 24 per hour, and a Workload may cost 20 (group default, its containers: 2 pods at 12)"
    ]
    assert cost(group(gpu=8, model="Tesla-T4", replicaCount=2.0), prices=prices) == []


def test_what_nobody_knows_the_price_of_is_said_and_passes_only_where_that_is_wanted() -> None:
    (said,) = cost(group(gpu=1, model=H100))

    assert said == (
        f"group default, its containers: nobody says what a pod with 1 GPU ({H100}) costs; give the bundle its "
        "`pricePerHour`, or the pack the price among its `prices`"
    )
    told = shown("Workload", workload(group(gpu=1, model=H100)))
    assert violations("workload-cost", told, ceiling=1, unpriced="ignore") == []
    assert cost(group(), prices={"cpu": 0.1}) == []


def test_what_is_stopped_costs_nothing() -> None:
    assert cost(group(gpu=1), running=False) == []


def test_a_replacement_costs_what_it_brings_times_the_pods_of_its_workload() -> None:
    driven = shown("Workload", workload(group(gpu=1, model=H100, replicaCount=5.0)))
    dear = shown("Replacement", replacement(runtime={"containerGroups": [group(gpu=2, model=H100)]}))
    settings = {"ceiling": 30, "prices": {"h100": 4.0}}

    assert violations("workload-cost", driven, **settings) == []
    assert violations("workload-cost", dear, driven, **settings) == [
        "it may cost 40 per hour, and a Workload may cost 30 (group default, its containers: 5 pods at 8)"
    ]
    (said,) = violations("workload-cost", dear, **settings)
    assert "how many pods it has is said by another program" in said


@pytest.mark.parametrize(("ceiling", "refused"), [(30.0, False), (29.9, True)])
def test_a_stack_is_added_up_and_its_dearest_workload_named(ceiling: float, *, refused: bool) -> None:
    priced = on_bundles({"name": "a", "gpu": 1.0, "pricePerHour": 10.0})
    stack = [
        shown("Workload", workload(priced)),
        shown("Workload", {**workload({**priced, "replicaCount": 2.0}), "name": "b"}),
    ]

    said = list(stack_cost.judge(stack, read(Prices, {"ceiling": ceiling})))

    assert said == (
        []
        if not refused
        else [
            (
                "2 Workloads together may cost 30 per hour, and a stack may cost 29.9; the dearest is models/b with 20 "
                "(group default, bundle `a`: 2 pods at 10)"
            )
        ]
    )


def test_a_workload_without_a_price_is_named_among_those_of_the_stack() -> None:
    (said,) = stack_cost.judge([shown("Workload", workload(group(gpu=1)))], read(Prices, {"ceiling": 1.0}))

    assert said.startswith("models/chat: group default, its containers: nobody says")


def test_the_time_with_both_versions_counts_where_that_is_wanted() -> None:
    priced = on_bundles({"name": "a", "gpu": 1.0, "pricePerHour": 12.0})
    beside, instead = shown("Workload", workload(priced)), workload(priced, replacement={"surge": "recreate"})
    settings = {"ceiling": 20, "replacing": "count"}

    assert violations("workload-cost", beside, **settings) == [
        (
            "it may cost 24 per hour, and a Workload may cost 20 (group default, bundle `a`: 1 pod at 12, and as much "
            "for the old version while it is there)"
        )
    ]
    assert violations("workload-cost", beside, ceiling=20) == []
    assert violations("workload-cost", shown("Workload", instead), **settings) == []


def test_a_driven_workload_costs_a_stack_what_it_has_or_what_its_replacement_brings() -> None:
    driven = workload(group(gpu=1, model=H100, replicaCount=2.0), replacement={"driver": "external"})
    dear = replacement(runtime={"containerGroups": [group(gpu=4, model=H100)]})
    stack = [shown("Workload", driven), shown("Replacement", dear)]

    (said,) = stack_cost.judge(stack, read(Prices, {"ceiling": 7.0, "prices": {"h100": 1.0}}))

    assert said.startswith("its Workload may cost 8 per hour, and a stack may cost 7; the dearest is models/chat")
