"""What a creation asks of the API server: two hundred of them at once are two hundred times that."""

import json

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from tests.converge.stage import Stage
from tests.support.blueprints import wanted


async def test_a_first_creation_asks_for_nothing_that_it_knows_already(stage: Stage) -> None:
    stage.cluster.calls.clear()

    await stage.create(wanted("v1"))

    assert stage.cluster.calls == [
        "create Service llama",
        "lock models/llama of llama wait=20 fresh",
        "list ConfigMap",  # numbers that an earlier life of it has used
        "create ConfigMap revision-llama-r1",
        "create Service llama-r1",
        "create Deployment llama-r1",
        "create PodDisruptionBudget llama-r1",
        "patch ConfigMap revision-llama-r1",  # initializing
        "patch Service llama",  # it gets the traffic
        "find Node gpu-1",
        "patch ConfigMap revision-llama-r1",  # all the other phases
        "patch Service llama",  # the end: its incarnation
    ]


async def test_a_creation_with_nothing_to_clean_up_tells_its_record_every_phase_all_the_same(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    phases = json.loads(annotation(stage.record(1), labels.PHASES) or "")
    assert [*phases] == ["submitted", "initializing", "switching", "cleaning_up", "completed"]
    assert sorted(phases.values()) == [*phases.values()]
    assert annotation(stage.record(1), labels.NODES) is not None
    assert annotation(stage.service(), labels.UNDER_WAY) is None
