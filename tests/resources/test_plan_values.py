"""A plan as a value: verdict, places, GPUs at one time, and None for what nobody knows."""

import json

from inference_provider.errors import Forbidden
from inference_provider.manifests.kinds import DEPLOYMENT, NODE
from inference_provider.resources import workload, workload_commands
from inference_provider.resources.plain import plain
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_words import line, warnings
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import GroupPlan, Plan, PlanVerdict, SurgeOutcome
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import MODEL, FakeScheduler

HARDWARE = runtime(replicas=2, gpu=2, gpuModel=MODEL)
KEEPING: Properties = {"keepOldVersionMinutes": 60.0}


async def planned(outside: Outside, olds: Properties, news: Properties, *, unknown: tuple[str, ...] = ()) -> Plan:
    """What a preview makes of it."""
    difference = workload.diff(olds, news).and_perhaps(unknown) if unknown else workload.diff(olds, news)
    found = await workload.found(outside.world(), "models/chat", olds)
    return await plan_of(outside.world(), olds, news, difference.and_found(found))


def program(version: object, *, settings: Properties | None = None, **more: object) -> Properties:
    """A Workload whose pods want two GPUs each, and whose old version is kept."""
    return chat(version, **{"namespace": "models", "runtime": HARDWARE, "replacement": settings or KEEPING, **more})


async def second_serves(outside: Outside, *nodes: int, **settings: object) -> tuple[Properties, Properties]:
    """v2 serves as r2, v1 is kept as r1: the outputs, and the program of v1."""
    FakeScheduler(outside.cluster, outside.controllers, *nodes)
    made = await outside.artifact(llama("vllm/vllm:v1"))
    first = program(made["versionId"], settings={**KEEPING, **settings})
    out = await outside.workload(first)
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    return await outside.workload(program(newer["versionId"]), out), first


async def test_a_way_back_to_fewer_pods_than_serve_now_needs_gpus_for_the_others(outside: Outside) -> None:
    out, first = await second_serves(outside, 16)
    await outside.cluster.scale(DEPLOYMENT, "models", "chat-r2", 4)

    plan = await planned(outside, out, first)

    assert (plan.verdict, plan.to_revision) == (PlanVerdict.GOES_BACK, "r1")
    assert plan.groups is not None
    assert [(each.pods, each.gpus, each.missing) for each in plan.groups] == [(2, 4, 0)]
    assert plan.gpus is not None
    assert (plan.gpus.active, plan.gpus.candidate, plan.gpus.peak) == (8, 8, 16)
    assert "these do not load, and as many more start as serve now: needs 4 × " in (line(plan) or "")


async def test_a_way_back_behind_the_gate_of_promotion_says_so(outside: Outside) -> None:
    out, first = await second_serves(outside, 16, promotion="manual")

    plan = await planned(outside, out, first)

    assert plan.verdict is PlanVerdict.GOES_BACK
    assert (line(plan) or "").endswith("no load, no further GPUs; it then waits for promotion")
    assert plan.expected is not None
    assert plan.expected.gpu_hours is None, "who knows when somebody promotes it"


async def test_a_program_that_lifts_a_hold_is_not_said_to_be_withheld(outside: Outside) -> None:
    out, _ = await second_serves(outside, 16)
    await workload_commands.undo(outside.world(), "models", "chat")
    seen = await workload.read(outside.world(), "models/chat", out)
    assert seen is not None
    same = program(out["artifactId"])

    assert (await planned(outside, seen, same)).verdict is PlanVerdict.WITHHELD
    plan = await planned(outside, seen, program(out["artifactId"], settings={**KEEPING, "resume": "r2"}))

    assert (plan.verdict, plan.to_revision) == (PlanVerdict.GOES_BACK, "r2")


async def test_what_is_withheld_can_still_be_stopped_and_its_plan_says_that(outside: Outside) -> None:
    out, _ = await second_serves(outside, 16)
    await workload_commands.undo(outside.world(), "models", "chat")

    plan = await planned(outside, out, program(out["artifactId"], running=False))

    assert plan.verdict is PlanVerdict.STOPS


