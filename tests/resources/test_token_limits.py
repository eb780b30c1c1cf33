"""Policies about tokens: counted by a gateway, or refused, or warned of; never accepted and ignored."""

import pytest

from inference_provider.errors import Forbidden, InferenceError, Invalid, Unavailable
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import (
    AI_GATEWAY_ROUTE,
    BACKEND_TRAFFIC_POLICY,
    GATEWAY_BACKEND,
    SERVICE,
    Body,
    Kind,
)
from inference_provider.resources import policy, workload
from inference_provider.resources.imported import workload_inputs
from inference_provider.resources.world import Properties
from tests.resources.gated import HOUR, LED, MINUTE, ROUTE, installed, limits, revisions, there
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import gpu_chat, made, refused, verdicts
from tests.support.fake_cluster import Fault
from tests.support.gateways import served_lists


async def changed(outside: Outside, inputs: Properties, held: Properties) -> Properties:
    """A Policy that is changed."""
    checked = await policy.check(outside.world(), {}, inputs)
    assert not checked.faults, checked.faults
    return await policy.update(outside.world(), "models/budget", checked.inputs, held)


async def test_without_a_gateway_in_the_cluster_a_policy_is_refused_and_a_sandbox_warned_of(outside: Outside) -> None:
    (fault,) = (await policy.check(outside.world(), {}, MINUTE)).faults
    assert fault.path == "type"
    assert (
        "no Envoy AI Gateway is installed in this cluster: it does not know AIGatewayRoute of aigateway" in fault.reason
    )
    with pytest.raises(InferenceError, match="no Envoy AI Gateway"):
        await policy.create(outside.world(), {**MINUTE, "namespace": "models"})

    await made(outside, {**MINUTE, "sandbox": True})
    assert any("it is a sandbox, so that is only said" in each for each in outside.heard.warnings)


async def test_where_nobody_can_be_asked_check_says_so_and_the_run_refuses(outside: Outside) -> None:
    first = next(iter(served_lists()))
    gone = Unavailable("read", kind="APIResourceList", namespace=None, name="", said="nobody answers")
    lists = Kind(f"APIResourceList of {first}", "", first, namespaced=False)
    outside.cluster.faults = [Fault("find", lists, gone), Fault("find", lists, gone)]
    checked = await policy.check(outside.world(), {}, MINUTE)
    assert checked.faults == ()
    assert any("is not known" in each for each in outside.heard.warnings)
    with pytest.raises(Unavailable):
        await policy.create(outside.world(), checked.inputs)


async def test_a_workload_that_no_gateway_leads_to_is_refused_and_a_sandbox_warned_of(outside: Outside) -> None:
    installed(outside)
    held = await made(outside, MINUTE)
    inputs = await gpu_chat(outside)
    assert "its requests go through no gateway that could count them" in (await refused(outside, inputs))["policies"]
    with pytest.raises(InferenceError, match="go through no gateway"):
        await workload.create(outside.world(), {**inputs, "namespace": "models"})
    assert not outside.cluster.all_of(SERVICE)

    await changed(outside, {**MINUTE, "sandbox": True}, held)
    out = await outside.workload(inputs)
    assert verdicts(out)[0]["verdict"] == "warned"
    assert any("budget is a sandbox" in each for each in outside.heard.warnings)


async def test_a_route_without_a_gateway_in_the_cluster_is_refused_where_it_is_written(outside: Outside) -> None:
    inputs = await gpu_chat(outside, service=LED)
    assert list(await refused(outside, inputs)) == ["service.gateway"]


@pytest.mark.parametrize(
    "route",
    [
        {**ROUTE, "hostnames": ["a.example.com", "b.example.com"]},
        {**ROUTE, "parentRefs": [{"name": "one"}, {"name": "two"}]},
    ],
)
async def test_what_would_be_counted_apart_is_refused(outside: Outside, route: Properties) -> None:
    installed(outside)
    unlimited = await gpu_chat(outside, service={"gateway": route})
    assert await refused(outside, unlimited) == {}
    await made(outside, MINUTE)
    assert "2 times as many would pass" in (await refused(outside, unlimited))["policies"]


