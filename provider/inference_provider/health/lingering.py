"""Why is what was deleted still there? Objects that cannot end by themselves, in words that say who has to act."""

from collections.abc import Iterator, Sequence

from inference_provider.health.pod import is_stranded, stranded_words
from inference_provider.manifests.kinds import Body

#: What Kubernetes itself works off.
_BUILT_IN = ("foregroundDeletion", "orphan", "batch.kubernetes.io/job-tracking")


def lingering(left: Sequence[Body]) -> Iterator[str]:
    """One sentence for each object that waits for somebody else; ``left`` are all that are still there."""
    for body in left:
        if held := _finalizers(body):
            yield (
                f"{_named(body)} is held by its finalizer{'s' if len(held) > 1 else ''} {' and '.join(held)}: whoever "
                f"set it has to finish, or `kubectl edit -n {body['metadata'].get('namespace')} {_typed(body)}` takes "
                "it away"
            )
        elif body.get("kind") == "Pod" and is_stranded(body):
            yield stranded_words(body)
    if len(left) == 1 and "foregroundDeletion" in (left[0]["metadata"].get("finalizers") or []):
        yield (
            f"something else names {_named(left[0])} as its owner and blocks its end: an object that this provider did "
            "not make. `kubectl get events` and its ownerReferences tell which"
        )


def _finalizers(body: Body) -> list[str]:
    return [str(each) for each in body["metadata"].get("finalizers") or [] if each not in _BUILT_IN]


def _named(body: Body) -> str:
    return f"{body.get('kind', 'object')} {body['metadata']['name']}"


def _typed(body: Body) -> str:
    return f"{str(body.get('kind', 'object')).lower()} {body['metadata']['name']}"
