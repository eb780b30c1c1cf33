"""A gateway, policies about tokens, and what is there of both, as the tests of limits have them."""

from inference_provider.manifests.gateway import GATEWAY_KINDS
from inference_provider.manifests.kinds import BACKEND_TRAFFIC_POLICY, DEPLOYMENT, Kind
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside
from tests.support.gateways import served_lists

ROUTE: Properties = {"parentRefs": [{"name": "ai", "namespace": "gateways"}], "hostnames": ["chat.example.com"]}
LED: Properties = {"gateway": ROUTE}
MINUTE: Properties = {"name": "budget", "type": "maxTokens", "maxTokens": {"total": 1000.0}}
HOUR: Properties = {**MINUTE, "maxTokens": {"total": 9000.0, "granularity": "hour"}}


def installed(outside: Outside) -> None:
    """From now on the cluster has an Envoy AI Gateway."""
    for version, body in served_lists().items():
        outside.cluster.put(Kind(f"APIResourceList of {version}", "", version, namespaced=False), body)


def limits(outside: Outside) -> list[tuple[int, str, bool]]:
    """How many, in which window, and whether it is only recorded."""
    bodies = outside.cluster.all_of(BACKEND_TRAFFIC_POLICY)
    rules = [rule for body in bodies for rule in body["spec"]["rateLimit"]["global"]["rules"]]
    return [(each["limit"]["requests"], each["limit"]["unit"], each.get("shadowMode", False)) for each in rules]


def there(outside: Outside) -> list[str]:
    """Which of a gateway's objects there are."""
    return sorted(kind.name for kind in GATEWAY_KINDS if outside.cluster.all_of(kind))


def revisions(outside: Outside) -> list[str]:
    """The Deployments that there are."""
    return sorted(str(each["metadata"]["name"]) for each in outside.cluster.all_of(DEPLOYMENT))
