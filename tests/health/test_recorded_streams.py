"""Whole protons as they were on a simulated cluster, step by step: what ``recording`` has kept, judged again."""

import json
from pathlib import Path

import pytest

from inference_provider.manifests.kinds import Body
from tests.health.recording import verdict_of

STEPS = [
    pytest.param(step, id=f"{story.stem}: {step['when']}")
    for story in sorted((Path(__file__).parent / "recorded").glob("*.json"))
    for step in json.loads(story.read_text())
]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_a_recorded_proton_is_judged_as_it_was_seen(step: Body) -> None:
    verdict = verdict_of(step["deployments"], step["pods"])

    assert (verdict.state, verdict.reason, verdict.message) == (step["state"], step["reason"], step["says"])
