"""May a version that is there get more pods, when policies came after it?

They keep the affinity that it was made with, so they could start where a newer policy forbids.
"""

from collections.abc import Iterator, Mapping, Sequence

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.placement.allowance import Rules
from inference_provider.placement.standing import Unfit, unfit

#: The shortest way to a new version of the same model.
HOW_TO_ROLL = (
    "any change of its Artifact or of what its containers are given makes one, an environment variable in its Artifact "
    "for one"
)
#: What to do where a version would be allowed, and this one knows nothing of the policy.
_ROLL = f"Let it roll in the same update: the new version gets its pods where they are allowed, and {HOW_TO_ROLL}"
_OTHER = "Ask for what they allow in the same update, which rolls"


def refusals(
    rules: Rules, name: str, deployments: Sequence[Body], *, now: Mapping[str, int], wanted: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """Groups that may not get as many pods as are wanted, and why; ``name`` is the version's, as in ``r1``.

    ``now`` and ``wanted`` are pods by group; a group that is not in ``wanted`` gets none.
    """
    for each in deployments:
        group = label(each, labels.GROUP) or "default"
        count = wanted.get(group, 0)
        found = unfit(rules, each) if count > now.get(group, 0) else None
        if found is not None:
            yield group, _sentence(rules, name, count, found)


def _sentence(rules: Rules, name: str, count: int, found: Unfit) -> str:
    pods = f"{count} {'pod' if count == 1 else 'pods'} of {name}"
    if found.denied is not None:
        advice = "" if rules.broken else f". {_OTHER}"
        return f"there would be {pods} against policies: {found.denied}{advice}"
    named = " and ".join(found.policies)
    return (
        f"of {pods}, new ones could start where Policy {named} does not allow it: {name} was made before that. {_ROLL}"
    )
