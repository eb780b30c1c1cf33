"""Pods as they were seen, step by step: each file in ``streams`` is a story of states and what they mean."""

import json
from pathlib import Path
from typing import Any

import pytest

from inference_provider.health.pod import assess_pod

STORIES = sorted((Path(__file__).parent / "streams").glob("*.json"))
STEPS = [
    pytest.param(step, id=f"{story.stem}: {step['when']}")
    for story in STORIES
    for step in json.loads(story.read_text())
]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_a_recorded_stream_is_judged_as_written(step: dict[str, Any]) -> None:
    verdict = assess_pod(step["pod"])

    assert (verdict.state, verdict.reason) == (step["state"], step["reason"]), verdict.message
    assert verdict.pod == "w-r2-abc"
    for words in step["says"]:
        assert words in verdict.message


@pytest.mark.parametrize(
    ("when", "end"),
    [
        ("no node", "didn't match Pod's node affinity/selector"),
        ("no node, as 1.36 words it", "0/2 nodes are available: 2 Insufficient nvidia.com/gpu"),
    ],
)
def test_the_scheduler_s_afterthoughts_about_preemption_are_left_out(when: str, end: str) -> None:
    story = json.loads((Path(__file__).parent / "streams" / "no_gpu_then_one.json").read_text())
    pod = next(step["pod"] for step in story if step["when"] == when)

    assert assess_pod(pod).message.endswith(end)


def test_an_endless_message_is_cut_at_its_end() -> None:
    waiting = {"reason": "CreateContainerError", "message": "x" * 5000}
    pod = {
        "metadata": {"name": "p"},
        "spec": {"nodeName": "a", "containers": [{"name": "engine"}]},
        "status": {"containerStatuses": [{"name": "engine", "state": {"waiting": waiting}}]},
    }
    message = assess_pod(pod).message

    assert message.startswith("container engine cannot be started")
    assert len(message) < 400
