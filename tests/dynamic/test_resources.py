"""Artifact and Workload as a program meets them, in a Pulumi without engine."""

import asyncio
import inspect
import traceback
from typing import Any

import pulumi
import pytest
from pulumi.resource import DependencyResource
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret

from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.domain.model import Input
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.dynamic import Artifact, ArtifactSpecArgs, ContainerArgs, ContainerGroupArgs, Rollout, Workload
from inference_provider.dynamic.outputs import keys_of
from inference_provider.dynamic.resource import urn_of
from inference_provider.manifests.anchor import Face, anchor
from inference_provider.resources.workload_outputs import observed
from inference_provider.rollout.fleet import Fleet
from tests.dynamic.mocked import run

SPEC = ArtifactSpecArgs(container_groups=[ContainerGroupArgs(containers=[ContainerArgs(name="main", image="a/b")])])


@pytest.mark.parametrize(("resource", "inputs"), [(Artifact, ArtifactInputs), (Workload, WorkloadInputs)])
def test_every_input_is_a_documented_keyword(resource: type[pulumi.Resource], inputs: type[Input]) -> None:
    parameters = inspect.signature(resource.__init__).parameters
    keywords = {name for name, each in parameters.items() if each.kind is each.KEYWORD_ONLY}

    assert keywords == {*inputs.model_fields, "opts"}
    for keyword in keywords:
        assert f":param {keyword}:" in (resource.__init__.__doc__ or "")


def test_the_name_in_the_stack_is_the_default_name() -> None:
    registered = run(lambda: Artifact("llama", spec=SPEC))

    assert registered.inputs["Artifact"]["name"] == "llama"


def test_a_name_of_its_own_wins() -> None:
    registered = run(lambda: Artifact("llama", name=pulumi.Output.from_input("other"), spec=SPEC))

    assert registered.inputs["Artifact"]["name"] == "other"


def test_only_what_was_given_travels() -> None:
    registered = run(lambda: Workload("w", artifact_id="default/a@0123456789ab", tags={"a_b": "c"}))

    sent = {key: value for key, value in registered.inputs["Workload"].items() if key != "__provider"}
    assert sent == {
        "name": "w",
        "artifactId": "default/a@0123456789ab",
        "tags": {"a_b": "c"},
        "resourceUrn": "urn:pulumi:dev::shop::pulumi-python:dynamic/inference:Workload::w",
        "previewing": False,
    }


def test_a_preview_is_told() -> None:
    registered = run(lambda: Workload("w", artifact_id="default/a@0123456789ab"), preview=True)

    assert registered.inputs["Workload"]["previewing"] is True


def test_an_unknown_keyword_is_an_error_at_once() -> None:
    keywords: dict[str, Any] = {"replicas": 2}

    with pytest.raises(TypeError, match="unexpected keyword argument 'replicas'"):
        run(lambda: Workload("w", **keywords))


def test_a_misspelt_field_shows_none_of_the_code_that_found_it() -> None:
    misspelt: Any = {"container_groups": [{"replica_cuont": 2}]}

    with pytest.raises(TypeError) as caught:
        run(lambda: Workload("chat", runtime=misspelt))

    said = "".join(traceback.format_exception(caught.value))
    assert said.rstrip().endswith("here; did you mean `replica_count`?")
    assert said.count("Traceback") == 1, "one mistake, told once"
    assert "dynamic/wire.py" not in said


async def test_the_urn_names_every_parent() -> None:
    team = DependencyResource("urn:pulumi:dev::shop::acme:index:Group$acme:index:Team::t")
    urn = urn_of("Artifact", "a", pulumi.ResourceOptions(parent=team))

    kind = "acme:index:Group$acme:index:Team$pulumi-python:dynamic/inference:Artifact"
    assert await urn.future() == f"urn:pulumi:dev::shop::{kind}::a"
    assert await urn.resources() == set()


def test_secret_values_are_secret_however_they_were_given() -> None:
    secrets: list[pulumi.Output[object]] = []

    def program() -> pulumi.Output[object]:
        artifact = Artifact("a", spec=SPEC, secret_env={"TOKEN": "x", "OTHER": pulumi.Output.from_input("y")})
        secrets.append(vars(artifact)["secretEnv"])
        return secrets[0]

    registered = run(program)
    assert asyncio.run(secrets[0].is_secret())
    sent = registered.inputs["Artifact"]["secretEnv"]
    assert is_rpc_secret(sent)
    assert unwrap_rpc_secret(sent) == {"TOKEN": "x", "OTHER": "y"}


def test_outputs_have_names_and_types_of_python() -> None:
    told = {
        "a": {"versionId": "default/a@0123456789ab", "version": 3.0},
        "w": {
            "activeArtifactId": "default/a@0123456789ab",
            "readyReplicas": 2.0,
            "candidateProtonIds": [],
            "rollout": {"status": "completed", "keepOldUntil": "2026-01-01T00:00:00Z"},
        },
    }

    def program() -> pulumi.Output[None]:
        artifact = Artifact("a", spec=SPEC)
        workload = Workload("w", artifact_id=artifact.version_id)
        values: list[pulumi.Output[Any]] = [artifact.version, workload.active_artifact_id, workload.ready_replicas]
        values += [workload.candidate_proton_ids, workload.held, workload.rollout.keep_old_until]
        return pulumi.Output.all(*values).apply(check)

    def check(values: list[object]) -> None:
        assert values == [3, "default/a@0123456789ab", 2, [], None, "2026-01-01T00:00:00Z"]
        assert isinstance(values[0], int)

    registered = run(program, told=told)
    assert registered.inputs["Workload"]["artifactId"] == "default/a@0123456789ab"


def test_an_output_cannot_be_set() -> None:
    def program() -> None:
        artifact = Artifact("a", spec=SPEC)
        with pytest.raises(AttributeError, match="`versionId` of Artifact is an output"):
            artifact.version_id = pulumi.Output.from_input("x")

    run(program)


def test_a_rollout_is_a_dict_with_the_keys_of_the_state() -> None:
    rollout = Rollout.of({"status": "errored", "message": "no GPU", "revision": "r2", "retained": "r1"})

    assert (rollout.status, rollout.message, rollout.revision, rollout.retained) == ("errored", "no GPU", "r2", "r1")
    assert rollout.retained_artifact_id is None
    assert rollout["status"] == "errored"


def test_every_output_of_a_workload_can_be_read() -> None:
    told = observed(Fleet(anchor("default", "w", Face(), slot=0), ()))

    assert {*told} <= {*keys_of(Workload)}
