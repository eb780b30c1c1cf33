"""What may run: locked artifacts, and images that nobody can move."""

import pytest

from tests.policy_pack.said import DIGEST, artifact, replacement, shown, violations, workload


def locked(*, version: str = "locked", **more: object) -> list[str]:
    runs = shown("Artifact", artifact(status=version))
    return violations("locked-artifacts", shown("Workload", workload(**more)), runs)


def test_a_draft_serves_in_a_sandbox_and_nowhere_else() -> None:
    assert locked(version="draft", environment="sandbox") == []
    assert locked(version="draft") == ["a draft is to serve in production; set the Artifact's `status` to locked"]
    assert locked() == []


def test_what_is_written_inside_a_workload_is_held_to_the_same() -> None:
    inside = {key: value for key, value in artifact().items() if key == "spec"}
    drafted = shown("Workload", {**workload(artifact=inside), "artifactId": None})
    bolted = shown("Workload", {**workload(artifact={**inside, "status": "locked"}), "artifactId": None})

    assert len(violations("locked-artifacts", drafted)) == 1
    assert violations("locked-artifacts", bolted) == []


def test_nobody_can_say_whether_an_artifact_of_another_program_is_locked_until_the_pack_does() -> None:
    alone = shown("Workload", workload())

    (said,) = violations("locked-artifacts", alone)

    assert said.startswith("models/llama@aaaaaaaaaaaa is to serve in production, and this program does not declare")
    assert violations("locked-artifacts", alone, trusted=["models/llama"]) == []
    assert violations("locked-artifacts", alone, trusted=["models/llam"])


def test_an_older_version_of_a_locked_artifact_may_have_been_a_draft() -> None:
    runs = shown("Artifact", artifact(status="locked"))
    pinned = shown("Workload", workload(artifactId="models/llama@bbbbbbbbbbbb"))

    assert violations("locked-artifacts", pinned, runs)


def test_a_replacement_is_as_its_workload_is() -> None:
    draft = shown("Artifact", artifact())
    change = shown("Replacement", replacement())
    tried = shown("Workload", workload(environment="sandbox"))

    assert violations("locked-artifacts", change, draft, tried) == []
    assert violations("locked-artifacts", change, draft, shown("Workload", workload()))
    assert violations("locked-artifacts", change, draft) == [
        "a draft is to serve in an environment that another program says; set the Artifact's `status` to locked"
    ]


def images(*written: str, resolved: dict[str, str] | None = None, **settings: object) -> list[str]:
    return violations("pinned-images", shown("Artifact", artifact(*written, images=resolved or {})), **settings)


def test_a_tag_can_be_moved_and_a_digest_cannot() -> None:
    assert images(f"vllm/vllm-openai{DIGEST}", f"vllm/vllm-openai:v1{DIGEST}") == []
    assert images("vllm/vllm-openai:v1") == [
        (
            "spec.containerGroups[0].containers[0].image: vllm/vllm-openai:v1 is named by a tag, which can be moved; "
            "write vllm/vllm-openai:v1@sha256:…"
        )
    ]


def test_a_tag_will_do_where_the_registry_has_said_what_it_is() -> None:
    told = {"vllm/vllm-openai:v1": f"vllm/vllm-openai:v1{DIGEST}"}

    assert images("vllm/vllm-openai:v1", resolved=told, digests="resolved") == []
    assert images("vllm/vllm-openai:v1", resolved=told)
    assert images("vllm/vllm-openai:v1", resolved={"vllm/vllm-openai:v1": "vllm/vllm-openai:v1"}, digests="resolved")
    assert images("vllm/vllm-openai:v1", digests="any") == []


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ("vllm/vllm-openai", "docker.io"),
        ("vllm/vllm-openai", "docker.io/vllm"),
        ("python", "docker.io/library/python"),
        ("registry.example.com:5000/team/a/b", "registry.example.com:5000/team/"),
    ],
)
def test_an_image_of_an_allowed_registry_passes(image: str, allowed: str) -> None:
    assert images(f"{image}{DIGEST}", registries=["nowhere.example.com", allowed]) == []


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ("vllm-openai-evil/server", "docker.io/vllm"),
        ("docker.io.example.com/vllm/a", "docker.io"),
        ("registry.example.com/teams/a", "registry.example.com/team"),
        ("registry.example.com:5000/team/a", "registry.example.com/team"),
    ],
)
def test_a_name_that_only_begins_like_an_allowed_one_does_not(image: str, allowed: str) -> None:
    (said,) = images(f"{image}{DIGEST}", registries=[allowed])

    assert said.endswith(f"images may come from {allowed}")


def test_images_that_are_written_inside_a_workload_are_found_there() -> None:
    inside = {"spec": artifact("vllm/vllm-openai:v1")["spec"]}

    (said,) = violations("pinned-images", shown("Workload", {**workload(artifact=inside), "artifactId": None}))

    assert said.startswith("artifact.spec.containerGroups[0].containers[0].image: ")


def test_the_image_that_warms_a_version_up_is_an_image_too() -> None:
    settings = {"warmup": {"path": "/v1/models", "image": "python:3"}}
    runs, change = workload(replacement=settings), replacement(**settings)

    (said,) = violations("pinned-images", shown("Workload", runs))
    assert said.startswith("replacement.warmup.image: python:3 is named by a tag")
    (said,) = violations("pinned-images", shown("Replacement", change), registries=["docker.io/vllm"], digests="any")
    assert said.startswith("warmup.image: python:3 is of docker.io/library/python; images may come from docker.io/vllm")
