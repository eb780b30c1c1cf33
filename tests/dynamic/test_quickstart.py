"""The first program that people see, in a Pulumi without engine."""

import runpy
from pathlib import Path
from typing import Any

from inference_provider.domain.faults import parse_artifact, parse_workload
from inference_provider.resources import artifact, workload
from tests.dynamic.mocked import Registered, run

PROGRAM = Path(__file__).parents[2] / "examples/quickstart"
DOOR = ("__provider", "resourceUrn", "previewing")
TOLD = {"chat": {"versionId": "default/chat@0123456789ab"}}


def quickstart(**config: str) -> Registered:
    def program() -> None:
        runpy.run_path(str(PROGRAM), run_name="__main__")

    return run(program, config=config, told=TOLD)


def inputs(registered: Registered, kind: str) -> dict[str, Any]:
    return {key: value for key, value in registered.inputs[kind].items() if key not in DOOR}


def test_the_quickstart_serves_vllm_on_two_replicas_of_two_gpus() -> None:
    registered = quickstart()
    spec = parse_artifact(inputs(registered, "Artifact")).spec
    runtime = parse_workload(inputs(registered, "Workload")).runtime
    server = spec.primary_container

    assert server.image == "vllm/vllm-openai:v0.11.0"
    assert server.startup_probe is not None
    assert server.startup_probe.failure_threshold * server.startup_probe.period_seconds == 20 * 60
    assert runtime.replicas("default") == 2
    assert runtime.group("default").allocation("vllm").gpu == 2
    assert registered.inputs["Workload"]["artifactId"] == "default/chat@0123456789ab"


def test_a_stack_may_choose_image_model_replicas_namespace_and_environment() -> None:
    registered = quickstart(
        image="a/b:2", model="m", replicas="3", namespace="team", env='{"VLLM_LOGGING_LEVEL": "DEBUG"}'
    )
    server = parse_artifact(inputs(registered, "Artifact")).spec.primary_container

    assert (server.image, server.args) == ("a/b:2", ("--model", "m", "--tensor-parallel-size", "2"))
    assert [(each.name, each.value) for each in server.env] == [("VLLM_LOGGING_LEVEL", "DEBUG")]
    assert registered.inputs["Artifact"]["namespace"] == registered.inputs["Workload"]["namespace"] == "team"
    assert parse_workload(inputs(registered, "Workload")).runtime.replicas("default") == 3


def test_the_same_program_again_is_no_difference() -> None:
    first, second = quickstart(), quickstart()

    assert not artifact.diff(inputs(first, "Artifact"), inputs(second, "Artifact")).changes
    olds = {**inputs(first, "Workload"), "activeArtifactId": "default/chat@0123456789ab"}
    assert not workload.diff(olds, inputs(second, "Workload")).changes
