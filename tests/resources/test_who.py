"""Who made a Workload, who changed it last, and who asked for a version: in outputs and in records."""

from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources import replacement, workload, workload_commands
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.resources.test_replacement import CHAT, serves, to


async def told(outside: Outside) -> tuple[object, object]:
    """Creator and updater, as a refresh shows them."""
    seen = await workload.read(outside.world(), CHAT, {})
    assert seen is not None
    return seen["creator"], seen["updater"]


async def test_the_person_whom_ci_names_comes_before_the_kubernetes_user(outside: Outside) -> None:
    made = await outside.artifact(llama())
    inputs: Properties = chat(made["versionId"], namespace="models", runtime=runtime())
    _, out = await workload.create(outside.world(facts={"person": "ann"}), inputs)
    assert (out["creator"], out["updater"]) == ("ann", "ann")

    out = await workload.update(outside.world(facts={"person": "bo"}), CHAT, {**inputs, "description": "new"})
    assert (out["creator"], out["updater"]) == ("ann", "bo")
    same = await workload.update(outside.world(facts={"person": "cy"}), CHAT, {**inputs, "description": "new"})
    assert same["updater"] == "bo", "who changes nothing has not changed it"

    await workload.update(outside.world(), CHAT, {**inputs, "runtime": runtime(cpu=2.0)})
    assert await told(outside) == ("ann", await outside.cluster.whoami())
    record = outside.cluster.named(CONFIG_MAP, "revision-chat-r1")["data"]
    assert (record["person"], record["actor"]) == ("ann", await outside.cluster.whoami())


async def test_who_orders_something_at_the_command_line_has_changed_it(outside: Outside) -> None:
    _, _, second = await serves(outside)
    await replacement.create(outside.world(facts={"person": "ann"}), to(second))
    assert (await told(outside))[1] == "ann", "a Replacement changes its Workload"

    for command in (workload_commands.undo, workload_commands.stop):
        await command(outside.world(facts={"person": command.__name__}), "models", "chat")
        assert (await told(outside))[1] == command.__name__
    await workload_commands.start(outside.world(facts={"person": "cy"}), "models", "chat")
    assert (await told(outside))[1] == "cy"


async def test_a_run_that_leaves_a_version_waiting_has_changed_nothing(outside: Outside) -> None:
    made = await outside.artifact(llama())
    inputs: Properties = chat(made["versionId"], namespace="models", replacement={"promotion": "manual"})
    await workload.create(outside.world(), inputs)
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    staging: Properties = {**inputs, "artifactId": newer["versionId"]}
    await workload.update(outside.world(facts={"person": "ann"}), CHAT, staging)

    out = await workload.update(outside.world(facts={"person": "bo"}), CHAT, staging)

    assert out["updater"] == "ann"


async def test_a_replacement_says_who_asked_for_it(outside: Outside) -> None:
    _, _, second = await serves(outside)
    _, out = await replacement.create(outside.world(facts={"person": "ann"}), to(second))
    assert out["actor"] == "ann"
