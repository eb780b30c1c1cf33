"""Requests that warm a candidate up: sent once, to all of its pods, judged by their limits, and put on record."""

import asyncio
import contextlib
import json

import pytest

from inference_provider.errors import Forbidden, LockLost, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import EVENT, JOB, POD, SERVICE, Body
from inference_provider.manifests.ownership import is_owned_by
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import no_node
from tests.support.fake_jobs import Errand, leaving

FIFTY = {"path": "/v1/models"}


def now() -> float:
    """The virtual time."""
    return asyncio.get_running_loop().time()


def recorded(stage: Stage, revision: int) -> Body | None:
    """What a record says of a warm-up."""
    text = annotation(stage.record(revision), labels.WARM_UP)
    return None if text is None else dict(json.loads(text))


async def test_a_candidate_answers_its_requests_before_it_gets_traffic_and_they_are_on_record(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    fleet = await stage.update(wanted("v2", warmup=FIFTY))

    assert fleet.active is not None
    assert fleet.active.name == "r2"
    assert "r2 is ready and warms up: 50 requests, 4 at a time" in stage.heard.statuses
    assert recorded(stage, 2) == {"count": 50, "errors": 0, "p50": 0.1, "p95": 0.2, "firstError": None}
    made, moved = stage.cluster.calls.index("create Job llama-r2-warm"), stage.cluster.calls.index
    assert made < moved("patch Service llama", made)


async def test_the_job_goes_with_its_version_and_none_of_its_pods_is_counted_as_one(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    fleet = await stage.update(wanted("v2", warmup=FIFTY))

    job = stage.cluster.named(JOB, "llama-r2-warm")
    assert is_owned_by(job, stage.service("llama-r2"))
    assert fleet.active is not None
    assert [pod["metadata"]["name"] for pod in fleet.active.pods] == stage.pods(2)[:2]
    assert stage.controllers.jobs.made == 1
    await stage.update(wanted("v3", keepOldVersionMinutes=0))
    await stage.update(wanted("v4"))
    assert "llama-r2-warm" not in stage.names(JOB)


async def test_the_first_version_is_warmed_up_too(stage: Stage) -> None:
    await stage.create(wanted("v1", warmup=FIFTY))

    assert recorded(stage, 1) is not None


@pytest.mark.parametrize(
    ("limits", "left", "said"),
    [
        (
            {},
            leaving(3, first="503 Service Unavailable"),
            r"warm-up of r2: 3 of 50 requests failed \(first: 503 Service Unavailable\), at most 0 % may",
        ),
        ({"maxErrorPercent": 4}, leaving(3, first="x"), r"3 of 50 requests failed \(first: x\), at most 4 % may"),
        ({"maxP95Seconds": 10}, leaving(p95=12.34), r"95 % of its answers took up to 12\.3 s .* at most 10 s is"),
        (
            {"maxErrorPercent": 100, "maxP95Seconds": 10},
            leaving(50, p95=None, first="x"),
            "none of 50 requests was answered",
        ),
        ({}, "Traceback", "its Job ended and left no result"),
    ],
)
async def test_a_warm_up_beyond_its_limits_leaves_the_old_version_serving(
    stage: Stage, limits: dict[str, object], left: str, said: str
) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.jobs.errand = Errand(message=left)

    with pytest.raises(RolloutFailed, match=f"{said}.* r1 still serves; the new version was removed"):
        await stage.update(wanted("v2", warmup=FIFTY | limits))

    assert stage.names(SERVICE) == ["llama", "llama-r1"]
    assert stage.names(JOB) == []
    assert stage.pods(2) == []


async def test_errors_within_the_limit_are_forgiven_and_put_on_record(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.jobs.errand = Errand(message=leaving(3, first="503 Service Unavailable"))

    await stage.update(wanted("v2", warmup=FIFTY | {"maxErrorPercent": 6}))

    assert (recorded(stage, 2) or {})["errors"] == 3


NO_PYTHON = {"exitCode": 128, "reason": "StartError", "message": 'exec: "python3": executable file not found in $PATH'}
NO_IMAGE = {"reason": "ImagePullBackOff", "message": "Back-off pulling image: not found"}


def stuck(phase: str, **state: object) -> Errand:
    """A Job whose pod gets no farther."""
    return Errand(status={"phase": phase, "containerStatuses": [{"name": "warm-up", "state": state}]})


@pytest.mark.parametrize(
    ("errand", "said"),
    [
        (
            stuck("Pending", waiting=NO_IMAGE),
            r"cannot pull vllm/v2@.* `replacement\.warmup\.image` may name another image",
        ),
        (
            stuck("Failed", terminated=NO_PYTHON),
            r'ended with exit code 128 \(StartError\): exec: "python3": .* It needs python3 in vllm/v2@',
        ),
        (
            Errand(refusal='pods "x" is forbidden: violates PodSecurity "restricted:latest"'),
            "pods are refused: .*violates PodSecurity",
        ),
    ],
)
async def test_a_job_that_cannot_run_says_why(stage: Stage, errand: Errand, said: str) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.jobs.errand = errand
    begun = now()

    with pytest.raises(RolloutFailed, match=f"the warm-up of r2 did not run: .*{said}.* r1 still serves"):
        await stage.update(wanted("v2", warmup=FIFTY))

    assert now() - begun < 20


async def test_a_job_that_waits_says_for_what(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    quota = 'pods "x" is forbidden: exceeded quota: small, requested: cpu=100m, limited: cpu=1'
    stage.controllers.jobs.errand = Errand(refusal=quota)

    with pytest.raises(RolloutFailed, match="no room in the quota"):
        await stage.update(wanted("v2", warmup=FIFTY), seconds=60)

    stage.controllers.jobs.errand = Errand(status=no_node("0/3 nodes are available: 3 Insufficient cpu.").status)
    with pytest.raises(
        RolloutFailed, match=r"its requests wait, as llama-r[0-9]+-warm-[0-9]+ has no node: 0/3 nodes are available"
    ):
        await stage.update(wanted("v2", warmup=FIFTY), seconds=60)


async def test_who_may_not_read_events_is_told_where_to_ask(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.jobs.errand = Errand(refusal="denied")
    refusal = Forbidden("list", kind="Event", namespace="models", name="", said="no right")
    stage.cluster.faults += [Fault("list", EVENT, refusal) for _ in range(90)]

    asks = "its Job has no pod; `kubectl -n models describe job llama-r2-warm` says why"
    with pytest.raises(RolloutFailed, match=f"did not finish within 60 s; .* its requests wait, as {asks}"):
        await stage.update(wanted("v2", warmup=FIFTY), seconds=60)


async def test_minutes_and_requests_count_side_by_side(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.jobs.errand = Errand(after=50)
    begun = now()

    await stage.update(wanted("v2", warmup=FIFTY, warmupDurationMinutes=1))

    assert 60 <= now() - begun < 63
    assert "r2 is ready and warms up: 50 requests, 4 at a time; 1.0 min left" in stage.heard.statuses
    after = stage.heard.statuses.index("r2 is ready and warms up: 0.1 min left")
    assert not any("requests" in text for text in stage.heard.statuses[after:])
    assert sum(call == "list Pod" for call in stage.cluster.calls) < 60, "once they are good, nobody asks again"


async def test_pods_that_came_later_are_warmed_up_too(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.jobs.errand = Errand(after=30)

    async def one_is_replaced() -> None:
        await stage.sees(lambda: "llama-r2-warm" in stage.names(JOB))
        await asyncio.sleep(20)
        stage.cluster.remove(POD, "models", stage.pods(2)[0])

    helper, begun = asyncio.create_task(one_is_replaced()), now()
    await stage.update(wanted("v2", warmup=FIFTY))
    await helper

    assert stage.controllers.jobs.made == 2
    assert 50 <= now() - begun < 54


async def test_a_staged_version_is_not_warmed_up_again(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", warmup=FIFTY, promotion="manual"))
    begun = now()

    fleet = await stage.update(wanted("v2", warmup=FIFTY, promotion="manual", promote="r2"))

    assert fleet.active is not None
    assert fleet.active.name == "r2"
    assert (stage.controllers.jobs.made, now() - begun < 2) == (1, True)


async def test_going_back_sends_nothing(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=60))

    await stage.update(wanted("v1", warmup=FIFTY))

    assert stage.controllers.jobs.made == 0


async def cut_off(stage: Stage, *, after: float) -> None:
    """An update whose lock is lost so many seconds after it has sent its requests on their way."""

    async def cut() -> None:
        await stage.sees(lambda: "llama-r2-warm" in stage.names(JOB))
        await asyncio.sleep(after)
        stage.cluster.lock_state.lost = True

    helper = asyncio.create_task(cut())
    with pytest.raises(LockLost):
        await stage.update(wanted("v2", warmup=FIFTY, warmupDurationMinutes=5))
    await helper
    stage.cluster.lock_state.lost = False


@pytest.mark.parametrize("after", [0.5, 5])
async def test_a_run_that_was_cut_off_is_carried_on_without_sending_all_again(stage: Stage, after: float) -> None:
    await stage.create(wanted("v1"))
    await cut_off(stage, after=after)

    await stage.update(wanted("v2", warmup=FIFTY))

    assert stage.controllers.jobs.made == 1
    assert (recorded(stage, 2) or {})["count"] == 50


async def test_another_order_is_sent_anew(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await cut_off(stage, after=5)

    await stage.update(wanted("v2", warmup=FIFTY | {"path": "/v1/other"}))

    assert stage.controllers.jobs.made == 2


@pytest.mark.parametrize("then", ["v1", "v2"])
@pytest.mark.parametrize("done", [False, True], ids=["before it is done", "after it was done"])
async def test_an_update_with_a_warm_up_that_ends_at_any_write_is_carried_on_or_undone(
    *, done: bool, then: str
) -> None:
    for at in range(1, 40):
        stage = Stage()
        await stage.create(wanted("v1"))
        stage.cluster.writes, stage.cluster.breaks_at, stage.cluster.breaks_after = 0, at, done
        with contextlib.suppress(LockLost):
            await stage.update(wanted("v2", warmup=FIFTY))
        broke, stage.cluster.breaks_at = stage.cluster.writes >= at, None

        fleet = await stage.update(wanted(then, warmup=FIFTY))

        assert fleet.active is not None
        assert fleet.active.template == wanted(then).blueprint.template
        assert stage.controllers.jobs.made <= 1
        assert fleet.active.name == "r1" or recorded(stage, fleet.active.revision) is not None
        if not broke:
            return
    pytest.fail("it never came to its end")
