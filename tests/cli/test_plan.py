"""`pulumi-inference plan`: what would happen to the GPUs, asked without program and stack."""

import json
from dataclasses import replace

from inference_provider.cli.plan_block import block
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources import workload_commands
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Cause, Expected, GpuCount, GroupPlan, Plan, PlanVerdict, Surge, SurgeOutcome
from tests.cli.desk import Desk
from tests.cli.test_looks import shown
from tests.resources.outside import chat, llama, runtime
from tests.support.fake_scheduler import MODEL, FakeScheduler

HARDWARE = runtime(replicas=2, gpu=2, gpuModel=MODEL)
KEPT: Properties = {"keepOldVersionMinutes": 10.0}

ROLLS = Plan(
    namespace="models",
    name="chat",
    verdict=PlanVerdict.ROLLS,
    causes=(Cause("artifactId"),),
    in_place=("runtime.containerGroups[0].replicaCount",),
    from_revision="r2",
    from_version="models/llama@651a27e26124",
    to_version="models/llama@19a5670a7916",
    groups=(
        GroupPlan(
            group="default",
            pods=2,
            gpus_per_pod=4,
            gpus=8,
            model="NVIDIA-H100-80GB-HBM3",
            gpu_memory_mib=None,
            free=11,
            free_on={"gpu-h100-1": 3, "gpu-h100-2": 8},
            nodes=("gpu-h100-2",),
            missing=0,
            later_pods=1,
            later_missing=4,
            said="needs 8 × NVIDIA-H100-80GB-HBM3 (2 pods × 4): 11 free on gpu-h100-1, gpu-h100-2",
        ),
    ),
    gpus=GpuCount(active=8, candidate=12, others=4, peak=24, free=11, missing=0),
    surge=Surge(SurgeOutcome.FREE),
    expected=Expected(300.0, "r2", 60.0, 30.0, 600.0, 6.0, None, 16.0, 5.33, 2.53),
)


def test_a_plan_is_a_small_block() -> None:
    assert (
        shown(block(ROLLS))
        == """\
models/chat  rolls
from     r2  llama@651a27e26124
to       llama@19a5670a7916
because  artifactId
also     runtime.containerGroups[0].replicaCount changes
GPUs     8 serve, 4 kept or ending, 12 for the new version; at most 24 at one
         time
place    2 pods × 4 × H100 fit on gpu-h100-2; 11 free on gpu-h100-1, gpu-h100-2;
         1 pod × 4 × H100 more once it serves, 4 missing for these
time     about 6 min until it serves (as r2 took), 60 s of it warm-up; r2 is
         kept for 10 min after that
cost     5.3 GPU-hours while both versions hold theirs, 2.5 more than one alone
warning: once it serves, 1 more pod of default will be added, for which 4 GPUs
are missing as long as r2 holds its own"""
    )


def test_what_is_not_known_is_not_claimed() -> None:
    unknown = replace(
        ROLLS, verdict=PlanVerdict.MAY_ROLL, to_version=None, in_place=(), groups=None, gpus=None, expected=None
    )

    assert (
        shown(block(unknown))
        == """\
models/chat  may roll
from     r2  llama@651a27e26124
to       not known
because  artifactId
place    what it needs is not known yet"""
    )


def versions(desk: Desk, *nodes: int) -> list[str]:
    """Three versions: the second serves with four GPUs, the first is kept with as many, the third never ran."""

    async def made() -> list[str]:
        FakeScheduler(desk.cluster, desk.outside.controllers, *nodes)
        first = await desk.outside.artifact(llama("vllm/vllm:v1"))
        out = await desk.outside.workload(chat(first["versionId"], runtime=HARDWARE, replacement=KEPT))
        second = await desk.outside.artifact(llama("vllm/vllm:v2"), first)
        await desk.outside.workload(chat(second["versionId"], runtime=HARDWARE, replacement=KEPT), out)
        third = await desk.outside.artifact(llama("vllm/vllm:v3"), second)
        return [str(each["versionId"]) for each in (first, second, third)]

    return desk.does(made())


def test_a_version_is_planned_with_what_serves_and_what_is_kept(desk: Desk) -> None:
    *_, third = versions(desk, 8, 4)
    writes = desk.cluster.writes

    said = desk.types("plan", "chat", "--artifact", third.partition("/")[2])

    assert (said.exit_code, desk.cluster.writes) == (0, writes), said.output
    lines = said.stdout.splitlines()
    assert lines[0] == "models/chat  rolls"
    assert "GPUs     4 serve, 4 kept or ending, 4 for the new version; at most 12 at one time" in lines
    assert "place    2 pods × 2 × H100 fit on gpu-2; 4 free on gpu-2" in lines
    assert "\x1b" not in said.stdout


