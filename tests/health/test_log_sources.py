"""Whose log is worth reading."""

import json
from pathlib import Path
from typing import Any

import pytest

from inference_provider.health.deployment import assess_group
from inference_provider.health.pod import assess_pod
from inference_provider.health.root_cause import log_source
from inference_provider.health.verdict import Reason, State, Verdict


def seen(story: str, when: str) -> dict[str, Any]:
    steps = json.loads((Path(__file__).parent / "streams" / f"{story}.json").read_text())
    pod: dict[str, Any] = next(step["pod"] for step in steps if step["when"] == when)
    return pod


@pytest.mark.parametrize(
    ("story", "when", "expected"),
    [
        ("crash_loop", "two are not", ("w-r2-abc", "engine", True)),
        ("crash_loop", "ended for the first time", ("w-r2-abc", "engine", False)),
        ("out_of_memory", "running again, once killed", ("w-r2-abc", "engine", True)),
        ("out_of_memory", "killed again, this moment", ("w-r2-abc", "engine", False)),
        ("out_of_memory", "loading", ("w-r2-abc", "engine", False)),
        ("init_containers", "download fails again and again", ("w-r2-abc", "download", True)),
        ("init_containers", "downloaded", ("w-r2-abc", "engine", False)),
        ("refused_by_the_kubelet", "a Job's pod that ended badly", ("w-r2-abc", "engine", False)),
        ("refused_by_the_kubelet", "a Secret is missing", None),
        ("image_that_does_not_exist", "backing off", None),
        ("no_gpu_then_one", "no node", None),
        ("no_gpu_then_one", "serves", None),
        ("node_lost", "kubelet silent, only Ready withdrawn", None),
    ],
)
def test_the_log_of_the_one_that_died_is_chosen(story: str, when: str, expected: tuple[str, str, bool] | None) -> None:
    pod = seen(story, when)

    assert log_source(assess_pod(pod), [pod]) == expected


def test_a_group_s_verdict_leads_to_the_log_too() -> None:
    pod = seen("crash_loop", "two are not")
    other = {"metadata": {"name": "w-r2-aaa"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    body = {"metadata": {"name": "w-r2"}}
    verdict = assess_group(body, [other, pod], wanted=2)

    assert log_source(verdict, [other, pod]) == ("w-r2-abc", "engine", True)


def test_a_pod_that_is_gone_has_no_log() -> None:
    verdict = Verdict(State.FAILED, Reason.CRASH_LOOP, "", pod="gone", container="engine")

    assert log_source(verdict, []) is None