async def test_all_policies_over_a_workload_hold_and_sandboxes_are_recorded(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    await made(outside, {**HOUR, "name": "hourly", "labels": {"team": "a"}})
    await made(outside, {**HOUR, "name": "others", "labels": {"team": "b"}})
    await made(outside, {"name": "tried", "type": "maxTokens", "maxTokens": {"input": 7.0}, "sandbox": True})

    out = await outside.workload(await gpu_chat(outside, service=LED, tags={"team": "a"}))

    assert limits(outside) == [(1000, "Minute", False), (9000, "Hour", False), (7, "Minute", True)]
    assert {each["verdict"] for each in verdicts(out)} == {"allowed"}


async def test_another_number_counts_with_the_policys_own_update_and_no_pod_moves(outside: Outside) -> None:
    installed(outside)
    held = await made(outside, MINUTE)
    await outside.workload(await gpu_chat(outside, service=LED))
    pods = outside.pods()

    held = await changed(outside, HOUR, held)

    assert limits(outside) == [(9000, "Hour", False)]
    assert (outside.pods(), revisions(outside)) == (pods, ["chat-r1"])

    held = await changed(outside, {**HOUR, "labels": {"team": "b"}}, held)
    assert limits(outside) == [], "it does not choose this one any more"
    await changed(outside, HOUR, held)
    await policy.delete(outside.world(), "models/budget", {**held, "forceDelete": True})
    assert limits(outside) == []
    assert "BackendTrafficPolicy" not in there(outside)


async def test_a_policy_that_comes_later_tells_which_workloads_it_does_not_limit(outside: Outside) -> None:
    installed(outside)
    out = await outside.workload(await gpu_chat(outside))
    await made(outside, MINUTE)

    assert any(
        "Policy models/budget does not limit the tokens of Workload models/chat" in each
        for each in outside.heard.warnings
    )
    read = await workload.read(outside.world(), "models/chat", out)
    assert verdicts(read or {})[0]["verdict"] == "violated"


async def test_a_workload_comes_to_its_gateway_and_leaves_it_in_place(outside: Outside) -> None:
    installed(outside)
    inputs = await gpu_chat(outside)
    out = await outside.workload(inputs)
    out = await outside.workload({**inputs, "service": LED}, out)
    assert there(outside) == ["AIGatewayRoute", "AIServiceBackend", "Backend"]

    out = await outside.workload({**inputs, "service": {**LED, "port": 8080.0}}, out)
    (backend,) = outside.cluster.all_of(GATEWAY_BACKEND)
    assert backend["spec"]["endpoints"][0]["fqdn"]["port"] == 8080

    await outside.workload(inputs, out)
    assert there(outside) == []
    assert revisions(outside) == ["chat-r1"]
    assert labels.GATEWAY not in outside.cluster.named(SERVICE, "chat")["metadata"]["annotations"]


async def test_nobody_leaves_the_gateway_that_limits_them(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    inputs = await gpu_chat(outside)
    out = await outside.workload({**inputs, "service": LED})

    assert list(await refused(outside, {**inputs, "namespace": "models"}, out)) == ["policies"]
    with pytest.raises(InferenceError, match="Policy models/budget limits its tokens, which are counted there"):
        await workload.update(outside.world(), "models/chat", {**inputs, "namespace": "models"}, out)
    assert limits(outside) == [(1000, "Minute", False)]


async def test_a_limit_that_somebody_has_lifted_is_told_of_and_put_back(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    inputs = await gpu_chat(outside, service=LED)
    out = await outside.workload(inputs)
    assert await workload.found(outside.world(), "models/chat", out) == ()

    outside.cluster.remove(BACKEND_TRAFFIC_POLICY, "models", "workload-chat")

    assert await workload.found(outside.world(), "models/chat", out) == (
        "BackendTrafficPolicy workload-chat is not there",
    )
    read = await workload.read(outside.world(), "models/chat", out)
    assert verdicts(read or {})[0]["verdict"] == "violated"
    out = await outside.workload(inputs, out)
    assert (limits(outside), verdicts(out)[0]["verdict"]) == ([(1000, "Minute", False)], "allowed")


async def test_a_limit_that_the_gateway_does_not_follow_is_told_of(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    out = await outside.workload(await gpu_chat(outside, service=LED))
    held = outside.cluster.named(BACKEND_TRAFFIC_POLICY, "workload-chat")
    no = {"type": "Accepted", "status": "False", "message": "enable Ratelimit in the EnvoyGateway config"}
    outside.cluster.put(BACKEND_TRAFFIC_POLICY, held | {"status": {"ancestors": [{"conditions": [no]}]}})

    read = await workload.read(outside.world(), "models/chat", out)

    (said,) = verdicts(read or {})
    assert said["verdict"] == "violated"
    assert "enable Ratelimit in the EnvoyGateway config" in said["message"]


async def test_a_refresh_and_an_import_show_the_route(outside: Outside) -> None:
    installed(outside)
    out = await outside.workload(await gpu_chat(outside, service=LED))
    (held,) = outside.cluster.all_of(AI_GATEWAY_ROUTE)
    other: Body = {**held, "spec": {**held["spec"], "hostnames": ["evil.example.com"]}}
    outside.cluster.put(AI_GATEWAY_ROUTE, other)

    read = await workload.read(outside.world(), "models/chat", out)
    assert (read or {})["service"] == {"gateway": {**ROUTE, "hostnames": ["evil.example.com"]}}
    imported = await workload_inputs(outside.world(), "models/chat")
    service = (imported or {})["service"]
    assert isinstance(service, dict)
    assert service["gateway"] == ROUTE


async def test_a_right_that_is_missing_is_named_before_anything_moves(outside: Outside) -> None:
    installed(outside)
    inputs = await gpu_chat(outside)
    out = await outside.workload(inputs)
    no = Forbidden("list", kind="AIGatewayRoute", namespace="models", name="*", said="may not")
    outside.cluster.faults = [Fault("list", AI_GATEWAY_ROUTE, no)]

    with pytest.raises(InferenceError, match=r"Grant it get, list, create, patch and delete on .*aigatewayroutes"):
        await outside.workload({**inputs, "service": LED, "runtime": runtime(gpu=2.0)}, out)

    assert revisions(outside) == ["chat-r1"]


async def test_an_interrupted_change_is_taken_up_by_the_next_run(outside: Outside) -> None:
    installed(outside)
    inputs = await gpu_chat(outside)
    out = await outside.workload(inputs)
    no = Forbidden("create", kind="AIGatewayRoute", namespace="models", name="workload-chat", said="may not")
    outside.cluster.faults = [Fault("create", AI_GATEWAY_ROUTE, no)]
    with pytest.raises(InferenceError, match="may not touch them"):
        await outside.workload({**inputs, "service": LED}, out)
    assert there(outside) == ["AIServiceBackend", "Backend"]

    outside.cluster.faults = []
    assert await workload.found(outside.world(), "models/chat", out) == ("AIGatewayRoute workload-chat is not there",)
    await outside.workload(inputs, out)
    assert there(outside) == []


async def test_a_gateway_that_cannot_count_without_refusing_does_not_count_for_a_sandbox(outside: Outside) -> None:
    installed(outside)
    await made(outside, MINUTE)
    await made(outside, {**HOUR, "name": "tried", "sandbox": True})
    said = 'strict decoding error: unknown field "spec.rateLimit.global.rules[0].shadowMode"'
    no = Invalid("create", kind="BackendTrafficPolicy", namespace="models", name="x", said=said)
    outside.cluster.faults = [Fault("rehearse", BACKEND_TRAFFIC_POLICY, no)]

    out = await outside.workload(await gpu_chat(outside, service=LED))

    assert limits(outside) == [(1000, "Minute", False)]
    assert any("cannot count without refusing" in each for each in outside.heard.warnings)
    assert await workload.found(outside.world(), "models/chat", out) == ()


async def test_who_edits_the_note_leads_nobody_elsewhere_by_a_change_of_the_policy(outside: Outside) -> None:
    installed(outside)
    held = await made(outside, MINUTE)
    await outside.workload(await gpu_chat(outside, service=LED))
    service = outside.cluster.named(SERVICE, "chat")
    service["metadata"]["annotations"][labels.GATEWAY] = '{"parentRefs": [{"name": "mine"}]}'
    outside.cluster.put(SERVICE, service)

    await changed(outside, HOUR, held)

    (route,) = outside.cluster.all_of(AI_GATEWAY_ROUTE)
    assert [each["name"] for each in route["spec"]["parentRefs"]] == ["ai"]
    assert limits(outside) == [(9000, "Hour", False)]


async def test_a_deleted_workload_takes_its_way_with_it(outside: Outside) -> None:
    installed(outside)
    out = await outside.workload(await gpu_chat(outside, service=LED))
    assert there(outside)
    await workload.delete(outside.world(), "models/chat", out)
    assert there(outside) == []
