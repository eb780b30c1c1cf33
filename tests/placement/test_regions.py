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


def test_the_tables_agree_with_each_other() -> None:
    said: dict[str, str] = {}
    for cloud in CLOUDS:
        for code, names in cloud.items():
            assert country(code) == code
            for region in names.split():
                assert said.setdefault(region, code) == code, f"{region} is in two countries"
    assert said == REGIONS
    assert not APART & set(REGIONS)
    assert len(EUROPEAN_UNION) == 27
    assert len(COUNTRIES) == 249, "as many as ISO 3166-1 has"
    geographic = [codes for name, codes in CONTINENTS.items() if len(name) > 2]
    assert sum(map(len, geographic)) == len(COUNTRIES), "no country is on two continents, or on none"