async def test_a_version_that_came_at_the_command_line_and_is_not_wanted_is_said_to_go(outside: Outside) -> None:
    out, _ = await second_serves(outside, 16)
    await workload_commands.undo(outside.world(), "models", "chat")
    await workload_commands.resume(outside.world(), "models", "chat")

    plan = await planned(outside, out, program(out["artifactId"]))

    assert (plan.causes, plan.verdict, plan.to_revision) == ((), PlanVerdict.GOES_BACK, "r2")


async def test_the_hardware_is_planned_though_the_version_is_not_known_yet(outside: Outside) -> None:
    out, _ = await second_serves(outside, 16)
    news = {key: value for key, value in program("").items() if key != "artifactId"} | {"artifactId": out["artifactId"]}

    plan = await planned(outside, out, news, unknown=("artifactId",))

    assert (plan.verdict, plan.to_version) == (PlanVerdict.MAY_ROLL, None)
    assert plan.gpus is not None
    assert (plan.gpus.active, plan.gpus.candidate, plan.gpus.others, plan.gpus.peak) == (4, 4, 4, 12)


async def test_who_may_not_count_gets_none_and_no_warning(outside: Outside) -> None:
    out, _ = await second_serves(outside, 16)
    third = await outside.artifact(llama("vllm/vllm:v3"), {"name": "llama"})
    refused = Forbidden("list", kind="Node", namespace=None, name="", said="not you")
    outside.cluster.faults.append(Fault("list", NODE, refused))

    plan = await planned(outside, out, program(third["versionId"]))

    assert plan.groups is not None
    assert [(each.gpus, each.free, each.nodes, each.missing) for each in plan.groups] == [(4, None, None, None)]
    assert plan.gpus is not None
    assert (plan.gpus.peak, plan.gpus.free, plan.gpus.missing) == (12, None, None)
    assert plan.surge is not None
    assert (plan.surge.outcome, warnings(plan)) == (SurgeOutcome.UNKNOWN, ())


def of_two(image: str) -> Properties:
    """A router without GPUs and workers with some."""
    router = {"name": "router", "image": f"router/{image}:1", "primary": True, "port": 8080.0}
    groups = [
        {"name": "router", "containers": [router]},
        {"name": "prefill", "containers": [{"name": "vllm", "image": f"vllm/{image}:1"}]},
        {"name": "decode", "containers": [{"name": "vllm", "image": f"vllm/{image}:1"}]},
    ]
    return {"name": "llama", "spec": {"containerGroups": groups}}


async def test_every_container_group_has_a_place_of_its_own(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers, 8, 4)
    given: list[Properties] = [
        {
            "name": name,
            "replicaCount": count,
            "containers": [{"name": "vllm", "resourceAllocation": {"gpu": gpus, "gpuModel": MODEL}}],
        }
        for name, count, gpus in (("prefill", 2.0, 1.0), ("decode", 1.0, 4.0))
    ]
    hardware: Properties = {"containerGroups": given}
    made = await outside.artifact(of_two("v1"))
    out = await outside.workload(program(made["versionId"], runtime=hardware))
    newer = await outside.artifact(of_two("v2"), made)

    plan = await planned(outside, out, program(newer["versionId"], runtime=hardware))

    assert plan.groups is not None
    assert [_told(each) for each in plan.groups] == [
        ("prefill", 2, MODEL, ("gpu-1",), {"gpu-1": 2, "gpu-2": 4}, None),
        ("decode", 1, MODEL, ("gpu-2",), {"gpu-2": 4}, None),
    ]
    assert plan.gpus is not None
    assert (plan.gpus.active, plan.gpus.candidate, plan.gpus.peak, plan.gpus.free) == (6, 6, 12, 6)


def _told(group: GroupPlan) -> tuple[object, ...]:
    return (group.group, group.pods, group.model, group.nodes, group.free_on, group.bundle)


async def test_a_plan_is_json_under_the_names_that_outputs_have(outside: Outside) -> None:
    out, first = await second_serves(outside, 16)

    written = json.loads(json.dumps(plain(await planned(outside, out, first))))

    assert (written["verdict"], written["keptUntil"], written["gpus"]["peak"]) == (
        "goesBack",
        "2031-05-04T04:16:40Z",
        8,
    )
    assert written["expected"]["overlapMinutes"] == 60.0
