"""What of a Workload's way through a gateway is outstanding, and how it is said that somebody has changed it."""

import copy
from collections.abc import Callable

import pytest

from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.token_limits import TokenLimit, TokenRule
from inference_provider.manifests.anchor import Face, anchor
from inference_provider.manifests.gateway import gateway_bodies
from inference_provider.manifests.kinds import (
    AI_GATEWAY_ROUTE,
    AI_SERVICE_BACKEND,
    BACKEND_TRAFFIC_POLICY,
    GATEWAY_BACKEND,
    Body,
    Kind,
)
from inference_provider.rollout.gateway import amiss, enforced, outstanding, rejections

ROUTE = GatewayRoute.model_validate({"parentRefs": [{"name": "ai"}], "hostnames": ["chat.example.com"]})
ELSEWHERE = GatewayRoute.model_validate({"parentRefs": [{"name": "other"}]})
BUDGET = TokenRule("models/budget", TokenLimit("total", 1000, "minute"))
TRIED = TokenRule("models/tried", TokenLimit("input", 10, "hour"), shadow=True)
Found = dict[Kind, list[Body]]


def service() -> Body:
    body = anchor("models", "chat", Face(), slot=0)
    body["metadata"]["uid"] = "anchor-uid"
    return body


def made(*rules: TokenRule) -> Found:
    """What a run that came to its end has left, with what the API server adds by itself."""
    bodies = {kind: copy.deepcopy(body) for kind, body in gateway_bodies(service(), ROUTE, rules)}
    for number, body in enumerate(bodies.values()):
        body["metadata"]["uid"] = f"uid-{number}"
    bodies[AI_GATEWAY_ROUTE]["spec"]["rules"][0]["modelsOwnedBy"] = "Envoy AI Gateway"
    bodies[GATEWAY_BACKEND]["spec"]["type"] = "Endpoints"
    return {kind: [body] for kind, body in bodies.items()}


def actions(found: Found, route: GatewayRoute | None, *rules: TokenRule) -> list[tuple[str, str]]:
    return [(each.action, each.kind.name) for each in outstanding(service(), found, route, rules)]


def test_limits_are_there_before_the_way_and_the_way_goes_before_them() -> None:
    names = ["BackendTrafficPolicy", "Backend", "AIServiceBackend", "AIGatewayRoute"]
    assert actions({}, ROUTE, BUDGET) == [("make", each) for each in names]
    assert actions(made(BUDGET), None) == [("drop", each) for each in reversed(names)]


def test_what_is_as_it_should_be_is_left_alone() -> None:
    assert actions(made(BUDGET, TRIED), ROUTE, BUDGET, TRIED) == []
    assert actions(made(), ROUTE) == []


def test_another_limit_changes_the_limit_and_another_route_the_route() -> None:
    more = TokenRule("models/budget", TokenLimit("total", 2000, "minute"))
    assert actions(made(BUDGET), ROUTE, more) == [("alter", "BackendTrafficPolicy")]
    assert actions(made(BUDGET), ELSEWHERE, BUDGET) == [("alter", "AIGatewayRoute")]
    assert actions(made(BUDGET), ROUTE) == [("alter", "AIGatewayRoute"), ("drop", "BackendTrafficPolicy")]


def lifted(found: Found) -> None:
    found[BACKEND_TRAFFIC_POLICY] = []


def raised(found: Found) -> None:
    found[BACKEND_TRAFFIC_POLICY][0]["spec"]["rateLimit"]["global"]["rules"][0]["limit"]["requests"] = 10**6


def recorded_only(found: Found) -> None:
    found[BACKEND_TRAFFIC_POLICY][0]["spec"]["rateLimit"]["global"]["rules"][0]["shadowMode"] = True


def for_some(found: Found) -> None:
    who = [{"headers": [{"name": "x-user-id", "type": "Distinct"}]}]
    found[BACKEND_TRAFFIC_POLICY][0]["spec"]["rateLimit"]["global"]["rules"][0]["clientSelectors"] = who


def aimed_elsewhere(found: Found) -> None:
    found[BACKEND_TRAFFIC_POLICY][0]["spec"]["targetRefs"][0]["name"] = "another"


def uncounted(found: Found) -> None:
    del found[AI_GATEWAY_ROUTE][0]["spec"]["llmRequestCosts"]


def cheaper(found: Found) -> None:
    cost = found[AI_GATEWAY_ROUTE][0]["spec"]["llmRequestCosts"][0]
    cost |= {"type": "CEL", "cel": "1u"}


def around(found: Found) -> None:
    rules = found[AI_GATEWAY_ROUTE][0]["spec"]["rules"]
    rules.append({"matches": [{}], "backendRefs": [{"name": "free"}]})


def somewhere_else(found: Found) -> None:
    found[GATEWAY_BACKEND][0]["spec"]["endpoints"][0]["fqdn"]["hostname"] = "evil.example.com"


def another_language(found: Found) -> None:
    found[AI_SERVICE_BACKEND][0]["spec"]["schema"]["name"] = "Cohere"


def being_deleted(found: Found) -> None:
    found[BACKEND_TRAFFIC_POLICY][0]["metadata"]["deletionTimestamp"] = "2031-05-04T03:00:00Z"


HANDS = [
    lifted,
    raised,
    recorded_only,
    for_some,
    aimed_elsewhere,
    uncounted,
    cheaper,
    around,
    somewhere_else,
    another_language,
    being_deleted,
]


@pytest.mark.parametrize("hand", HANDS)
def test_a_foreign_hand_is_told_of_and_put_right(hand: Callable[[Found], None]) -> None:
    found = made(BUDGET)
    hand(found)
    (said,) = amiss(service(), found, ROUTE, [BUDGET])
    assert "workload-chat" in said
    (change,) = outstanding(service(), found, ROUTE, [BUDGET])
    assert change.action == ("make" if hand in (lifted, being_deleted) else "alter")


def test_a_gateway_that_cannot_record_is_not_told_of_every_time() -> None:
    both = (BUDGET, TRIED)
    assert amiss(service(), made(*enforced(both)), ROUTE, both) == ()
    assert amiss(service(), made(*both), ROUTE, both) == ()
    assert amiss(service(), made(TRIED), ROUTE, both) != ()


def test_what_the_gateway_refuses_is_said_in_its_words_and_silence_is_no_refusal() -> None:
    found = made(BUDGET)
    assert rejections(found) == ()
    no = {"type": "Accepted", "status": "False", "message": "enable Ratelimit in the EnvoyGateway config"}
    found[BACKEND_TRAFFIC_POLICY][0]["status"] = {"ancestors": [{"conditions": [no]}]}
    found[AI_GATEWAY_ROUTE][0]["status"] = {"conditions": [{"type": "Accepted", "status": "True"}]}
    assert rejections(found) == (
        "the gateway does not follow BackendTrafficPolicy workload-chat: enable Ratelimit in the EnvoyGateway config",
    )
