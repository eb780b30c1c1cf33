"""What is said about wrong Artifacts: every mistake at once, each with its path."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.domain.faults import parse_artifact
from inference_provider.errors import InputError
from tests.domain.programs import artifact, server, sidecar, spec

CONTAINERS = "spec.containerGroups[0].containers"


def faults(inputs: dict[str, object]) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        parse_artifact(inputs)
    return {fault.path: fault.reason for fault in caught.value.faults}


def test_a_small_artifact_has_the_documented_defaults() -> None:
    probe = {"path": "/health"}
    parsed = parse_artifact(artifact(spec=spec(server(startupProbe=probe))))
    assert (parsed.type, parsed.status, parsed.pinning, parsed.retain_versions) == (
        "service",
        "draft",
        "ifReachable",
        20,
    )
    container = parsed.spec.primary_container
    assert container.startup_probe is not None
    assert container.probe_port(container.startup_probe) == 8000
    given = container.startup_probe
    assert (given.initial_delay_seconds, given.period_seconds, given.timeout_seconds) == (30, 30, 30)
    assert (given.failure_threshold, given.scheme) == (3, "HTTP")
    assert parse_artifact(artifact(status="locked")).pinning == "always"


def test_python_names_and_nulls_are_understood_too() -> None:
    parsed = parse_artifact(
        artifact(retain_versions=5, description=None, spec={"container_groups": [{"containers": [server()]}]})
    )
    assert (parsed.retain_versions, parsed.description) == (5, "")


def test_two_primary_containers_are_named_both() -> None:
    found = faults(artifact(spec=spec(server(), server(name="second"))))
    assert "containerGroups[0].containers[1]" in found[f"{CONTAINERS}[0].primary"]
    assert "containerGroups[0].containers[0]" in found[f"{CONTAINERS}[1].primary"]


def test_primary_containers_in_two_groups_are_one_too_many() -> None:
    groups = [{"containers": [server()]}, {"name": "other", "containers": [server()]}]
    found = faults(artifact(spec={"containerGroups": groups}))
    assert set(found) == {f"spec.containerGroups[{index}].containers[0].primary" for index in (0, 1)}


def test_no_primary_container_is_said_once() -> None:
    assert "primary" in faults(artifact(spec=spec(sidecar())))["spec.containerGroups"]


def test_mistakes_in_different_places_are_all_said_at_once() -> None:
    twice = [
        {"name": "A", "value": "1"},
        {"name": "A", "secretRef": {"name": "s", "key": "k"}},
        {"name": "B"},
        {"name": "1", "value": ""},
    ]
    wrong = spec(server(port=80, env=twice), sidecar(name="server", port=9000), sidecar(imge="x"))
    found = faults({"nmae": "x", "spec": wrong, "status": "final", "retainVersions": 1.5, "description": 3})
    assert set(found) == {
        "name",
        "nmae",
        "status",
        "retainVersions",
        "description",
        f"{CONTAINERS}[0].port",
        f"{CONTAINERS}[0].env[1].name",
        f"{CONTAINERS}[0].env[2].value",
        f"{CONTAINERS}[0].env[3].name",
        f"{CONTAINERS}[1].name",
        f"{CONTAINERS}[1].port",
        f"{CONTAINERS}[2].imge",
    }
    assert found["name"] == "is required"
    assert found["nmae"].endswith("did you mean `name`?")
    assert found[f"{CONTAINERS}[2].imge"].endswith("did you mean `image`?")
    assert "'draft' or 'locked'" in found["status"]
    assert "1024" in found[f"{CONTAINERS}[0].port"]


def test_a_field_of_the_older_name_finds_the_new_one() -> None:
    found = faults(artifact(spec={"container_group": []}))
    assert "did you mean `containerGroups` (`container_groups` in Python)?" in found["spec.container_group"]
    assert found["spec.containerGroups"] == "is required"


def test_the_primary_container_needs_an_image_and_a_port() -> None:
    found = faults(artifact(spec=spec({"name": "server", "primary": True})))
    assert found == {
        f"{CONTAINERS}[0].image": "is required",
        f"{CONTAINERS}[0].port": "is required: this is the primary container, the one that answers requests",
    }


@pytest.mark.parametrize(
    ("wrong", "path", "reason"),
    [
        ({"containerGroups": []}, "spec.containerGroups", "at least one container group"),
        ({"containerGroups": [{"containers": []}]}, "spec.containerGroups[0].containers", "at least one container"),
        ({"containerGroups": "none"}, "spec.containerGroups", "must be a list"),
        ({"containerGroups": [3]}, "spec.containerGroups[0]", "must be an object"),
        ([], "spec", "must be an object"),
        ({**spec(), "storage": {}}, "spec.storage", "nim"),
        (spec(server(primary="yes")), f"{CONTAINERS}[0].primary", "true or false"),
        (spec(server(build={"context": "."})), f"{CONTAINERS}[0].build", "not yet supported"),
        (
            spec(server(env=[{"name": "A", "value": "x", "secretRef": {"name": "s", "key": "k"}}])),
            f"{CONTAINERS}[0].env[0].secretRef",
            "together",
        ),
        (
            spec(server(livenessProbe={"path": "/", "periodSeconds": 0})),
            f"{CONTAINERS}[0].livenessProbe.periodSeconds",
            "1 or more",
        ),
        (
            spec(server(securityContext={"seccompProfile": {"type": "Localhost"}})),
            f"{CONTAINERS}[0].securityContext.seccompProfile.localhostProfile",
            "required",
        ),
        (
            {"containerGroups": [{"containers": [server()]}, {"containers": [sidecar()]}]},
            "spec.containerGroups[1].name",
            "already",
        ),
    ],
)
def test_each_wrong_spec_is_refused_at_its_place(wrong: object, path: str, reason: str) -> None:
    found = faults(artifact(spec=wrong))
    assert list(found) == [path]
    assert reason in found[path]


def test_a_shared_model_cache_is_not_yet_supported() -> None:
    found = faults(artifact(type="nim", spec={**spec(), "storage": {"mode": "nimCache"}}))
    assert "not yet supported" in found["spec.storage.mode"]
    stored = parse_artifact(artifact(type="nim", spec={**spec(), "storage": {"pvcSize": "1024Gi"}})).spec.storage
    assert stored is not None
    assert stored.pvc_size == "1Ti"


def test_a_variable_that_is_secret_and_plain_is_refused() -> None:
    wrong = artifact(spec=spec(server(env=[{"name": "TOKEN", "value": "x"}])), secretEnv={"TOKEN": "hush"})
    assert list(faults(wrong)) == [f"{CONTAINERS}[0].env[0].name"]


@given(st.text(alphabet="SECRET", min_size=12))
def test_secret_values_are_never_shown(secret: str) -> None:
    wrong = {"9lives": secret, "FINE": 12, "LIST": [secret], "OK": secret}
    with pytest.raises(InputError) as caught:
        parse_artifact(artifact(secretEnv=wrong, description=1))
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    assert secret not in repr(parse_artifact(artifact(secretEnv={"OK": secret})))


def test_a_bad_key_of_secret_env_is_named() -> None:
    found = faults(artifact(secretEnv={"9 lives": "x", "FINE": 12}))
    assert set(found) == {'secretEnv["9 lives"]', "secretEnv.FINE"}


@pytest.mark.parametrize(
    ("container", "path", "reason"),
    [
        ({"image": "vLLM Server"}, "image", "lower case"),
        ({"image": "vllm/VLLM:v1"}, "image", "lower case"),
        ({"image": "vllm/vllm:"}, "image", "registry/repository:tag"),
        ({"readinessProbe": {"path": "health"}}, "readinessProbe.path", "start with `/`"),
        ({"livenessProbe": {"path": "/", "httpHeaders": {"a b": "x"}}}, 'livenessProbe.httpHeaders["a b"]', "header"),
        ({"env": [{"name": "A", "secretRef": {"name": "My Secret", "key": "k"}}]}, "env[0].secretRef.name", "Secret"),
        ({"env": [{"name": "A", "secretRef": {"name": "s", "key": "k/k"}}]}, "env[0].secretRef.key", "key of a Secret"),
    ],
)
def test_what_kubernetes_would_refuse_is_refused_first(container: dict[str, object], path: str, reason: str) -> None:
    found = faults(artifact(spec=spec(server(**container))))
    assert list(found) == [f"{CONTAINERS}[0].{path}"]
    assert reason in found[f"{CONTAINERS}[0].{path}"]


@pytest.mark.parametrize(
    "image",
    [
        "vllm",
        "vllm/vllm-openai:v0.9",
        "localhost:5000/a/b_c:V1.2",
        "ghcr.io/a.b/c__d@sha256:" + "a" * 64,
        "[::1]:5000/a:x@sha256:0f",
    ],
)
def test_every_usual_way_to_name_an_image_is_taken(image: str) -> None:
    assert parse_artifact(artifact(spec=spec(server(image=image)))).spec.primary_container.image == image
