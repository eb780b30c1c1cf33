"""A Workload whose tokens are limited, asked by others than its own program: a Replacement, a plan, a preview."""

from inference_provider.errors import Forbidden, Unavailable
from inference_provider.manifests.kinds import AI_GATEWAY_ROUTE, Kind
from inference_provider.resources import replacement, workload, workload_commands
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_question import Question, plan_for
from inference_provider.resources.plan_words import warnings
from inference_provider.resources.world import Properties
from tests.resources.gated import LED, MINUTE, installed, limits
from tests.resources.outside import Outside, llama, runtime
from tests.resources.ruled import gpu_chat, made, verdicts
from tests.support.fake_cluster import Fault
from tests.support.gateways import served_lists


async def test_a_replacement_goes_on_behind_the_gateway_that_counts(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    await outside.workload(await gpu_chat(outside, service=LED, replacement={"driver": "external"}))
    newer = (await outside.artifact(llama("vllm/vllm:v2"), {"name": "llama"}))["versionId"]

    moved: Properties = {"workloadId": "models/chat", "candidateArtifactId": newer}
    out = (await replacement.create(outside.world(), moved))[1]

    assert out["activeArtifactId"] == newer
    assert limits(outside) == [(1000, "Minute", False)]


async def test_a_plan_without_its_program_knows_the_gateway(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    await outside.workload(await gpu_chat(outside, service=LED))
    plan = await plan_for(outside.world(), "models", "chat", Question(inputs={"runtime": runtime(gpu=2.0)}))
    assert (plan.verdict, plan.denied, plan.violations) == ("rolls", None, ())


async def test_a_preview_tells_of_a_limit_that_nobody_counts_and_of_a_gateway_that_nobody_could_ask_for(
    outside: Outside,
) -> None:
    installed(outside)
    inputs = {**await gpu_chat(outside), "namespace": "models"}
    out = await outside.workload(inputs)
    await made(outside, MINUTE)
    news = {**inputs, "runtime": runtime(gpu=2.0)}
    difference = workload.diff(out, news)
    plan = await plan_of(outside.world(), out, news, difference)
    assert "go through no gateway" in (plan.denied or "")
    assert any("would be refused: Policy budget limits tokens" in each for each in warnings(plan))

    version = next(iter(served_lists()))
    led: Properties = {**news, "service": LED}
    gone = Unavailable("read", kind="APIResourceList", namespace=None, name="", said="nobody answers")
    lists = Kind(f"APIResourceList of {version}", "", version, namespaced=False)
    outside.cluster.faults = [Fault("find", lists, gone)]
    unseen = await plan_of(outside.world(), out, led, workload.diff(out, led))
    assert any("which policies it is under" in each for each in warnings(unseen))


async def test_who_may_not_look_at_the_gateway_is_told_of_the_other_policies(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    await outside.workload(await gpu_chat(outside, service=LED))
    no = Forbidden("list", kind="AIGatewayRoute", namespace="models", name="*", said="may not")
    outside.cluster.faults = [Fault("list", AI_GATEWAY_ROUTE, no)]
    out = await workload_commands.stop(outside.world(), "models", "chat")
    assert [each["policy"] for each in verdicts(out)] == ["models/budget"]
