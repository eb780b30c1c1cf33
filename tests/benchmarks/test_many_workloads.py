"""The programs that `scale`, `noop` and `waits` measure run, with two Workloads here, and what is counted of them."""

import os
from pathlib import Path

import pytest

from benchmarks.asked import by_sender
from benchmarks.figures import Bound, Figure, Series
from benchmarks.many import Many
from benchmarks.spent import CommandFailed, processor_seconds
from tools.cluster import Cluster

TWO = 2


def test_two_workloads_are_made_and_replaced_and_nothing_is_left_to_do(
    tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str, simulated_cluster: Cluster
) -> None:
    stack = Many(tmp_path / "stack", toolchain_bin, kubeconfig, namespace, door="plugin", count=TWO, parallel=TWO)
    stack.start().measured("up", "--yes", "--skip-preview")

    spent = stack.roll(load="0.1s").measured("up", "--yes", "--skip-preview")
    stack.measured("preview", "--expect-no-changes")

    assert 20 < spent.peak < 1000, "MiB of a Python process"
    assert spent.processor > 0
    found = simulated_cluster.client().request("GET", f"/apis/apps/v1/namespaces/{namespace}/deployments")["items"]
    # What it replaced may still be on its way out: garbage collection has no hurry.
    assert {each["metadata"]["name"] for each in found} >= {"server-0000-r2", "server-0001-r2"}


def test_the_same_program_runs_on_a_provider_that_does_nothing(tmp_path: Path, toolchain_bin: Path) -> None:
    stack = Many(tmp_path / "stack", toolchain_bin, Path("/nonexistent"), "models", door="empty", count=TWO)
    stack.start()

    with pytest.raises(CommandFailed, match="it ended with"):  # nothing is made yet: a run that fails is no figure
        stack.measured("preview", "--expect-no-changes")
    stack.measured("up", "--yes", "--skip-preview")
    stack.measured("preview", "--expect-no-changes")


def test_requests_are_counted_by_the_program_that_sent_them() -> None:
    lines = ['{"userAgent": "kr8s/0.20.15"}', '{"userAgent": "kubectl/v1.36.4 (linux/amd64)"}', "", "{}"]

    assert by_sender([*lines, lines[0]]) == {"kr8s": 2, "kubectl": 1, "": 1}


def test_processor_time_is_read_behind_a_name_with_blanks() -> None:
    fields = ["S", *(str(number) for number in range(1, 40))]

    assert processor_seconds(f"7 (a ) b) {' '.join(fields)}") == pytest.approx((11 + 12) / os.sysconf("SC_CLK_TCK"))


def test_memory_over_its_aim_is_a_missed_aim() -> None:
    ours, bare = Series("ours", [1.0]), Series("bare", [1.0])
    bounds = [Bound("plugin_peak_memory", 151.0, "MiB", 150.0), Bound("requests", 30.0, "a Workload")]

    figure = Figure("scale", "s", ours, bare, 1.3, bounds=bounds)

    assert not figure.met
    assert "plugin peak memory: 151 MiB; aim at most 150: the aim is missed" in figure.table()
    assert '"requests": {"value": 30.0, "unit": "a Workload"}' in figure.line()
