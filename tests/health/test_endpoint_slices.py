"""Who gets traffic, read from EndpointSlices."""

from typing import Any

from inference_provider.health.endpoints import listed_uids, ready_uids


def endpoint(uid: str | None, **conditions: bool | None) -> dict[str, Any]:
    return {"addresses": ["10.0.0.1"], "conditions": conditions, **({"targetRef": {"uid": uid}} if uid else {})}


def test_only_ready_pods_that_stay_take_traffic_over_all_slices() -> None:
    slices: list[dict[str, Any]] = [
        {"endpoints": [endpoint("a", ready=True), endpoint("b", ready=False), endpoint(None, ready=True)]},
        {"endpoints": [endpoint("c", ready=True, terminating=True), endpoint("d", ready=True, terminating=None)]},
        {"endpoints": None},
        {},
    ]

    assert ready_uids(slices) == {"a", "d"}
    assert listed_uids(slices) == {"a", "b", "c", "d"}


def test_a_slice_that_says_nothing_about_readiness_means_yes() -> None:
    slices: list[dict[str, Any]] = [
        {"endpoints": [endpoint("a"), endpoint("b", ready=None), {"targetRef": {"uid": "c"}}]}
    ]

    assert ready_uids(slices) == {"a", "b", "c"}
