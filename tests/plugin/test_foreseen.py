"""What a preview says of the outputs: a known one is a promise."""

import pytest

from inference_provider.plugin.foreseen import foreseen_creation, foreseen_update
from inference_provider.resources.registry import ARTIFACT, KINDS, REPLACEMENT, WORKLOAD
from inference_provider.resources.world import Difference, Properties
from inference_provider.seam.unknowns import UNKNOWN

SERVING: Properties = {
    "endpoint": "http://192.0.2.7",
    "incarnation": "e3",
    "createdAt": "2026-01-01T00:00:00Z",
    "activeArtifactId": "ml/llama@aaaaaaaaaaaa",
    "revision": "r3",
    "images": {"vllm": "example/v1"},
    "readyReplicas": 2,
    "status": "running",
}


def test_of_something_new_only_what_the_program_said_and_check_could_tell_is_known() -> None:
    foreseen = foreseen_creation(ARTIFACT, {"name": "llama", "versionId": "ml/llama@aaaaaaaaaaaa"})

    assert foreseen["versionId"] == "ml/llama@aaaaaaaaaaaa"
    assert foreseen["createdAt"] == UNKNOWN


def test_a_change_in_place_keeps_the_version_that_serves() -> None:
    foreseen = foreseen_update(WORKLOAD, SERVING, {"description": "x"}, Difference(("description",)))

    assert (foreseen["revision"], foreseen["activeArtifactId"]) == ("r3", "ml/llama@aaaaaaaaaaaa")
    assert foreseen["readyReplicas"] == UNKNOWN


@pytest.mark.parametrize(
    "difference",
    [
        Difference(("artifactId",)),
        Difference(("description",), unknown=("description",)),
        Difference(found=("r4 is half made",)),
        Difference(("replacement.promote",)),
    ],
)
def test_whatever_may_bring_another_version_leaves_it_unknown(difference: Difference) -> None:
    foreseen = foreseen_update(WORKLOAD, SERVING, {}, difference)

    assert foreseen["revision"] == UNKNOWN
    made_anew = bool(difference.found)
    assert foreseen["endpoint"] == (UNKNOWN if made_anew else "http://192.0.2.7")
    assert foreseen["incarnation"] == (UNKNOWN if made_anew else "e3")


def test_a_replacement_of_a_workload_that_may_be_made_anew_does_not_know_which() -> None:
    foreseen = foreseen_update(REPLACEMENT, {"incarnation": "e3"}, {}, Difference(("workloadId",)))

    assert foreseen["incarnation"] == UNKNOWN


def test_every_resource_s_outputs_are_sorted_by_how_long_they_last() -> None:
    for kind in KINDS.values():
        assert set(kind.outputs.values()) <= {"for good", "with the version", "a moment"}
        assert not set(kind.outputs) & {field.alias or name for name, field in kind.inputs.model_fields.items()}
