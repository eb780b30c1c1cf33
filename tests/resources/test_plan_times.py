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


async def next_plan(outside: Outside, *, phases: Body | None, probe: bool = True) -> Plan:
    """The plan of a second version; the record of the first has these times."""
    FakeScheduler(outside.cluster, outside.controllers, 16)
    first = await outside.artifact(server("v1", probe=probe))
    program: Properties = {"runtime": HARDWARE, "replacement": {"drainSeconds": 60.0}}
    out = await outside.workload(chat(first["versionId"], namespace="models", **program))
    written = outside.cluster.named(CONFIG_MAP, "revision-chat-r1")
    change = change_operations(written, {labels.PHASES: json.dumps(phases) if phases else None})
    await outside.cluster.patch(CONFIG_MAP, "models", "revision-chat-r1", change)
    second = await outside.artifact(server("v2", probe=probe), first)
    news = chat(second["versionId"], namespace="models", **program)
    return await plan_of(outside.world(), out, news, workload.diff(out, news))


def server(image: str, *, probe: bool) -> Properties:
    """An Artifact whose startup probe allows five minutes, or that has none."""
    startup = {"path": "/health", "initialDelaySeconds": 0.0, "periodSeconds": 10.0, "failureThreshold": 30.0}
    container = {"name": "vllm", "image": f"vllm/{image}:1", "primary": True, "port": 8000.0}
    return {
        **llama(),
        "spec": {"containerGroups": [{"containers": [container | ({"startupProbe": startup} if probe else {})]}]},
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
