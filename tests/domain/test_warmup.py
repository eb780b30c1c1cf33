"""The requests of a warm-up: what they default to, what is refused, and how long they may take."""

import json

import pytest

from inference_provider.domain.faults import parse_replacement, parse_workload
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.rolling_table import entry_for
from inference_provider.domain.warmup import Warmup, request_seconds, request_words
from inference_provider.errors import InputError

PLAIN = {"name": "chat", "artifactId": "models/llama@0123456789ab"}


def fault(**warmup: object) -> tuple[str, str]:
    """The one fault of a Workload with this warm-up: field and sentence."""
    with pytest.raises(InputError) as caught:
        parse_workload(PLAIN | {"replacement": {"warmup": warmup}})
    (found,) = caught.value.faults
    return found.path.removeprefix("replacement.warmup."), found.reason


def test_a_path_is_all_that_has_to_be_said() -> None:
    found = parse_workload(PLAIN | {"replacement": {"warmup": {"path": "/v1/models"}}}).replacement.warmup
    assert found == Warmup(path="/v1/models", requests=50, concurrency=4, timeout_seconds=60, max_error_percent=0)


def test_a_replacement_of_its_own_has_one_too() -> None:
    given = {"workloadId": "models/chat", "candidateArtifactId": PLAIN["artifactId"], "warmup": {"path": "/x"}}
    assert parse_replacement(given).warmup == Warmup(path="/x")


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({}, "path", "is required"),
        ({"path": "v1/models"}, "path", "must start with `/`"),
        ({"path": "/v1/a b"}, "path", "no spaces"),
        ({"path": "/", "requests": 0}, "requests", "must be 1 or more"),
        ({"path": "/", "concurrency": 101}, "concurrency", "must be 100 or less"),
        ({"path": "/", "timeoutSeconds": 0}, "timeoutSeconds", "must be 0.1 or more"),
        ({"path": "/", "maxErrorPercent": 101}, "maxErrorPercent", "must be 100"),
        ({"path": "/", "maxP95Seconds": 0}, "maxP95Seconds", "must be 0.001 or more"),
        ({"path": "/", "body": "{prompt: 1}"}, "body", "is not JSON"),
        ({"path": "/", "body": "[" * 60_000}, "body", "is not JSON"),
        ({"path": "/", "body": json.dumps("x" * 70_000)}, "body", "longer than 65536 bytes"),
        ({"path": "/", "image": "has spaces"}, "image", "cannot name an image"),
        ({"path": "/", "request": 3}, "request", "did you mean `requests`"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_field(given: dict[str, object], field: str, said: str) -> None:
    path, reason = fault(**given)
    assert (path, said in reason) == (field, True), reason


def test_what_a_body_says_is_not_repeated_in_its_fault() -> None:
    _, reason = fault(path="/", body='{"token": hunter2')
    assert "hunter2" not in reason


@pytest.mark.parametrize(
    ("requests", "at_a_time", "seconds", "words"),
    [
        (50, 4, 13 * 60, "50 requests, 4 at a time"),
        (3, 8, 60, "3 requests, 3 at a time"),
        (1, 4, 60, "1 request"),
    ],
)
def test_how_long_it_may_take_and_how_it_is_said(requests: int, at_a_time: int, seconds: float, words: str) -> None:
    warmup = Warmup(path="/", requests=requests, concurrency=at_a_time)
    assert (request_seconds(warmup), request_words(warmup)) == (seconds, words)


@pytest.mark.parametrize("field", [each.alias or name for name, each in Warmup.model_fields.items()])
def test_a_change_of_it_counts_from_the_next_roll(field: str) -> None:
    entry = entry_for(f"replacement.warmup.{field}")
    assert entry is not None
    assert entry.effect == "next roll"


def test_settings_without_one_have_none() -> None:
    assert ReplacementSettings().warmup is None