def test_the_way_back_is_planned_by_its_number(desk: Desk) -> None:
    first, *_ = versions(desk, 12)

    said = desk.types("plan", "chat", "--to", "1", "-o", "json")

    plan = json.loads(said.stdout)
    assert (plan["verdict"], plan["toRevision"], plan["toVersion"]) == ("goesBack", "r1", first)
    assert (plan["gpus"]["peak"], plan["expected"]["minutes"], plan["groups"]) == (8, 0.0, [])


def test_going_back_to_what_was_taken_back_is_not_withheld_from_who_orders_it(desk: Desk) -> None:
    *_, third = versions(desk, 12)
    desk.does(workload_commands.undo(desk.outside.world(), "models", "chat"))

    assert json.loads(desk.types("plan", "chat", "--to", "r2", "--json").stdout)["verdict"] == "goesBack"
    assert json.loads(desk.types("plan", "chat", "--artifact", third, "--json").stdout)["verdict"] == "rolls"


def test_what_a_program_would_be_refused_ends_with_1(desk: Desk) -> None:
    *_, third = versions(desk, 8)
    wish = desk.folder / "wish.yaml"
    wish.write_text(
        "replacement: {surge: require}\n"
        "runtime: {containerGroups: [{replicaCount: 2, containers: [{name: vllm, resourceAllocation: {gpu: 8}}]}]}\n"
    )

    said = desk.types("plan", "chat", "--artifact", third, "--file", str(wish))

    assert said.exit_code == 1
    assert "warning: it will be refused: there is no room for the new version beside r2" in said.stdout
    assert "at most 8 at one time" in said.stdout


def test_more_pods_are_counted_without_a_roll(desk: Desk) -> None:
    versions(desk, 12)

    said = desk.types("plan", "chat", "--replicas", "5")

    assert said.stdout.splitlines() == [
        "models/chat  changes in place; no pod restarts",
        "what   runtime.containerGroups[0].replicaCount changes",
        "GPUs   4 serve, 4 kept or ending; at most 14 at one time",
        "place  3 pods × 2 × H100: 4 free on gpu-1, 2 missing",
        "warning: r1 ends before its time, as its GPUs are needed: then there is no going back to it at once",
    ]
    missing = desk.types("plan", "chat", "--replicas", "7")
    assert "warning: the pods that are added will wait for room: it needs 10 × H100 (5 pods × 2)" in missing.stdout


def test_what_is_not_there_is_named(desk: Desk) -> None:
    versions(desk, 12)

    gone = desk.types("plan", "chat", "--artifact", "llama@000000000000")
    assert gone.exit_code == 3
    assert "error: could not plan with version models/llama@000000000000: it is not there." in gone.stderr
    assert desk.types("plan", "talk", "--replicas", "2").exit_code == 3
    assert desk.types("plan", "chat", "--to", "r9").exit_code == 3


def test_the_way_to_a_version_that_was_deleted_says_where_its_spec_is(desk: Desk) -> None:
    first, *_ = versions(desk, 12)
    desk.cluster.remove(CONFIG_MAP, "models", f"artifact-llama-{first.partition('@')[2]}")

    gone = desk.types("plan", "chat", "--to", "r1")

    assert gone.exit_code == 3
    assert f"error: could not plan with version {first}: r1 ran it, and it was deleted since." in gone.stderr
    assert "`pulumi-inference revision chat r1 -n models` prints its whole spec" in gone.stderr


def test_a_question_that_says_nothing_or_two_things_is_not_asked(desk: Desk) -> None:
    assert desk.types("plan", "chat").exit_code == 2
    assert desk.types("plan", "chat", "--to", "r1", "--artifact", "a@0123456789ab").exit_code == 2
    assert desk.types("plan", "chat", "--replicas", "many").exit_code == 2
    assert desk.targets == []


def test_a_file_that_holds_no_inputs_is_said(desk: Desk) -> None:
    (desk.folder / "list.json").write_text("[1]")

    said = desk.types("plan", "chat", "--file", str(desk.folder / "list.json"))

    assert said.exit_code == 1
    assert said.stderr.endswith("list.json: it holds no mapping such as `runtime: ...`\n")
