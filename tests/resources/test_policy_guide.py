"""What docs/guides/policies-and-kubectl.md says: its ClusterRole is what we ask for, its words are ours."""

import importlib
import re
from pathlib import Path

from inference_provider.converge.policy import Under
from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.denial import Denial
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.policy import REGIONS_MAP
from inference_provider.placement.demanded import demanded
from inference_provider.placement.regions import Atlas
from inference_provider.resources.admission import hold, joins
from inference_provider.resources.rights import ADMISSION
from tests.support.admitted import admitted
from tests.support.fake_cluster import FakeCluster

GUIDE = (Path(__file__).parents[2] / "docs/guides/policies-and-kubectl.md").read_text()
WORDS = " ".join(GUIDE.split())
PLACES = [{"type": "country", "name": "IE"}]
CURE = Denial("pulumi-inference.models.gdpr", "").cure
GDPR = PolicyInputs.model_validate({"name": "gdpr", "namespace": "models", "type": "location", "locations": PLACES})
RULE = demanded(GDPR, "models", Governed(frozenset({"models"})), Atlas())
YAML = importlib.import_module("yaml")


def blocks() -> list[dict[str, object]]:
    """The YAML that is shown."""
    return [YAML.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]


def test_the_cluster_role_is_all_that_is_asked_for() -> None:
    role = blocks()[1]
    rules = role["rules"]
    assert isinstance(rules, list)
    granted = {
        (group, resource, verb)
        for each in rules
        for group in each["apiGroups"]
        for resource in each["resources"]
        for verb in each["verbs"]
    }
    assert granted == {(each.group, each.resource, each.verb) for each in ADMISSION}


def test_the_pod_that_is_shown_passes_and_the_sentence_is_what_is_said() -> None:
    assert RULE is not None
    assert admitted(RULE, {"containers": [], **blocks()[0]})
    assert f"Policy models/gdpr refuses it: {RULE.sentence.removesuffix('.')} (422). {CURE}. r1 still serves" in WORDS


async def test_the_sentence_about_an_older_reading_is_what_is_said() -> None:
    cluster = FakeCluster("models")
    await hold(cluster, GDPR, Under(()))
    cluster.put(CONFIG_MAP, {"metadata": {"name": REGIONS_MAP, "namespace": "models"}, "data": {"cellar-1": "IE"}})
    cluster.refused = {f"{each.verb} {each.resource}" for each in ADMISSION}
    [said] = await joins(cluster, [GDPR], "models/chat")
    told = said.partition("may not ")[0], said.rpartition("cluster. ")[2]
    assert all(each in WORDS for each in told), told


async def test_the_sentence_about_missing_rights_is_what_is_said() -> None:
    cluster = FakeCluster("models")
    cluster.refused = {f"{each.verb} {each.resource}" for each in ADMISSION if each.verb not in ("get", "list")}
    said = await hold(cluster, GDPR, Under(()))
    assert said is not None
    assert said in WORDS
