"""Replacements from beginning to end, on a cluster in memory."""

from inference_provider.manifests.kinds import DEPLOYMENT, JOB, SERVICE
from tests.converge.stage import Stage
from tests.support.blueprints import wanted


async def test_a_workload_is_made_and_replaced_and_gone_back_to(stage: Stage) -> None:
    first = await stage.create(wanted("v1"))
    assert first.active is not None
    assert (first.active.name, first.traffic) == ("r1", (0,))

    second = await stage.update(wanted("v2", keepOldVersionMinutes=5))
    assert second.active is not None
    assert (second.active.name, second.traffic) == ("r2", (1,))
    assert stage.names(JOB) == ["llama-r1-keep"]

    pods = stage.pods(1)
    back = await stage.update(wanted("v1", keepOldVersionMinutes=5))
    assert back.active is not None
    assert (back.active.name, back.traffic, stage.pods(1)) == ("r1", (0,), pods)
    assert stage.names(SERVICE) == ["llama", "llama-r1", "llama-r2"]
    assert stage.names(JOB) == ["llama-r2-keep"]
    assert stage.names(DEPLOYMENT) == ["llama-r1", "llama-r2"]
