"""Reading the parts that all Kubernetes objects share: conditions, deletion, observed generation."""

from inference_provider.manifests.kinds import Body


def condition(body: Body, word: str) -> Body:
    """The condition of that type, or an empty one when the object does not have it (yet)."""
    conditions = (body.get("status") or {}).get("conditions") or []
    return next((one for one in conditions if one.get("type") == word), {})


def holds(body: Body, word: str) -> bool:
    """Whether the condition is there and "True"; "Unknown" and absent are both no."""
    return condition(body, word).get("status") == "True"


def name_of(body: Body) -> str:
    return str((body.get("metadata") or {}).get("name", ""))


def is_terminating(body: Body) -> bool:
    """Whether deletion was asked for; the object may live on for its whole grace period."""
    return bool((body.get("metadata") or {}).get("deletionTimestamp"))


def is_observed(body: Body) -> bool:
    """Whether the object's controller has seen its present spec. Until then its status speaks of an older one."""
    generation = (body.get("metadata") or {}).get("generation") or 0
    return int((body.get("status") or {}).get("observedGeneration") or 0) >= int(generation)
