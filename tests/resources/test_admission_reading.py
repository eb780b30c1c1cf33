"""By which reading of a policy the API server holds to it: today's, or a newer release's."""

from dataclasses import replace

import pytest

from inference_provider.manifests.admission import ADMISSION_POLICY, AdmissionRule, admission_policy, governed_of
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.labels import DIGEST, RELEASE
from inference_provider.manifests.policy import REGIONS_MAP, policy_map
from inference_provider.resources import policy
from inference_provider.resources.admission import hold, joins
from inference_provider.resources.policy import parse
from inference_provider.resources.unheld import unheld
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, change, gpu_chat, inside, made
from tests.resources.test_admission import WRITES, eu, seen, there
from tests.resources.test_admission_scope import CHAT, LAW
from tests.support.fake_cluster import FakeCluster


@pytest.fixture
def cluster() -> FakeCluster:
    """With a namespace for the policy."""
    return FakeCluster("models")


def regions_of(cluster: FakeCluster) -> str:
    """The regions that the API server admits."""
    [found] = cluster.all_of(ADMISSION_POLICY)
    return str(found["spec"])


def with_cellar(outside: Outside, country: str = "DE") -> None:
    """A region of one's own."""
    meta = {"name": REGIONS_MAP, "namespace": "models"}
    outside.cluster.put(CONFIG_MAP, {"metadata": meta, "data": {"cellar-1": country}})


@pytest.mark.parametrize("rule", [EU, LAW], ids=["over all", "over some"])
async def test_a_rule_at_the_api_server_that_became_old_is_renewed_before_the_next_version(
    outside: Outside, rule: Properties
) -> None:
    outputs = await made(outside, rule)
    inputs = await gpu_chat(outside, tags={"team": "law"})
    before = await outside.workload(inputs)
    with_cellar(outside)
    [(doctor, cure)] = await unheld(outside.cluster, "models")
    assert "the policy, its regions or the release have changed since" in doctor
    assert cure.startswith("Run `pulumi up` where the Policy is declared")
    assert "is not what it is read as now" in (await policy.found(outside.world(), "models/eu-only", outputs))[0]
    await outside.workload({**inputs, "runtime": runtime(gpu=2.0)}, before)
    assert '"cellar-1"' in regions_of(outside.cluster)
    assert await unheld(outside.cluster, "models") == []


async def test_who_may_not_renew_a_rule_that_became_old_is_told_who_has_to(outside: Outside) -> None:
    await made(outside, EU)
    before = await outside.workload(await gpu_chat(outside))
    with_cellar(outside)
    outside.cluster.refused = WRITES
    await outside.workload(await gpu_chat(outside, runtime=runtime(gpu=2.0)), before)
    [said] = outside.heard.warnings
    assert said.startswith("the API server holds to an older reading of Policy models/eu-only, and may refuse pods")
    assert said.endswith("Somebody who may has to run `pulumi up` where the Policy is declared")


def of_release(cluster: FakeCluster, release: str) -> AdmissionRule:
    """Another release has read the same policy otherwise."""
    [found] = cluster.all_of(ADMISSION_POLICY)
    rule = AdmissionRule("models", "eu-only", (), "Otherwise.", governed_of(found) or CHAT)
    notes = {**found["metadata"]["annotations"], RELEASE: release}
    written = admission_policy(replace(rule, notes=notes))
    cluster.put(
        ADMISSION_POLICY, found | {"spec": written["spec"], "metadata": found["metadata"] | written["metadata"]}
    )
    return rule


@pytest.mark.parametrize(("release", "stays"), [("999.0.0", True), ("0.0.1", False)])
async def test_two_releases_do_not_undo_each_other(outside: Outside, release: str, *, stays: bool) -> None:
    outputs = await made(outside, EU)
    before = await outside.workload(await gpu_chat(outside))
    other = of_release(outside.cluster, release)
    assert bool(await policy.found(outside.world(), "models/eu-only", outputs)) is not stays
    await outside.workload(await gpu_chat(outside, runtime=runtime(gpu=2.0)), before)
    await change(outside, EU, displayName="The union")
    [found] = outside.cluster.all_of(ADMISSION_POLICY)
    assert (annotation(found, DIGEST) == other.digest) is stays


@pytest.mark.parametrize("where", ["the policy", "its regions"])
async def test_an_older_release_writes_anew_what_people_have_changed(outside: Outside, where: str) -> None:
    await made(outside, EU)
    other = of_release(outside.cluster, "999.0.0")
    if where == "its regions":
        with_cellar(outside)
    await change(outside, inside("IE") if where == "the policy" else EU)
    [found] = outside.cluster.all_of(ADMISSION_POLICY)
    assert annotation(found, DIGEST) != other.digest


async def test_who_read_a_policy_before_it_was_tightened_does_not_loosen_it_again(cluster: FakeCluster) -> None:
    some = eu(labels={"team": "law"})
    tight = parse({**some.model_dump(mode="json", by_alias=True, exclude_defaults=True), **tightened()})
    await cluster.create(CONFIG_MAP, policy_map("models", tight, notes={}))
    await hold(cluster, tight, seen("models/search"))
    assert await joins(cluster, [some], "models/chat") == []
    assert await hold(cluster, some, seen("models/search")) is None
    assert '"northeurope"' in regions_of(cluster)
    assert '"swedencentral"' not in regions_of(cluster)
    assert there(cluster) == Governed(workloads=frozenset({("models", "chat"), ("models", "search")}))


def tightened() -> Properties:
    """Ireland alone."""
    return {"locations": [{"type": "country", "name": "IE"}]}
