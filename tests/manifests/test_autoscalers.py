"""What an autoscaler is compared by, and how what is wanted survives on the Workload's Service."""

import pytest

from inference_provider.domain.autoscaling import Scaling
from inference_provider.manifests.autoscaler import has_looked, noted, same_but_least, scalings_in
from inference_provider.manifests.kinds import Body
from tests.manifests.bodies import everything

OURS = everything()["one-autoscaler-default"]


def with_metric(index: int, **metric: object) -> Body:
    """Ours with another metric in one place."""
    metrics = [*OURS["spec"]["metrics"]]
    metrics[index] = metric
    return OURS | {"spec": OURS["spec"] | {"metrics": metrics}}


def pods(name: str, value: str) -> Body:
    return {"metric": {"name": name}, "target": {"type": "AverageValue", "averageValue": value}}


def test_what_is_wanted_survives_on_the_service() -> None:
    wanted = {"default": Scaling(1, 4, {"cpuAverageUtilization": 70.0}), "decode": Scaling(2, 2, {"x": 0.5})}
    assert scalings_in(noted(wanted)) == wanted


@pytest.mark.parametrize("note", [None, "", "rubbish", "[]", "7", '{"default": {}}', '{"default": {"min": "a"}}'])
def test_a_note_that_nobody_can_read_asks_for_nothing(note: str | None) -> None:
    assert scalings_in(note) == {}


def test_nothing_scaled_leaves_no_note() -> None:
    assert noted({}) is None


@pytest.mark.parametrize("spelt", ["4", "4000m", "4.0"])
def test_another_spelling_of_a_target_is_the_same(spelt: str) -> None:
    assert same_but_least(with_metric(2, type="Pods", pods=pods("vllm:num_requests_waiting", spelt)), OURS)


@pytest.mark.parametrize("other", [pods("vllm:num_requests_waiting", "5"), pods("vllm:num_requests_running", "4")])
def test_another_target_or_metric_is_not(other: Body) -> None:
    assert not same_but_least(with_metric(2, type="Pods", pods=other), OURS)


def test_what_the_server_adds_and_another_pace_are_no_difference() -> None:
    paced = {"scaleDown": {"stabilizationWindowSeconds": 30}, "scaleUp": {"selectPolicy": "Max"}}
    metrics = list(reversed(OURS["spec"]["metrics"]))
    assert same_but_least(OURS | {"spec": OURS["spec"] | {"behavior": paced, "metrics": metrics}}, OURS)


@pytest.mark.parametrize(("status", "looked"), [("True", True), ("False", False)])
def test_a_controller_has_looked_once_it_could_count(status: str, looked: object) -> None:
    assert has_looked(OURS | {"status": {"conditions": [{"type": "AbleToScale", "status": status}]}}) == looked
    assert not has_looked(OURS)
