"""What an API server answers to somebody who asks what they may do: everything but what is refused."""

from collections.abc import Collection

from inference_provider.manifests.grants import Grant, grants
from inference_provider.manifests.kinds import Body, Kind
from inference_provider.manifests.roles import RBAC, Named, rules
from inference_provider.resources.rights import ACCESS_REVIEW
from inference_provider.resources.sharing_rights import RULES_REVIEW
from inference_provider.rollout.sharing import VERBS

ANYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


def reviewed(kind: Kind, body: Body, *, refused: Collection[str]) -> Body | None:
    """The answer to one of these questions, None to anything else; ``refused`` as in "create jobs"."""
    if kind == RULES_REVIEW:
        return {"status": {"resourceRules": _without(refused) if refused else [ANYTHING], "incomplete": False}}
    if kind != ACCESS_REVIEW:
        return None
    asked = body["spec"]["resourceAttributes"]
    resource = "/".join(filter(None, (asked["resource"], asked["subresource"])))
    return {"status": {"allowed": f"{asked['verb']} {resource}" not in refused}}


def _without(refused: Collection[str]) -> list[Body]:
    owner = rules("OWNER", Named("any", 80, ("default",), (1,)))
    wanted = [*grants(owner), *(Grant(verb, RBAC, kind) for kind in ("roles", "rolebindings") for verb in VERBS)]
    kept = [each for each in wanted if f"{each.verb} {each.resource}" not in refused]
    return [{"apiGroups": [each.group], "resources": [each.resource], "verbs": [each.verb]} for each in kept]
