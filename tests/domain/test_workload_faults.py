"""What is said about wrong Workloads, and which settings work already."""

import pytest

from inference_provider.domain.durations import duration_seconds
from inference_provider.domain.faults import parse_workload
from inference_provider.errors import InputError
from tests.domain.programs import allocated, inline, server, sidecar, spec, workload


def faults(inputs: dict[str, object]) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        parse_workload(inputs)
    return {fault.path: fault.reason for fault in caught.value.faults}


def test_a_small_workload_has_the_documented_defaults() -> None:
    parsed = parse_workload(workload())
    assert (parsed.importance, parsed.environment, parsed.running) == ("low", "production", True)
    assert (parsed.service.port, parsed.service.type) == (80, "ClusterIP")
    assert parsed.runtime.replicas("default") == 1
    settings = parsed.replacement
    assert (settings.surge, settings.traffic_switch, settings.on_failure) == ("wait", "overlap", "delete")
    assert (settings.warmup_duration_minutes, settings.keep_old_version_minutes, settings.drain_seconds) == (0, 0, 30)


def test_numbers_arrive_as_doubles() -> None:
    runtime = {"containerGroups": [{"replicaCount": 2.0}]}
    parsed = parse_workload(
        workload(runtime=runtime, replacement={"keepOldVersionMinutes": 0.5}, service={"port": 8080.0})
    )
    assert (parsed.runtime.replicas("default"), parsed.service.port) == (2, 8080)
    assert parsed.replacement.keep_old_version_minutes == 0.5


def test_one_source_of_what_runs_is_needed_and_only_one() -> None:
    assert "`artifact`" in faults({"name": "chat"})["artifactId"]
    assert "together" in faults(inline(artifactId="models/llama@0123456789ab"))["artifactId"]


def test_a_bare_artifact_id_would_never_roll() -> None:
    assert "never changes" in faults(workload(artifactId="models/llama"))["artifactId"]


def test_replicas_with_autoscaling_are_two_faults() -> None:
    wrong = workload(
        runtime={"containerGroups": [{"replicaCount": 2, "autoscaling": {"enabled": True, "policies": []}}]}
    )
    found = faults(wrong)
    assert "together" in found["runtime.containerGroups[0].replicaCount"]
    assert "at least one policy" in found["runtime.containerGroups[0].autoscaling.policies"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("serverless", {"idleMinutes": 5}),
        ("offloading", {}),
        ("sourceRef", {"kind": "Deployment", "name": "old"}),
    ],
)
def test_what_nothing_acts_on_yet_is_refused_by_name(path: str, value: object) -> None:
    top, _, field = path.partition(".")
    found = faults(workload(**{top: {field: value} if field else value}))
    assert list(found) == [path]
    assert "not yet supported" in found[path]


def test_what_is_not_yet_supported_may_be_given_its_default() -> None:
    settings = {
        "driver": "artifact",
        "surge": "wait",
        "promotion": "automatic",
        "onConflict": "reject",
        "strategy": "rolling",
    }
    assert parse_workload(workload(running=True, policies=[], serverless=None, replacement=settings)).running


@pytest.mark.parametrize(
    ("resources", "field", "reason"),
    [
        ({"cpu": 0.05}, "cpu", "tenth"),
        ({"cpu": "lots"}, "cpu", "500m"),
        ({"cpu": True}, "cpu", "number or text"),
        ({"memory": 16}, "memory", "unit"),
        ({"memory": "16Gb5"}, "memory", "16Gi"),
        ({"gpu": 0.5}, "gpu", "MIG"),
        ({"gpuModel": "NVIDIA-H100"}, "gpuModel", "no `gpu`"),
        ({"gpus": 2}, "gpus", "`gpu`"),
        ({"gpu": 1, "gpuModel": "NVIDIA H100"}, "gpuModel", "no spaces"),
    ],
)
def test_wrong_resources_are_refused_at_their_place(resources: dict[str, object], field: str, reason: str) -> None:
    found = faults(workload(runtime=allocated(**resources)))
    path = f"runtime.containerGroups[0].containers[0].resourceAllocation.{field}"
    assert list(found) == [path]
    assert reason in found[path]


def test_a_runtime_for_groups_or_containers_that_do_not_exist_is_refused() -> None:
    groups = [{"name": "workers"}, {"containers": [{"name": "sidecar"}, {"name": "serve"}]}]
    found = faults(inline(server(), sidecar(), runtime={"containerGroups": groups}))
    assert found == {
        "runtime.containerGroups[0].name": "the artifact has no container group `workers`; it has `default`",
        "runtime.containerGroups[1].containers[1].name": (
            "the artifact's group `default` has no container `serve`; it has `server`, `sidecar`"
        ),
    }


def test_names_given_twice_in_a_runtime_are_refused() -> None:
    twice = [{"name": "server"}, {"name": "server"}]
    found = faults(workload(runtime={"containerGroups": [{"containers": twice}, {"name": "default"}]}))
    assert set(found) == {"runtime.containerGroups[0].containers[1].name", "runtime.containerGroups[1].name"}


def test_a_group_name_that_makes_too_long_a_deployment_name_is_refused_up_front() -> None:
    groups = [{"containers": [server()]}, {"name": "tensor-parallel-workers", "containers": [sidecar()]}]
    found = faults({"name": "w" * 45, "artifact": {"spec": {"containerGroups": groups}}})
    assert list(found) == ["artifact.spec.containerGroups[1].name"]


def test_mistakes_of_the_workload_and_of_its_artifact_are_said_together() -> None:
    wrong: dict[str, object] = {
        "name": "Chat",
        "artifact": {"spec": spec(server(port=80)), "secretEnv": {}},
        "tiemouts": {},
        "timeouts": {"create": "soon"},
    }
    found = faults(wrong)
    where = "artifact.spec.containerGroups[0].containers[0].port"
    assert set(found) == {"name", where, "artifact.secretEnv", "tiemouts", "timeouts.create"}
    assert "`timeouts`" in found["tiemouts"]
    assert "1h30m" in found["timeouts.create"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("90s", 90), ("1h30m", 5400), (45, 45), (45.5, 45.5), ("1.5h", 5400), ("500ms", 0.5)],
)
def test_durations_are_read_as_people_write_them(text: float | str, seconds: float) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "0s", 0, -1, "1d", "5 m", float("inf"), float("nan")])
def test_what_is_no_duration_is_refused(text: float | str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        duration_seconds(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("replacement.keepOldVersionMinutes", 5e7),
        ("replacement.warmupDurationMinutes", 1e308),
        ("replacement.drainSeconds", 31_536_001.0),
        ("timeouts.update", "1000000h"),
    ],
)
def test_a_time_longer_than_a_year_is_refused(path: str, value: object) -> None:
    top, _, field = path.partition(".")
    assert "longer than a year" in faults(workload(**{top: {field: value}}))[path]


@pytest.mark.parametrize("key", ["my key!", "Example.com/a", "a/b/c", "/a", "a/"])
def test_an_annotation_that_kubernetes_would_refuse_is_refused_first(key: str) -> None:
    (reason,) = faults(workload(service={"annotations": {key: "x"}})).values()
    assert "example.com/name" in reason


def test_annotations_with_and_without_a_domain_are_taken() -> None:
    annotations = {"plain": "1", "service.beta.kubernetes.io/aws-load-balancer-type": "nlb"}
    assert parse_workload(workload(service={"annotations": annotations})).service.annotations == annotations
