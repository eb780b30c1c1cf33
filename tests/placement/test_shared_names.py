"""A region's name that clouds have in different countries: what do the nodes that are there tell of it?"""

import pytest

from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.kinds import Body
from inference_provider.placement.confined import REGION
from inference_provider.placement.shared_names import matters, told_by

OF_AWS, OF_OTHERS = "aws:///eu-west-1a/i-0abc", "eu-west-1.i-d7o0"


def node(provider: str | None, region: str = "eu-west-1") -> Body:
    return {"metadata": {"name": "n", "labels": {REGION: region}}, "spec": {"providerID": provider} if provider else {}}


@pytest.mark.parametrize(
    ("providers", "country"),
    [
        ([OF_AWS], "IE"),
        ([OF_AWS, None], "IE"),
        ([OF_AWS, OF_OTHERS], None),
        ([OF_OTHERS], None),
        ([None], None),
        ([], None),
        (["awsome://eu-west-1"], None),
    ],
)
def test_it_is_aws_s_where_every_node_that_tells_is(providers: list[str | None], country: str | None) -> None:
    assert told_by([node(each) for each in providers]).get("eu-west-1") == country


def test_a_node_tells_of_its_own_region_and_of_shared_names_only() -> None:
    nodes = [node(OF_AWS), node(OF_OTHERS, "me-central-1"), node(OF_AWS, "us-east-1"), node(OF_AWS, "cellar-1")]
    assert told_by(nodes) == {"eu-west-1": "IE"}


@pytest.mark.parametrize(
    ("locations", "asked"),
    [
        ([{"type": "continent", "name": "eu"}], True),
        ([{"type": "country", "name": "US"}, {"type": "country", "name": "SG"}], True),
        ([{"type": "country", "name": "US"}], False),
        ([{"type": "location", "name": "eu-west-1"}], False),
    ],
)
def test_nodes_are_asked_only_where_they_could_tell(locations: list[dict[str, str]], *, asked: bool) -> None:
    policy = PolicyInputs.model_validate({"name": "here", "type": "location", "locations": locations})
    assert matters([policy]) is asked
