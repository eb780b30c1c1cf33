"""What serves now?"""

import pytest

from inference_provider.errors import Forbidden, InputError, NotFound
from inference_provider.manifests.kinds import LEASE
from inference_provider.resources import workload_commands
from tests.functions.asker import Asker
from tests.support.fake_cluster import Fault


async def test_what_serves_is_told_as_the_resource_tells_it_and_more(asker: Asker) -> None:
    outputs = await asker.made(description="for support", tags={"a.b": "c"}, importance="high")

    found = await asker.asks("getWorkload", name="chat")

    assert {key: found[key] for key in outputs if key in found and key != "runtime"} == {
        key: value for key, value in outputs.items() if key in found and key != "runtime"
    }
    assert (found["id"], found["description"], found["tags"], found["importance"]) == (
        "models/chat",
        "for support",
        {"a.b": "c"},
        "high",
    )
    assert (found["traffic"], found["disorder"], found["lockedBy"], found["running"]) == (["r1"], [], None, True)
    assert (found["readyReplicas"], found["wantedReplicas"]) == (1, 1)


async def test_the_version_that_serves_is_named_with_its_number(asker: Asker) -> None:
    _, second = await asker.twice()

    found = await asker.asks("getWorkload", name="chat")

    assert found["artifact"] == {
        "id": second,
        "artifactRepositoryId": "models/llama",
        "name": "llama",
        "status": "locked",
        "type": "service",
        "version": 2,
    }
    assert found["servesSince"] is not None


async def test_one_that_is_stopped_and_held_says_so(asker: Asker) -> None:
    await asker.made()
    await workload_commands.stop(asker.outside.world(), "models", "chat")

    found = await asker.asks("getWorkload", name="chat")

    assert (found["status"], found["running"], found["readyReplicas"]) == ("stopped", False, 0)
    held = found["held"]
    assert isinstance(held, dict)
    assert (held["kind"], held["revision"]) == ("stop", "r1")


async def test_one_that_is_not_there_is_an_error_that_names_those_that_are(asker: Asker) -> None:
    await asker.made()

    with pytest.raises(NotFound, match=r"could not find Workload models/chatt: it is not there. There are: chat"):
        await asker.asks("getWorkload", name="chatt")


async def test_whoever_may_not_see_locks_is_told_what_serves_all_the_same(asker: Asker) -> None:
    await asker.made()
    refusal = Forbidden("list", kind="Lease", namespace="models", name="*", said="no right")
    asker.cluster.faults.append(Fault("list", LEASE, refusal))

    found = await asker.asks("getWorkload", name="chat")

    assert (found["revision"], found["lockedBy"]) == ("r1", None)
    assert found["unseen"] == ["no right to list leases in namespace models: whether a `pulumi up` runs is unknown"]


async def test_a_misspelt_argument_is_named(asker: Asker) -> None:
    with pytest.raises(InputError) as caught:
        await asker.asks("getWorkload", nam="chat")

    assert {fault.path for fault in caught.value.faults} == {"name", "nam"}
