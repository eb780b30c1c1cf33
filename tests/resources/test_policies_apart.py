"""What others who may write ConfigMaps can do to a policy that is not theirs."""

import json

from inference_provider.manifests.admission import ADMISSION_POLICY
from inference_provider.manifests.kinds import CONFIG_MAP, NODE
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, REGION, affinity, gpu_chat, inside, made, node, refused
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers


async def test_a_config_map_with_the_labels_of_a_policy_does_not_take_its_place(outside: Outside) -> None:
    await made(outside, EU)
    node(outside, "us-east-1")
    marked = {"name": "zzz", "namespace": "models"}
    marked["labels"] = outside.cluster.named(CONFIG_MAP, "policy-eu-only")["metadata"]["labels"]
    loose = json.dumps({"type": "location", "locations": [{"type": "country", "name": "US"}]})
    outside.cluster.put(CONFIG_MAP, {"metadata": marked, "data": {"policy": loose}})

    assert "region us-east-1" in (await refused(outside, await gpu_chat(outside)))["policies"]


async def test_regions_that_a_namespace_says_do_not_loosen_the_policy_of_another(outside: Outside) -> None:
    outside.cluster = FakeCluster("models", "rules")
    outside.controllers = FakeControllers(outside.cluster)
    await made(outside, {**EU, "name": "gdpr", "namespace": "rules", "labels": {"never": "chosen"}})
    await made(outside, inside("DE"))
    said = {"metadata": {"name": "pulumi-inference-regions", "namespace": "models"}, "data": {"us-east-1": "DE"}}
    outside.cluster.put(CONFIG_MAP, said)
    both = await gpu_chat(outside, policies=[{"refType": "remotePolicy", "id": "rules/gdpr"}])

    await outside.workload(await gpu_chat(outside, name="mine"))
    await outside.workload(both)

    regions = {
        name: {each["key"]: each for each in affinity(outside, f"{name}-r1")[0]["matchExpressions"]}[REGION]["values"]
        for name in ("mine", "chat")
    }
    assert "us-east-1" in regions["mine"]
    assert "us-east-1" not in regions["chat"]
    [held] = [each for each in outside.cluster.all_of(ADMISSION_POLICY) if each["metadata"]["name"].endswith("gdpr")]
    assert "us-east-1" not in json.dumps(held["spec"])
    node(outside, "us-east-1")
    assert "in DE or in US" in (await refused(outside, {**both, "runtime": runtime(gpu=2.0)}))["policies"]


async def test_a_shared_name_is_the_cloud_s_whose_nodes_are_there_and_nobody_s_without_them(outside: Outside) -> None:
    await made(outside, EU)
    node(outside, "eu-west-1")
    assert "in GB and in IE: say which" in (await refused(outside, await gpu_chat(outside)))["policies"]

    [there] = outside.cluster.all_of(NODE)
    outside.cluster.put(NODE, {**there, "spec": {**there.get("spec", {}), "providerID": "aws:///eu-west-1a/i-0abc"}})
    assert not await refused(outside, await gpu_chat(outside))
    await outside.workload(await gpu_chat(outside))
    [term] = affinity(outside, "chat-r1")
    assert "eu-west-1" in {each["key"]: each for each in term["matchExpressions"]}[REGION]["values"]
    [held] = outside.cluster.all_of(ADMISSION_POLICY)
    assert "eu-west-1" in json.dumps(held["spec"])
