"""Where policies about places let a Workload run, and where they do not."""

import pytest

from inference_provider.domain.countries import CONTINENTS, COUNTRIES, EUROPEAN_UNION, country
from inference_provider.domain.policy import PolicyInputs
from inference_provider.placement.cloud_regions import APART, CLOUDS, REGIONS
from inference_provider.placement.regions import Atlas, regions

CLOUDS_ONLY = Atlas()


def policy(*places: tuple[str, str], name: str = "places") -> PolicyInputs:
    """A policy about places, each given as type and name."""
    said = [{"type": kind, "name": text} for kind, text in places]
    return PolicyInputs.model_validate({"name": name, "type": "location", "locations": said})


@pytest.mark.parametrize(
    ("region", "place", "inside"),
    [
        ("eu-west-2", ("continent", "eu"), False),  # London
        ("eu-west-2", ("continent", "europe"), True),
        ("uksouth", ("country", "UK"), True),
        ("eu-central-2", ("continent", "EU"), False),  # Zurich
        ("northeurope", ("country", "IE"), True),
        ("northeurope", ("continent", "eu"), True),
        ("eu-west", ("continent", "eu"), False),  # Akamai's is London
        ("eu-west-1", ("continent", "eu"), False),  # Dublin with AWS, London with Alibaba
        ("eu-west-1", ("country", "IE"), False),
        ("eu-west-1", ("continent", "europe"), True),
        ("eu-west-1", ("location", "eu-west-1"), True),
        ("ap-southeast-3", ("country", "ID"), False),  # Jakarta, Kuala Lumpur or Singapore
        ("me-east-1", ("country", "AE"), False),  # Dubai or Riyadh
        ("eusc-de-east-1", ("continent", "eu"), True),
        ("eu-frankfurt-2", ("country", "DE"), True),
        ("eu-isoe-west-1", ("continent", "europe"), False),  # a government's
        ("iad", ("country", "US"), True),  # as Oracle labels nodes in Ashburn
        ("US-EAST-04", ("country", "US"), True),
        ("EU-NORTH-02", ("continent", "eu"), False),  # Norway
        ("EU-NORTH-02", ("country", "NO"), True),
        ("EU-WEST-01", ("continent", "eu"), False),
        ("us-gov-west-1", ("country", "US"), False),
        ("us-gov-west-1", ("continent", "us"), False),
        ("us-gov-west-1", ("location", "us-gov-west-1"), True),
        ("ca-central-1", ("continent", "na"), True),
        ("ca-central-1", ("continent", "us"), False),
        ("us-east-1", ("continent", "na"), True),
        ("us-east-1", ("continent", "us"), True),
        ("sa-east-1", ("continent", "sa"), True),
        ("sa-east-1", ("country", "SA"), False),  # Saudi Arabia
        ("southamerica-west1", ("continent", "south-america"), True),
        ("me-west1", ("country", "IL"), True),
        ("nowhere-1", ("continent", "europe"), False),
    ],
)
def test_a_region_is_where_it_is_and_not_where_its_name_sounds(
    region: str, place: tuple[str, str], *, inside: bool
) -> None:
    assert regions([policy(place)], CLOUDS_ONLY).admits(region) is inside


def test_without_a_policy_about_places_every_node_will_do() -> None:
    assert regions([], CLOUDS_ONLY).admits(None)


def test_a_node_that_does_not_say_where_it_is_is_refused_in_a_sentence() -> None:
    allowed = regions([policy(("continent", "eu"))], CLOUDS_ONLY)
    assert not allowed.admits(None)
    assert "no label topology.kubernetes.io/region" in str(allowed.refusal("gpu-1", None, CLOUDS_ONLY))
    assert allowed.refusal("gpu-1", "us-east-1", CLOUDS_ONLY) == "node gpu-1 is in region us-east-1, in US"
    assert "in no country that is known of" in str(allowed.refusal("gpu-1", "basement", CLOUDS_ONLY))


