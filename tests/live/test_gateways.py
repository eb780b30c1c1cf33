"""The way through a gateway, and the limits on it, on a real API server.

SIMULATED: the API server knows a gateway's kinds (``tests.support.gateways``), and no gateway is behind them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from inference_provider.errors import InferenceError
from inference_provider.manifests.gateway import GATEWAY_KINDS
from inference_provider.manifests.kinds import AI_GATEWAY_ROUTE, BACKEND_TRAFFIC_POLICY
from inference_provider.resources import policy, workload
from inference_provider.resources.world import Properties
from tests.live.programs import Inputs, artifact, runtime
from tests.live.programs import workload as program
from tests.live.stand import Stand
from tests.support.eventually import eventually
from tests.support.gateways import definition
from tools.cluster import Cluster
from tools.cluster.client import ApiClient, ApiError

GATEWAY: Inputs = {"parentRefs": [{"name": "ai", "namespace": "gateways"}], "hostnames": ["chat.example.com"]}
BUDGET: Properties = {
    "name": "budget",
    "type": "maxTokens",
    "maxTokens": {"granularity": "minute", "input": 10000, "output": 5000, "total": 15000, "ratioInputOverOutput": 2},
}
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@contextmanager
def known_to(client: ApiClient) -> Iterator[None]:
    """The cluster knows the kinds of a gateway for so long."""
    bodies = [definition(each) for each in GATEWAY_KINDS]
    for body in bodies:
        client.request("POST", _CRDS, body=body)
    try:
        yield
    finally:
        for body in bodies:
            client.request("DELETE", f"{_CRDS}/{body['metadata']['name']}")


def is_served(client: ApiClient, namespace: str) -> bool:
    """Whether all of the kinds can be asked for, and the API server says so."""
    try:
        for kind in GATEWAY_KINDS:
            client.request("GET", f"/apis/{kind.api_version}/namespaces/{namespace}/{kind.plural}")
        told = [client.request("GET", f"/apis/{version}") for version in {each.api_version for each in GATEWAY_KINDS}]
    except ApiError:
        return False
    return {each["name"] for one in told for each in one["resources"]} >= {each.plural for each in GATEWAY_KINDS}


async def wanted(stand: Stand, gateway: Inputs | None = None, **more: object) -> Inputs:
    """A Workload without GPUs."""
    service = {"service": {"gateway": gateway}} if gateway else {}
    return program(await stand.version(artifact()), runtime(gpu=0), **service, **more)


async def faults(stand: Stand, inputs: Inputs, olds: Properties | None = None) -> dict[str, str]:
    """What check refuses."""
    return {each.path: each.reason for each in (await workload.check(stand.world(), olds or {}, inputs)).faults}


async def declared(stand: Stand, inputs: Properties, olds: Properties | None = None) -> Properties:
    """A Policy, made or changed."""
    checked = await policy.check(stand.world(), {}, inputs)
    assert not checked.faults, checked.faults
    if olds is not None:
        return await policy.update(stand.world(), f"{stand.namespace}/{inputs['name']}", checked.inputs, olds)
    return (await policy.create(stand.world(), checked.inputs))[1]


async def limited(stand: Stand) -> list[tuple[int, str]]:
    """The limits that there are."""
    (body,) = await stand.objects(BACKEND_TRAFFIC_POLICY)
    rules = body["spec"]["rateLimit"]["global"]["rules"]
    return [(each["limit"]["requests"], each["limit"]["unit"]) for each in rules]


def verdicts(outputs: Properties | None) -> dict[str, str]:
    """What policies are said to say."""
    found = (outputs or {})["policyVerdicts"]
    assert isinstance(found, list)
    return {each["policy"].partition("/")[2]: each["verdict"] for each in found}


async def test_tokens_are_limited_where_a_gateway_counts_and_nowhere_else(
    stand: Stand, simulated_cluster: Cluster
) -> None:
    client = simulated_cluster.client()
    refused = await policy.check(stand.world(), {}, BUDGET)
    assert [each.path for each in refused.faults] == ["type"]
    assert "no Envoy AI Gateway is installed" in refused.faults[0].reason

    with known_to(client):
        await eventually(lambda: is_served(client, stand.namespace))
        held = await declared(stand, BUDGET)
        assert "`service.gateway`" in (await faults(stand, await wanted(stand)))["policies"]
        outputs = await stand.create(await wanted(stand, GATEWAY))
        assert verdicts(outputs) == {"budget": "allowed"}
        assert await limited(stand) == [(10000, "Minute"), (5000, "Minute"), (30000, "Minute")]
        before = await stand.pod_uids("r1")

        held = await declared(stand, {**BUDGET, "maxTokens": {"total": 9000, "step": 60}}, held)
        assert await limited(stand) == [(9000, "Hour")]
        assert await stand.pod_uids("r1") == before

        await _somebody_lifts_the_limit(stand, outputs)
        outputs = await stand.update(await wanted(stand, GATEWAY))
        assert (verdicts(outputs), await limited(stand)) == ({"budget": "allowed"}, [(9000, "Hour")])
        assert await workload.found(stand.world(), f"{stand.namespace}/chat", outputs) == ()

        await _nobody_leaves_the_gateway(stand, outputs)
        await policy.delete(stand.world(), f"{stand.namespace}/budget", {**held, "forceDelete": True})
        assert await stand.objects(BACKEND_TRAFFIC_POLICY) == []
        (route,) = await stand.objects(AI_GATEWAY_ROUTE)
        assert "llmRequestCosts" not in route["spec"]
        await _without_gateway(stand)
        assert [each for kind in GATEWAY_KINDS for each in await stand.objects(kind)] == []
        assert await stand.pod_uids("r1") == before


async def _somebody_lifts_the_limit(stand: Stand, outputs: Properties) -> None:
    await stand.client.delete(BACKEND_TRAFFIC_POLICY, stand.namespace, "workload-chat")
    (said,) = await workload.found(stand.world(), f"{stand.namespace}/chat", outputs)
    assert said == "BackendTrafficPolicy workload-chat is not there"
    assert verdicts(await workload.read(stand.world(), f"{stand.namespace}/chat", outputs)) == {"budget": "violated"}


async def _without_gateway(stand: Stand) -> Properties:
    """An update right away: check knows policies as they were a moment ago."""
    out = {**await wanted(stand), "namespace": stand.namespace}
    return await workload.update(stand.world(), f"{stand.namespace}/chat", out)


async def _nobody_leaves_the_gateway(stand: Stand, outputs: Properties) -> None:
    assert list(await faults(stand, await wanted(stand), outputs)) == ["policies"]
    with pytest.raises(InferenceError, match="limits its tokens, which are counted there"):
        await _without_gateway(stand)


async def test_what_leads_to_a_workload_goes_with_it_and_a_sandbox_is_only_recorded(
    stand: Stand, simulated_cluster: Cluster
) -> None:
    client = simulated_cluster.client()
    sandbox: Properties = {**BUDGET, "sandbox": True}
    checked = await policy.check(stand.world(), {}, sandbox)
    assert not checked.faults
    assert any("it is a sandbox" in line for line in stand.lines.lasting)
    assert list(await faults(stand, await wanted(stand, GATEWAY))) == ["service.gateway"]

    with known_to(client):
        await eventually(lambda: is_served(client, stand.namespace))
        await declared(stand, sandbox)
        outputs = await stand.create(await wanted(stand, GATEWAY, running=False))
        (body,) = await stand.objects(BACKEND_TRAFFIC_POLICY)
        assert all(each["shadowMode"] for each in body["spec"]["rateLimit"]["global"]["rules"])
        await stand.delete(outputs)
        assert [each for kind in GATEWAY_KINDS for each in await stand.objects(kind)] == []
