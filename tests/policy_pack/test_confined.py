"""What Policies of the same program take off the pack's rules about places and hardware, and what they do not."""

import pytest

from inference_provider.placement.confined import REGION
from inference_provider.placement.flavors import GKE_SLICE
from tests.policy_pack.said import (
    DYNAMIC,
    H100,
    VERSION,
    Inputs,
    about_gpus,
    about_places,
    artifact,
    group,
    naming,
    on_bundles,
    replacement,
    shown,
    violations,
    workload,
)

UNION = [{"type": "continent", "name": "eu"}]


def where(
    *policies: Inputs,
    runs: Inputs | None = None,
    door: str = "inference:index:",
    settings: Inputs | None = None,
    **more: object,
) -> list[str]:
    """What is said of a Workload after these Policies; the pack allows the European Union."""
    before = [shown("Policy", each, family=door) for each in policies]
    told = shown("Workload", workload(*([runs] if runs else []), **more))
    return violations("allowed-locations", told, *before, **{"locations": UNION, **(settings or {})})


def test_a_policy_of_the_same_program_says_where_pods_run() -> None:
    assert where()
    assert where(about_places("eu-only", "DE", "FR")) == []
    assert where(about_places("eu-only", "DE", "GB"))
    assert where(about_places(), settings={"clusterRegion": "us-east-1"}) == [], "it keeps them from running there"


def test_a_policy_that_allows_more_is_named_and_changes_nothing() -> None:
    (said,) = where(about_places("west", "DE", "US"))

    assert said.endswith(". Policy models/west of this program allows more than that")


def test_one_policy_that_is_narrow_enough_will_do_since_all_hold_together() -> None:
    assert where(about_places("west", "DE", "US"), about_places("home", "DE")) == []


def test_a_country_of_which_no_cloud_has_a_region_is_still_in_its_continent() -> None:
    assert where(about_places("home", "PT")) == []
    assert where(about_places("island", "IS"))


def test_a_region_by_name_is_where_the_pack_knows_that_it_is() -> None:
    cellar = {"type": "location", "locations": [{"type": "location", "name": "cellar-1"}]}

    assert where({**about_places(), **cellar})
    assert where({**about_places(), **cellar}, settings={"regions": {"cellar-1": "DE"}}) == []


def test_what_the_program_says_itself_counts_whatever_the_policy_allows() -> None:
    britain = on_bundles({"name": "gb", "nodeSelector": {REGION: "uksouth"}})

    (said,) = where(about_places(), runs=britain)

    assert said == "group default, bundle `gb`: runs in uksouth, which is in GB; allowed is eu"


@pytest.mark.parametrize(
    "loose",
    [
        about_places(sandbox=True),
        about_places(labels={"team": "b"}),
        about_places(namespace="rules"),
        about_places(resourceTypes=["agent"]),
        about_gpus(),
        about_places(locations=[]),
    ],
    ids=["only warns", "of others", "of another namespace", "of agents", "about GPUs", "refused by the provider"],
)
def test_a_policy_that_does_not_bind_the_workload_says_nothing_of_it(loose: Inputs) -> None:
    runs = shown("Artifact", artifact())

    assert violations("allowed-locations", shown("Workload", workload(tags={"team": "a"})), runs, locations=UNION)
    told = shown("Workload", workload(tags={"team": "a"}))
    assert violations("allowed-locations", told, runs, shown("Policy", loose), locations=UNION)


def test_a_policy_of_models_binds_what_is_known_to_serve_one() -> None:
    models, told = shown("Policy", about_places(resourceTypes=["model"])), shown("Workload", workload())

    assert violations("allowed-locations", told, models, shown("Artifact", artifact()), locations=UNION) == []
    assert violations("allowed-locations", told, models, locations=UNION), "another program says what is served"


def test_a_policy_that_is_named_binds_whatever_it_chooses_by_itself() -> None:
    assert where(about_places(labels={"team": "b"}), **naming("eu-only")) == []
    assert where(about_places(namespace="rules"), **naming("eu-only", of="rules")) == []
    assert where(about_places(sandbox=True), **naming("eu-only"))


def test_the_other_door_s_policy_counts_only_where_it_is_named() -> None:
    """The doors are two processes: what one has checked, the other sees when it is in the cluster."""
    assert where(about_places(), door=DYNAMIC)
    assert where(about_places(), door=DYNAMIC, **naming("eu-only")) == []


def test_another_program_s_policy_counts_where_the_pack_vouches_for_it_and_the_workload_names_it() -> None:
    (said,) = where(**naming("eu-only", of="rules"))

    assert "It names Policy rules/eu-only, which this program does not declare, or not before it" in said
    assert where(**naming("eu-only", of="rules"), settings={"trusted": ["rules/eu-only"]}) == []
    assert where(**naming("other", of="rules"), settings={"trusted": ["rules/eu-only"]})
    assert where(settings={"trusted": ["rules/eu-only"]})


def test_a_replacement_is_held_by_what_holds_its_workload() -> None:
    driven = shown("Workload", workload(group(gpu=1, model=H100), **naming("eu-only")))
    change = shown("Replacement", replacement(runtime={"containerGroups": [group(gpu=1)]}))
    union, gpus = shown("Policy", about_places(labels={"no": "body"})), shown("Policy", about_gpus())

    assert violations("allowed-locations", change, driven, union, locations=UNION) == []
    assert violations("allowed-locations", change, union, locations=UNION), "nobody says which it is under"
    assert violations("allowed-flavors", change, driven, gpus, flavors=["h100"]) == []
    assert violations("allowed-flavors", change, driven, flavors=["h100"])


def hardware(*policies: Inputs, asked: Inputs | None = None, allowed: tuple[str, ...] = ("h100",)) -> list[str]:
    before = [shown("Policy", each) for each in policies]
    told = shown("Workload", workload(asked or group(gpu=1)))
    return violations("allowed-flavors", told, *before, flavors=list(allowed))


def test_a_gpu_of_any_model_is_one_that_the_policy_allows() -> None:
    assert hardware()
    assert hardware(about_gpus("gpus", "h100-80gb")) == []
    assert hardware(about_gpus("gpus", "h100", "a100"), about_gpus("big", "h100", "h200")) == [], "both hold"
    (said,) = hardware(about_gpus("gpus", "h100", "t4"))
    assert said.endswith("allowed are h100. Policy models/gpus of this program allows more than that")


def test_a_policy_with_a_gpu_that_nobody_knows_is_refused_and_so_binds_nobody() -> None:
    assert hardware(about_gpus("gpus", "h100", "warp-core"))


def test_no_policy_makes_a_whole_gpu_of_a_part_or_a_gpu_of_none() -> None:
    part = on_bundles({"name": "a", "gpu": 1.0, "nodeSelector": {GKE_SLICE: "1g.10gb"}})

    assert hardware(about_gpus(), asked=part)
    assert hardware(about_gpus(), asked=group())


def test_policies_that_leave_nothing_together_are_no_reason_to_pass() -> None:
    assert hardware(about_gpus("a", "t4"), about_gpus("b", "l4"))


def test_nothing_of_policies_is_read_where_the_program_says_enough() -> None:
    """So that a Policy of which a preview does not know everything yet stops no rule that does not need it."""
    here = on_bundles({"name": "de", "nodeSelector": {REGION: "eu-central-1"}})
    told = {**workload(here), "policies": 3, "artifactId": VERSION}

    assert violations("allowed-locations", shown("Workload", told), locations=UNION) == []
