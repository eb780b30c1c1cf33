"""Where and on what a Workload may run, as far as its program says so."""

import pytest

from inference_provider.placement.confined import REGION
from inference_provider.placement.flavors import GKE, GKE_SLICE, KARPENTER, KARPENTER_MEMORY
from tests.policy_pack.said import H100, Inputs, artifact, group, on_bundles, replacement, shown, violations, workload

UNION = [{"type": "continent", "name": "eu"}]


def where(*groups: Inputs, **settings: object) -> list[str]:
    return violations("allowed-locations", shown("Workload", workload(*groups)), **{"locations": UNION, **settings})


def test_a_pool_in_ireland_is_within_the_union_and_one_in_britain_is_not() -> None:
    ireland = {"name": "ie", "nodeSelector": {REGION: "northeurope"}}
    britain = {"name": "gb", "nodeSelector": {REGION: "uksouth"}}

    assert where(on_bundles(ireland)) == []
    (said,) = where(on_bundles(ireland, britain))

    assert said == "group default, bundle `gb`: runs in uksouth, which is in GB; allowed is eu"


def test_a_region_that_clouds_have_in_two_countries_is_only_where_the_configuration_says() -> None:
    [said] = where(group(), clusterRegion="eu-west-1")
    assert "runs in eu-west-1, which is in GB or in IE, as clouds differ (say which in `regions`)" in said
    assert where(group(), clusterRegion="eu-west-1", regions={"eu-west-1": "IE"}) == []


@pytest.mark.parametrize("zone", ["eu-central-1a", "europe-west4-b", "westeurope-2"])
def test_a_zone_is_as_good_as_its_region(zone: str) -> None:
    assert where(on_bundles({"name": "a", "nodeSelector": {"topology.kubernetes.io/zone": zone}})) == []


@pytest.mark.parametrize("zone", ["us-east-1a", "somewhere", "a"])
def test_a_zone_elsewhere_or_of_no_known_region_does_not_pass(zone: str) -> None:
    assert len(where(on_bundles({"name": "a", "nodeSelector": {"topology.kubernetes.io/zone": zone}}))) == 1


def test_a_program_that_says_no_region_is_refused_until_the_pack_knows_where_the_cluster_is() -> None:
    (said,) = where(group())

    assert said.startswith("group default, its containers: the program does not say where it runs, and allowed is eu. ")
    assert where(group(), clusterRegion="eu-central-1") == []
    assert where(group(), clusterRegion="us-east-1")
    assert where(on_bundles({"name": "us", "nodeSelector": {REGION: "us-east-1"}}), clusterRegion="eu-central-1")


def test_a_region_of_ones_own_is_where_the_pack_says_that_it_is() -> None:
    ours = on_bundles({"name": "dc", "nodeSelector": {REGION: "dc-frankfurt"}})

    assert where(ours) == [
        "group default, bundle `dc`: runs in dc-frankfurt, of which no country is known; allowed is eu"
    ]
    assert where(ours, regions={"dc-frankfurt": "de"}) == []


def test_a_group_that_the_runtime_does_not_mention_may_run_anywhere_and_so_is_named() -> None:
    runs = shown("Artifact", artifact(groups=("default", "router")))
    here = on_bundles({"name": "de", "nodeSelector": {REGION: "eu-central-1"}})

    (said,) = violations("allowed-locations", shown("Workload", workload(here)), runs, locations=UNION)

    assert said.startswith("group router, its containers: the program does not say")


def hardware(*groups: Inputs, allowed: tuple[str, ...] = ("h100", "cpu")) -> list[str]:
    return violations("allowed-flavors", shown("Workload", workload(*groups)), flavors=list(allowed))


def test_the_name_that_people_have_for_a_gpu_allows_the_labels_that_nodes_have_for_it() -> None:
    assert hardware(group(gpu=2, model=H100)) == []
    assert hardware(group(gpu=2, model="Tesla-T4")) == [
        "group default, its containers: asks for 2 GPUs (Tesla-T4); allowed are h100, cpu"
    ]
    assert hardware(group(gpu=1, model=H100), allowed=(H100,)) == []


def test_every_bundle_has_to_be_allowed_since_any_may_be_chosen() -> None:
    both = on_bundles(
        {"name": "big", "gpu": 1.0, "gpuModel": H100}, {"name": "old", "gpu": 4.0, "gpuModel": "Tesla-T4"}
    )

    assert hardware(both) == ["group default, bundle `old`: asks for 4 GPUs (Tesla-T4); allowed are h100, cpu"]


def test_a_gpu_of_any_model_may_be_one_that_is_not_allowed() -> None:
    assert hardware(group(gpu=1)) == [
        "group default, its containers: asks for 1 GPU of any model; allowed are h100, cpu"
    ]


def test_a_cloud_s_own_label_says_the_gpu_too_and_a_slice_of_one_does_not_pass() -> None:
    whole = {GKE: "nvidia-h100-80gb"}

    assert hardware(on_bundles({"name": "a", "gpu": 1.0, "nodeSelector": whole})) == []
    assert hardware(on_bundles({"name": "a", "gpu": 1.0, "nodeSelector": {**whole, GKE_SLICE: "1g.10gb"}}))
    assert hardware(group(gpu=1, model=f"{H100}-MIG-1g.10gb"))


def test_a_name_that_means_two_gpus_needs_the_label_that_tells_them_apart() -> None:
    vague, exact = {KARPENTER: "a100"}, {KARPENTER: "a100", KARPENTER_MEMORY: "81920"}

    assert hardware(on_bundles({"name": "a", "gpu": 1.0, "nodeSelector": vague}), allowed=("a100-80gb",))
    assert hardware(on_bundles({"name": "a", "gpu": 1.0, "nodeSelector": exact}), allowed=("a100-80gb",)) == []
    assert hardware(on_bundles({"name": "a", "gpu": 1.0, "nodeSelector": exact}), allowed=("a100-40gb",))


def test_pods_without_gpus_are_allowed_by_the_name_cpu_only() -> None:
    assert hardware(group()) == []
    assert hardware(group(), allowed=("h100",)) == ["group default, its containers: asks for no GPU; allowed are h100"]


def test_a_replacement_that_brings_its_own_hardware_is_held_to_it() -> None:
    driven = shown("Workload", workload(group(gpu=1, model=H100)))
    brought = shown("Replacement", replacement(runtime={"containerGroups": [group(gpu=1, model="Tesla-T4")]}))

    assert violations("allowed-flavors", shown("Replacement", replacement()), driven, flavors=["h100"]) == []
    (said,) = violations("allowed-flavors", brought, driven, flavors=["h100"])
    assert "Tesla-T4" in said


def test_nothing_is_refused_while_nothing_is_named() -> None:
    anywhere = shown("Workload", workload(group(gpu=8)))

    assert violations("allowed-locations", anywhere) == []
    assert violations("allowed-flavors", anywhere) == []
