"""From a program's spelling to the one that travels."""

from dataclasses import dataclass

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.dynamic.arguments import (
    ContainerArgs,
    ContainerArgsDict,
    EnvVarArgs,
    GroupRuntimeArgs,
    ProbeArgs,
    ReplacementSettingsArgs,
    RuntimeArgs,
    SecretRefArgs,
    WarmupArgs,
)
from inference_provider.dynamic.wire import wire

KEYS = st.dictionaries(st.text(min_size=1), st.text())


def artifact(container: object) -> object:
    return wire(ArtifactInputs, {"spec": {"container_groups": ({"containers": [container]},)}}, of="Artifact 'a'")


def workload(**fields: object) -> dict[str, pulumi.Input[object]]:
    return wire(WorkloadInputs, fields, of="Workload 'w'")


def test_classes_and_dicts_travel_alike() -> None:
    as_class = ContainerArgs(
        name="vllm",
        image="a/b",
        env=[EnvVarArgs(name="TOKEN", secret_ref=SecretRefArgs(name="s", key="k"))],
        startup_probe=ProbeArgs(path="/health", period_seconds=5),
    )
    as_dict: ContainerArgsDict = {
        "name": "vllm",
        "image": "a/b",
        "env": [{"name": "TOKEN", "secret_ref": {"name": "s", "key": "k"}}],
        "startup_probe": {"path": "/health", "period_seconds": 5},
    }

    travels = {
        "name": "vllm",
        "image": "a/b",
        "env": [{"name": "TOKEN", "secretRef": {"name": "s", "key": "k"}}],
        "startupProbe": {"path": "/health", "periodSeconds": 5},
    }
    assert artifact(as_class) == artifact(as_dict) == {"spec": {"containerGroups": [{"containers": [travels]}]}}


def test_a_warm_up_travels_with_its_body_as_text() -> None:
    asked = WarmupArgs(path="/v1/completions", body='{"max_tokens": 8}', max_p95_seconds=2.5)
    travels = {"path": "/v1/completions", "body": '{"max_tokens": 8}', "maxP95Seconds": 2.5}

    assert workload(replacement=ReplacementSettingsArgs(warmup=asked)) == {"replacement": {"warmup": travels}}


@given(tags=KEYS, annotations=KEYS)
def test_keys_that_a_user_made_up_are_never_translated(tags: dict[str, str], annotations: dict[str, str]) -> None:
    travels = workload(tags=tags, service={"annotations": annotations})

    assert travels == {"tags": tags, "service": {"annotations": annotations}}


@given(headers=KEYS, secrets=KEYS)
def test_header_and_variable_names_are_never_translated(headers: dict[str, str], secrets: dict[str, str]) -> None:
    probe = {"readiness_probe": {"path": "/", "http_headers": headers}}
    spec = {"container_groups": [{"containers": [probe]}]}
    travels = wire(ArtifactInputs, {"spec": spec, "secret_env": secrets}, of="Artifact 'a'")

    sent = {"readinessProbe": {"path": "/", "httpHeaders": headers}}
    assert travels == {"spec": {"containerGroups": [{"containers": [sent]}]}, "secretEnv": secrets}


def test_what_is_none_does_not_travel() -> None:
    assert workload(namespace=None, running=False, description="", runtime={"container_groups": None}) == {
        "running": False,
        "description": "",
        "runtime": {},
    }


def test_a_misspelt_field_is_named_with_its_place() -> None:
    with pytest.raises(TypeError) as caught:
        workload(runtime={"container_groups": [{}, {"replica_cuont": 2}]})

    assert str(caught.value) == (
        "Workload 'w': runtime.container_groups[1]: there is no field `replica_cuont` here; "
        "did you mean `replica_count`?"
    )


def test_a_field_in_the_spelling_of_other_languages_is_refused_with_ours() -> None:
    with pytest.raises(TypeError, match="there is no field `replicaCount` here; did you mean `replica_count`"):
        workload(runtime={"container_groups": [{"replicaCount": 2}]})


def test_a_class_in_the_wrong_place_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        workload(runtime=GroupRuntimeArgs(replica_count=2))

    assert str(caught.value) == "Workload 'w': runtime: takes RuntimeArgs, not GroupRuntimeArgs"


def test_a_class_that_is_not_ours_is_refused() -> None:
    @dataclass
    class Mine:
        replica_count: int = 2

    with pytest.raises(TypeError, match="takes GroupRuntimeArgs, not Mine"):
        workload(runtime={"container_groups": [Mine()]})


@pytest.mark.parametrize("nonsense", ["large", 7, ["x"], {"container_groups": "x"}, {"container_groups": [3]}])
def test_nonsense_travels_as_it_is_for_check_to_answer(nonsense: object) -> None:
    sent = {"containerGroups": nonsense["container_groups"]} if isinstance(nonsense, dict) else nonsense

    assert workload(runtime=nonsense) == {"runtime": sent}


async def test_an_output_of_a_plain_value_is_passed_on_untouched() -> None:
    image = pulumi.Output.from_input("a/b")
    travels = artifact({"image": image, "args": ["--model", image]})

    assert travels == {"spec": {"containerGroups": [{"containers": [{"image": image, "args": ["--model", image]}]}]}}


async def test_an_output_of_a_part_is_translated_once_it_is_known() -> None:
    groups = pulumi.Output.from_input([GroupRuntimeArgs(replica_count=2)])
    travels = workload(runtime=RuntimeArgs(container_groups=groups), service=pulumi.Output.secret({"port": 8080}))

    runtime, service = travels["runtime"], travels["service"]
    assert isinstance(runtime, dict)
    assert await runtime["containerGroups"].future() == [{"replicaCount": 2}]
    assert isinstance(service, pulumi.Output)
    assert await service.future() == {"port": 8080}
    assert await service.is_secret()


async def test_a_misspelt_field_inside_of_an_output_is_named_too() -> None:
    travels = workload(runtime=pulumi.Output.from_input({"container_group": []}))

    runtime = travels["runtime"]
    assert isinstance(runtime, pulumi.Output)
    with pytest.raises(TypeError, match=r"^Workload 'w': runtime: there is no field `container_group` here;"):
        await runtime.future()
