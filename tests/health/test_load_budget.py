"""How long a pod may load."""

from typing import Any

import pytest

from inference_provider.health.budget import load_seconds

PROBE = {"initialDelaySeconds": 30, "periodSeconds": 10, "failureThreshold": 60, "timeoutSeconds": 5}
SHORT = {"periodSeconds": 1, "failureThreshold": 5}


def deployment(*containers: dict[str, Any], before: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": list(containers), "initContainers": list(before)}}}}


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (deployment({"startupProbe": PROBE}), 635),
        (deployment({"startupProbe": {"httpGet": {}}}), 31),
        (deployment({"startupProbe": PROBE}, {"startupProbe": SHORT}), 635),
        (deployment({"startupProbe": PROBE}, {}), 635),
        (deployment({}), 1800),
        (deployment({"readinessProbe": SHORT}), 1800),
        (deployment({"readinessProbe": SHORT}, {"startupProbe": SHORT}), 1800),
        (deployment({"startupProbe": PROBE}, before=({"startupProbe": SHORT}, {})), 641),
        ({}, 1800),
    ],
)
def test_the_slowest_startup_probe_sets_the_time(body: dict[str, Any], seconds: float) -> None:
    assert load_seconds(body) == seconds
