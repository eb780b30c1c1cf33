"""What a provider that lives longer than a run keeps of one for the next."""

import pytest

from inference_provider.domain.policy import PolicyInputs
from inference_provider.seam.configuration import Settings
from inference_provider.seam.wiring import Wiring
from tests.support.heard import Heard

EU = {"name": "eu", "type": "location", "locations": [{"type": "continent", "name": "eu"}]}


@pytest.mark.parametrize(("run", "left"), [("127.0.0.1:4001", ["models/eu"]), ("127.0.0.1:4002", [])])
async def test_what_a_program_declared_does_not_confine_the_next_one(run: str, left: list[str]) -> None:
    wiring = Wiring(Settings())
    wiring.begins("127.0.0.1:4001")
    wiring.world(report=Heard(), urn="").declared["models/eu"] = PolicyInputs.model_validate(EU)

    wiring.begins(run)

    assert list(wiring.world(report=Heard(), urn="").declared) == left