def test_policies_that_leave_no_place_together_name_each_other() -> None:
    both = [policy(("continent", "eu"), name="gdpr"), policy(("country", "US"), name="home")]
    left = regions(both, CLOUDS_ONLY)
    assert left.allowed == frozenset()
    assert left.denied is not None
    assert "Policy home allows only US" in left.denied
    assert "gdpr (eu (the European Union))" in left.denied


def test_policies_hold_together() -> None:
    both = [policy(("continent", "europe")), policy(("country", "GB"), ("country", "US"))]
    assert regions(both, CLOUDS_ONLY).allowed == regions([policy(("country", "GB"))], CLOUDS_ONLY).allowed


def test_a_country_without_any_region_is_not_everywhere() -> None:
    left = regions([policy(("country", "PT"))], CLOUDS_ONLY)
    assert left.allowed == frozenset()
    assert "no region is known to be there" in str(left.denied)


def test_the_cluster_s_own_regions_count_before_the_clouds() -> None:
    own = Atlas({"lisbon-1": "PT", "eu-west-2": "FR"})
    assert regions([policy(("country", "PT"))], own).allowed == frozenset({"lisbon-1"})
    assert regions([policy(("continent", "eu"))], own).admits("eu-west-2")


def test_who_knows_which_cloud_it_is_says_so_and_that_counts() -> None:
    union = policy(("continent", "eu"))
    assert not regions([union], Atlas({"eu-west-2": "GB"})).admits("eu-west-1")
    assert regions([union], Atlas({"eu-west-1": "IE"})).admits("eu-west-1")
    assert not regions([policy(("continent", "europe"))], Atlas({"eu-west-1": "US"})).admits("eu-west-1")

    said = str(regions([union], CLOUDS_ONLY).refusal("gpu-1", "eu-west-1", CLOUDS_ONLY))
    assert said.startswith("node gpu-1 is in region eu-west-1, which clouds have in GB and in IE: say which it is in ")


def test_a_region_that_the_cluster_says_is_in_no_country_is_not_where_the_clouds_have_it() -> None:
    own = Atlas({"eu-west-2": "", "cellar-1": ""})
    left = regions([policy(("continent", "europe"))], own)
    assert not left.admits("eu-west-2")
    assert (
        left.refusal("gpu-1", "eu-west-2", own) == "node gpu-1 is in region eu-west-2, in no country that is known of"
    )


def test_what_one_namespace_says_of_regions_does_not_count_for_another_s_policies() -> None:
    here = Atlas(theirs={"models": {"us-east-1": "DE"}})
    mine, theirs = (
        policy(("continent", "eu"), name=each).model_copy(update={"namespace": each}) for each in ("models", "rules")
    )
    assert regions([mine], here).admits("us-east-1")
    for left in (regions([theirs], here), regions([mine, theirs], here), regions([theirs, mine], here)):
        assert not left.admits("us-east-1")
    said = regions([theirs], here).refusal("gpu-1", "us-east-1", here)
    assert said == "node gpu-1 is in region us-east-1, in US"


def test_the_tables_have_every_region_with_every_country_that_a_cloud_has_it_in() -> None:
    for cloud in CLOUDS:
        for code, names in cloud.items():
            assert country(code) == code
            assert all(code in REGIONS[region] for region in names.split())
    several = {region for region, codes in REGIONS.items() if len(codes) > 1}
    assert several == {"eu-west-1", "me-central-1", "me-east-1", *(f"ap-southeast-{number}" for number in range(1, 7))}
    assert not APART & set(REGIONS)


def test_every_country_is_on_one_continent() -> None:
    assert len(EUROPEAN_UNION) == 27
    assert len(COUNTRIES) == 249, "as many as ISO 3166-1 has"
    geographic = [codes for name, codes in CONTINENTS.items() if len(name) > 2]
    assert sum(map(len, geographic)) == len(COUNTRIES), "no country is on two continents, or on none"
