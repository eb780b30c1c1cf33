"""How long the pods of the next version will take to load, as far as that can be known."""

import json

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.resources import workload
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_times import load_of
from inference_provider.resources.plan_words import line
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Plan
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_scheduler import MODEL, FakeScheduler

HARDWARE = runtime(replicas=2, gpu=2, gpuModel=MODEL)
WARMUP = {"path": "/v1/models"}
ANSWERED = json.dumps({"count": 50, "errors": 0, "p50": 2.0, "p95": 3.0, "firstError": None})
TIMES = {
    "submitted": "2031-05-04T03:00:00Z",
    "initializing": "2031-05-04T03:00:02Z",
    "switching": "2031-05-04T03:05:02Z",
    "completed": "2031-05-04T03:05:04Z",
}


def record(*, kind: str = "replacement", warmup: float = 0.0, **times: str | None) -> Body:
    """A record whose pods loaded for five minutes, unless its ``times`` say otherwise."""
    phases = {key: at for key, at in (TIMES | times).items() if at}
    settings = json.dumps({"warmupDurationMinutes": warmup})
    notes = {labels.PHASES: json.dumps(phases), labels.PHASE: "completed", labels.OUTCOME: "completed"}
    return {
        "metadata": {"name": "revision-chat-r1", "labels": {labels.REVISION: "r1"}, "annotations": notes},
        "data": {"kind": kind, "replacement": settings},
    }


def test_the_load_is_what_passed_until_the_switch_less_the_warm_up() -> None:
    assert load_of(record()) == 300.0
    assert load_of(record(warmup=2)) == 180.0


def test_one_that_waited_for_promotion_was_loaded_when_it_began_to_wait() -> None:
    assert load_of(record(awaiting_promotion="2031-05-04T03:01:02Z", switching="2031-05-04T09:00:00Z")) == 60.0


def test_what_took_no_time_or_was_never_ready_or_was_a_step_back_tells_nothing() -> None:
    assert load_of(record(switching=TIMES["initializing"])) is None
    assert load_of(record(switching=None)) is None
    assert load_of(record(kind="undo")) is None
    assert load_of(record(initializing="yesterday")) is None


def test_requests_of_a_warm_up_are_no_part_of_the_load() -> None:
    warmed = record()
    warmed["data"]["replacement"] = json.dumps({"warmup": WARMUP})
    warmed["metadata"]["annotations"][labels.WARM_UP] = ANSWERED

    assert load_of(warmed) == 300.0 - 26.0


async def next_plan(
    outside: Outside, *, phases: Body | None, warmup: Body | None = None, said: str | None = None
) -> Plan:
    """The plan of a second version; the record of the first has these times, and has this said of its warm-up."""
    FakeScheduler(outside.cluster, outside.controllers, 16)
    first = await outside.artifact(server("v1"))
    settings = {"drainSeconds": 60.0} | ({"warmup": warmup} if warmup is not None else {})
    program: Properties = {"runtime": HARDWARE, "replacement": settings}
    out = await outside.workload(chat(first["versionId"], namespace="models", **program))
    written = outside.cluster.named(CONFIG_MAP, "revision-chat-r1")
    notes = {labels.PHASES: json.dumps(phases) if phases else None, labels.WARM_UP: said}
    change = change_operations(written, notes)
    await outside.cluster.patch(CONFIG_MAP, "models", "revision-chat-r1", change)
    second = await outside.artifact(server("v2"), first)
    news = chat(second["versionId"], namespace="models", **program)
    return await plan_of(outside.world(), out, news, workload.diff(out, news))


def server(image: str) -> Properties:
    """An Artifact whose startup probe allows five minutes."""
    startup = {"path": "/health", "initialDelaySeconds": 0.0, "periodSeconds": 10.0, "failureThreshold": 30.0}
    container = {"name": "vllm", "image": f"vllm/{image}:1", "primary": True, "port": 8000.0}
    return {
        **llama(),
        "spec": {"containerGroups": [{"containers": [container | {"startupProbe": startup}]}]},
    }


async def test_the_last_replacement_says_how_long_the_next_one_takes(outside: Outside) -> None:
    plan = await next_plan(outside, phases=TIMES)

    assert plan.expected is not None
    assert (plan.expected.measured, plan.expected.load_seconds, plan.expected.minutes) == ("r1", 300.0, 5.0)
    said = line(plan)
    assert said is not None
    assert said.endswith(
        f"needs 4 × {MODEL} (2 pods × 2): 12 free on gpu-1, beside those in use; about 5 min, "
        "0.8 GPU-hours while both run"
    )


async def test_without_such_a_record_the_probes_are_the_bound_and_it_is_called_one(outside: Outside) -> None:
    plan = await next_plan(outside, phases=None)

    assert plan.expected is not None
    assert plan.expected.measured is None
    assert "; at most about 6 min, 0.94 GPU-hours while both run" in (line(plan) or "")


async def test_a_warm_up_takes_what_the_last_one_took_and_is_counted_once(outside: Outside) -> None:
    plan = await next_plan(outside, phases=TIMES, warmup=WARMUP, said=ANSWERED)

    assert plan.expected is not None
    assert (plan.expected.load_seconds, plan.expected.warmup_seconds, plan.expected.minutes) == (274.0, 26.0, 5.0)
    assert "; about 5 min, 0.8 GPU-hours while both run" in (line(plan) or "")


async def test_a_first_warm_up_is_not_taken_to_need_all_the_time_that_it_may(outside: Outside) -> None:
    plan = await next_plan(outside, phases=None, warmup=WARMUP)

    assert "; at most about 6 min and its warm-up of 50 requests, 4 at a time, 0.94 GPU-hours" in (line(plan) or "")
