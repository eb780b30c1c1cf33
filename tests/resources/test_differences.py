"""What counts as a change, what it does, and what must never come back as a change for ever."""

import pytest

from inference_provider.resources import artifact, workload
from inference_provider.resources.changes import changed_paths
from inference_provider.resources.workload import rolling_causes
from inference_provider.resources.world import Difference, Properties
from tests.resources.outside import chat, llama, runtime

VERSION = "models/llama@0123456789ab"


def served(**more: object) -> Properties:
    """The outputs of a Workload's last run."""
    return chat(VERSION, namespace="models", activeArtifactId=VERSION, status="running", **more)


def wanted(**more: object) -> Properties:
    """Checked inputs."""
    return chat(VERSION, namespace="models", endpoint="http://chat", **more)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"runtime": runtime(cpu="2", memory="16Gi")}, {"runtime": runtime(cpu=2.0, memory=16 * 1024**3)}),
        ({"runtime": runtime(cpu="500m")}, {"runtime": runtime(cpu=0.5)}),
        ({"runtime": runtime(memory="15GB")}, {"runtime": runtime(memory="15G")}),
        ({"runtime": runtime(replicas=2, gpu=1)}, {"runtime": runtime(replicas=2.0, gpu=1.0)}),
        ({}, {"importance": "low", "environment": "production", "tags": {}}),
        ({}, {"service": {"port": 80.0}, "replacement": {"keepOldVersionMinutes": 0.0}}),
        ({"timeouts": {"create": "30m"}}, {"timeouts": {"create": 1800.0}}),
        ({"description": ""}, {"description": None}),
        ({"hourlyCost": None}, {"resourceUrn": "urn:another"}),
        ({"runtime": {"containerGroups": [{}]}}, {"runtime": {"containerGroups": [{"name": "default"}]}}),
    ],
)
def test_another_spelling_is_no_difference(old: Properties, new: Properties) -> None:
    assert workload.diff(served(**old), wanted(**new)) == Difference()
    assert workload.diff(served(**new), wanted(**old)) == Difference()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"displayName": "Chat"}, "displayName"),
        ({"tags": {"team": "a"}}, "tags.team"),
        ({"importance": "high"}, "importance"),
        ({"replacement": {"drainSeconds": 5}}, "replacement.drainSeconds"),
        ({"service": {"annotations": {"a/b": "c"}}}, 'service.annotations["a/b"]'),
    ],
)
def test_a_change_that_no_pod_knows_names_its_property_and_rolls_nothing(change: Properties, path: str) -> None:
    difference = workload.diff(served(), wanted(**change))

    assert difference.changed == (path,)
    assert rolling_causes(difference) == []


def test_more_pods_do_not_roll_but_other_hardware_does() -> None:
    before = served(runtime=runtime(replicas=1, gpu=1))

    more = workload.diff(before, wanted(runtime=runtime(replicas=2, gpu=1)))
    bigger = workload.diff(before, wanted(runtime=runtime(replicas=1, gpu=2)))

    assert more.changed == ("runtime.containerGroups[0].replicaCount",)
    assert rolling_causes(more) == []
    assert rolling_causes(bigger) == ["runtime.containerGroups[0].containers[0].resourceAllocation.gpu"]


@pytest.mark.parametrize("key", ["name", "namespace"])
def test_only_its_place_makes_it_anew(key: str) -> None:
    difference = workload.diff(served(), {**wanted(), key: "another"})

    assert difference.replaces == (key,)
    assert workload.diff(served(), wanted(description="x")).replaces == ()


def test_what_serves_is_compared_with_what_is_wanted() -> None:
    failed = served() | {"activeArtifactId": "models/llama@ffffffffffff"}

    assert workload.diff(failed, wanted()).changed == ("artifactId",)


def test_outputs_of_another_release_are_compared_as_they_stand() -> None:
    assert workload.diff(served(runtime="strange"), wanted(runtime="strange")) == Difference()
    assert workload.diff(served(runtime="strange"), wanted()).changed


def test_an_artifact_spelt_otherwise_is_the_same() -> None:
    old = llama(namespace="models", versionId=VERSION, images={}, status="draft", version=None)

    assert artifact.diff(old, llama(namespace="models", versionId=VERSION, retainVersions=20.0)) == Difference()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"description": "new"}, "description"),
        ({"secretEnv": {"TOKEN": "other"}}, "secretEnv"),
        ({"versionId": "models/llama@ffffffffffff"}, "versionId"),
        ({"status": "locked"}, "status"),
        ({"pinImages": "always"}, "pinImages"),
    ],
)
def test_an_artifacts_change_names_its_property(change: Properties, path: str) -> None:
    old = llama(namespace="models", versionId=VERSION, secretEnv={"TOKEN": "t"})

    difference = artifact.diff(old, {**old, **change})

    assert difference.changed == (path,)
    assert difference.replaces == ()


def test_a_version_that_is_not_known_yet_is_no_change_of_its_own() -> None:
    old = llama(namespace="models", versionId=VERSION)
    unknown = llama(namespace="models", description="new")

    assert artifact.diff(old, unknown).changed == ("description",)


def test_lists_name_the_items_that_came_or_went() -> None:
    assert changed_paths({"a": [1, 2]}, {"a": [1]}) == ["a[1]"]
    assert changed_paths({"a": {"b": 1}}, {}) == ["a"]
    assert changed_paths("x", "x") == []


def test_an_artifact_of_another_release_is_compared_as_it_stands() -> None:
    strange = llama(namespace="models", versionId=VERSION, status="frozen")

    assert artifact.diff(strange, strange) == Difference()
    assert artifact.diff(strange, llama(namespace="models", versionId=VERSION)).changed


def test_what_an_interrupted_run_left_is_a_reason_to_run_again() -> None:
    left = served() | {"candidateProtonIds": ["models/chat-r2"]}

    assert workload.diff(left, wanted()).changed == ("candidateProtonIds",)
    assert workload.diff(served() | {"candidateProtonIds": []}, wanted()) == Difference()
