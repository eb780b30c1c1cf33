"""When an engine cannot answer because the rest of its version is not there, and who was behind a Service at once."""

import pytest

from inference_provider.manifests import labels
from tools.traffic.backing import Backing, listens
from tools.traffic.watching import Body
from tools.traffic.witness import Witness


def worker(version: str = "r1", *, ready: bool = True, group: str = "worker") -> Body:
    """A pod that listens nowhere."""
    return {
        "metadata": {"labels": {labels.REVISION: version, labels.GROUP: group}},
        "spec": {"containers": [{"name": "vllm"}]},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def router(version: str = "r1") -> Body:
    """A pod that does."""
    pod = worker(version, group="router")
    return pod | {"spec": {"containers": [{"name": "vllm", "ports": [{"containerPort": 8000}]}]}}


def part(*uids: str) -> Body:
    """A slice with these pods, ready."""
    listed = [{"targetRef": {"name": f"pod-{uid}", "uid": uid}, "conditions": {"ready": True}} for uid in uids]
    return {"endpoints": listed}


def test_a_version_with_one_group_needs_nobody() -> None:
    backing = Backing()
    backing.told({"a": router("r1")})

    assert listens(router())
    assert backing.whole("r1")


@pytest.mark.parametrize(
    ("pods", "whole"),
    [
        ({"old": worker("r1"), "new": worker("r2")}, True),
        ({"old": worker("r1")}, False),
        ({"old": worker("r1"), "new": worker("r2", ready=False)}, False),
        ({"old": worker("r1"), "new": worker("r2"), "other": worker("r1", group="prefill")}, False),
    ],
)
def test_a_version_is_whole_with_a_ready_pod_of_each_other_group(pods: dict[str, Body], *, whole: bool) -> None:
    backing = Backing()
    backing.told(pods)

    assert backing.whole("r2") is whole


def test_a_group_that_has_gone_altogether_is_missed() -> None:
    backing = Backing()
    backing.told({"a": worker("r1")})
    backing.told({})

    assert not backing.whole("r1")


def test_a_pod_that_ends_helps_until_its_pre_stop_hook_is_over() -> None:
    times = iter((100.0, 100.0, 144.0, 146.0))  # when it was told, and at each look
    backing, leaving = Backing(clock=lambda: next(times)), worker("r1")
    leaving["metadata"]["deletionTimestamp"] = "2026-11-21T18:00:00Z"
    leaving["spec"]["containers"][0]["lifecycle"] = {"preStop": {"sleep": {"seconds": 45}}}

    backing.told({"a": leaving})

    assert [backing.whole("r1") for _ in range(3)] == [True, True, False]


def test_the_pod_of_a_job_backs_nobody() -> None:
    backing, warming = Backing(), worker("r1")
    del warming["metadata"]["labels"][labels.GROUP]
    backing.told({"warming": warming})

    assert backing.whole("r2")


VERSIONS = {"a": "r1", "b": "r1", "c": "r2"}


def test_a_witness_counts_each_time_that_two_versions_come_together() -> None:
    witness = Witness()
    for slices in ([part("a")], [part("a"), part("c")], [part("a", "b", "c")], [part("c")], [part("a", "c")]):
        witness.told({str(number): each for number, each in enumerate(slices)})

    assert witness.mixed(VERSIONS) == 2


def test_a_switch_in_one_step_is_never_seen_as_both() -> None:
    witness = Witness()
    for uids in (("a", "b"), ("c",), ("a", "b")):
        witness.told({"slice": part(*uids)})

    assert witness.mixed(VERSIONS) == 0
