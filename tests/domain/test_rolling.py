"""What rolls: the template and the table, held together."""

import types
import typing
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from inference_provider.domain.content import content_of
from inference_provider.domain.faults import parse_workload
from inference_provider.domain.rolling import TABLE, check_runtime, entry_for, template_hash, template_of
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.workload import WorkloadInputs
from tests.domain.programs import Inputs, allocated, inline, server, sidecar

_PROBE: Inputs = {"path": "/health"}
_CONTAINER = "artifact.spec.containerGroups[].containers[]."


def properties(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every property of a model and of the models within, as the table writes it."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        inner, listed = nested(field.annotation)
        yield from [path] if inner is None else properties(inner, f"{path}{'[]' if listed else ''}.")


def nested(annotation: object) -> tuple[type[BaseModel] | None, bool]:
    """The model inside an annotation, and whether there is a list of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return nested(arguments[0])[0], True
    if origin in (typing.Union, types.UnionType, typing.Annotated):
        return next((found for found in map(nested, arguments) if found[0]), (None, False))
    return None, False


def template(inputs: Inputs) -> str:
    workload = parse_workload(inputs)
    assert workload.artifact is not None
    content = content_of(workload.artifact.type, workload.artifact.spec, images={})
    return template_hash(content, workload.runtime)


def test_the_table_holds_every_property_of_a_workload_once() -> None:
    listed = [entry.path for entry in TABLE]
    assert sorted(listed) == sorted(properties(WorkloadInputs))
    assert all(entry.reason for entry in TABLE)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("runtime.containerGroups[0].replicaCount", "in place"),
        ("artifact.spec.containerGroups[0].containers[1].args[2]", "rolls"),
        ('service.annotations["example.com/a"]', "in place"),
        ("tags.team", "in place"),
        ("namespace", "replaces the resource"),
        ("importance", "next roll"),
    ],
)
def test_the_table_is_found_by_pulumis_paths(path: str, found: str) -> None:
    entry = entry_for(path)
    assert entry is not None
    assert entry.effect == found


def test_a_whole_object_or_an_unknown_property_has_no_entry() -> None:
    assert entry_for("runtime") is None
    assert entry_for("namespaces") is None


BASE = inline(
    server(startupProbe=_PROBE, env=[{"name": "A", "value": "1"}]),
    runtime=allocated(cpu=2, memory="16Gi", gpu=2, gpuModel="NVIDIA-L4", gpuMemory="20Gi"),
)


def changed(container: Inputs | None = None, **top: object) -> Inputs:
    """BASE with some fields of the server, or of the Workload, given anew."""
    default: Inputs = {"startupProbe": _PROBE, "env": [{"name": "A", "value": "1"}]}
    return {**BASE, **inline(server(**(default | (container or {})))), **top}


def resources(**anew: object) -> Inputs:
    return allocated(**({"cpu": 2, "memory": "16Gi", "gpu": 2, "gpuModel": "NVIDIA-L4", "gpuMemory": "20Gi"} | anew))


def replicated(count: int, **anew: object) -> Inputs:
    """The runtime of BASE with another number of replicas."""
    groups = resources(**anew)["containerGroups"]
    assert isinstance(groups, list)
    return {"containerGroups": [{**group, "replicaCount": count} for group in groups]}


@pytest.mark.parametrize(
    ("path", "inputs"),
    [
        (f"{_CONTAINER}name", changed({"name": "serve"}, runtime={})),
        (f"{_CONTAINER}image", changed({"image": "b:1"})),
        (f"{_CONTAINER}port", changed({"port": 9000})),
        (f"{_CONTAINER}entrypoint", changed({"entrypoint": ["vllm"]})),
        (f"{_CONTAINER}args", changed({"args": ["serve"]})),
        (f"{_CONTAINER}env[].value", changed({"env": [{"name": "A", "value": "2"}]})),
        (f"{_CONTAINER}startupProbe.failureThreshold", changed({"startupProbe": {**_PROBE, "failureThreshold": 60}})),
        (f"{_CONTAINER}livenessProbe.path", changed({"livenessProbe": _PROBE})),
        (
            f"{_CONTAINER}securityContext.readOnlyRootFilesystem",
            changed({"securityContext": {"readOnlyRootFilesystem": True}}),
        ),
        *(
            (
                f"runtime.containerGroups[].containers[].resourceAllocation.{field}",
                changed(runtime=resources(**{field: value})),
            )
            for field, value in [
                ("cpu", 4),
                ("memory", "32Gi"),
                ("gpu", 4),
                ("gpuModel", "NVIDIA-H100"),
                ("gpuMemory", "80Gi"),
            ]
        ),
        (f"{_CONTAINER}description", changed({"description": "for people"})),
        ("runtime.containerGroups[].replicaCount", changed(runtime=replicated(5))),
        ("tags", changed(tags={"team": "search"})),
        ("importance", changed(importance="critical")),
        ("displayName", changed(displayName="Chat")),
        ("environment", changed(environment="staging")),
        ("service.port", changed(service={"port": 8080})),
        ("service.annotations", changed(service={"annotations": {"a": "b"}})),
        ("replacement.keepOldVersionMinutes", changed(replacement={"keepOldVersionMinutes": 30})),
        ("replacement.drainSeconds", changed(replacement={"drainSeconds": 60})),
        ("timeouts.update", changed(timeouts={"update": "2h"})),
        ("name", changed(name="other")),
    ],
)
def test_the_template_changes_exactly_where_the_table_says_so(path: str, inputs: Inputs) -> None:
    entry = entry_for(path)
    assert entry is not None
    assert (template(inputs) != template(BASE)) == (entry.effect == "rolls")


@given(st.integers(1, 500), st.dictionaries(st.text(), st.text(), max_size=3))
def test_replicas_and_tags_never_roll(count: int, tags: dict[str, str]) -> None:
    assert template(changed(runtime=replicated(count), tags=tags)) == template(BASE)


@pytest.mark.parametrize(
    "same", [{"cpu": "2000m"}, {"cpu": "2.0"}, {"memory": 17179869184}, {"memory": "16384Mi"}, {"gpu": 2.0}]
)
def test_another_spelling_of_an_amount_rolls_nothing(same: Inputs) -> None:
    assert template(changed(runtime=resources(**same))) == template(BASE)


def test_no_gpus_is_the_same_as_nothing_said_about_gpus() -> None:
    said, silent = (inline(runtime=allocated(cpu=1, **more)) for more in ({"gpu": 0}, {}))
    assert template(said) == template(silent) != template(inline())


def test_a_group_that_is_listed_without_resources_is_as_if_not_listed() -> None:
    listed = {"containerGroups": [{"name": "default", "containers": [{"name": "server"}]}]}
    assert template(inline(runtime=listed)) == template(inline())


def test_the_service_account_is_part_of_the_template() -> None:
    workload = parse_workload(inline(server(), sidecar()))
    assert workload.artifact is not None
    content = content_of("service", workload.artifact.spec, images={})
    assert template_of(content, workload.runtime, service_account="reader")["serviceAccount"] == "reader"
    assert template_hash(content, workload.runtime) != template_hash(
        content, workload.runtime, service_account="reader"
    )


def test_a_runtime_is_compared_with_a_stored_content_as_with_a_spec() -> None:
    workload = parse_workload(inline())
    assert workload.artifact is not None
    content = content_of("service", workload.artifact.spec, images={})
    runtime = Runtime.model_validate({"containerGroups": [{"name": "workers"}]})
    found = check_runtime(content, runtime)
    assert found == check_runtime(workload.artifact.spec, runtime)
    assert [fault.path for fault in found] == ["runtime.containerGroups[0].name"]
    assert check_runtime(content, workload.runtime) == []
