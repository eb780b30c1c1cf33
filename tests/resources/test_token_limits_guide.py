"""What docs/guides/token-limits.md says: its Role is what we ask for, its words are ours."""

import importlib
import re
from pathlib import Path

import pytest

from inference_provider.domain.faults import parse_policy
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.errors import InputError
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, allowance
from inference_provider.resources.policies_in_force import why_uncounted
from inference_provider.resources.rights import GATEWAY
from tests.support.fake_cluster import FakeCluster

GUIDE = (Path(__file__).parents[2] / "docs/guides/token-limits.md").read_text()
WORDS = " ".join(GUIDE.split())
YAML = importlib.import_module("yaml")


def budget(**limit: object) -> dict[str, object]:
    return {"name": "budget", "namespace": "models", "type": "maxTokens", "maxTokens": limit}


def test_the_role_is_all_that_is_asked_for() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    granted = {
        (group, resource, verb)
        for each in YAML.safe_load(block)["rules"]
        for group in each["apiGroups"]
        for resource in each["resources"]
        for verb in each["verbs"]
    }
    assert granted == {(each.group, each.resource, each.verb) for each in GATEWAY}


def test_the_sentence_about_windows_is_what_is_said() -> None:
    with pytest.raises(InputError) as caught:
        parse_policy(budget(step=5, total=1))
    (fault,) = caught.value.faults
    assert f"{fault.path}: {fault.reason}" in WORDS


async def test_the_sentences_about_who_does_not_count_are_what_is_said() -> None:
    cluster = FakeCluster("models")
    one = {"parentRefs": [{"name": "ai"}]}
    two = {**one, "hostnames": ["a.example.com", "b.example.com"]}
    nobody = await why_uncounted(cluster, None)
    denied = allowance(Rules((parse_policy(budget(total=1)),), uncounted=nobody), Hardware()).denied
    assert (denied or "").partition(": ")[0] in WORDS
    apart = await why_uncounted(cluster, GatewayRoute.model_validate(two))
    assert (apart or "").replace("`", "") in WORDS
    missing = await why_uncounted(cluster, GatewayRoute.model_validate(one))
    assert (missing or "").partition(" AIGatewayRoute")[0] in WORDS


def test_the_example_becomes_the_limits_that_are_named() -> None:
    parsed = parse_policy(budget(input=10_000, output=5_000, total=15_000, ratioInputOverOutput=2)).max_tokens
    assert parsed is not None
    assert [each.most for each in parsed.limits] == [10_000, 5_000, 30_000]
    assert "limits of 10000 and 5000, and of 30000" in WORDS
