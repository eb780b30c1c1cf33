"""Does a Workload say whose it is?"""

from typing import Annotated

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Subject, Workload


class RequiredTags(Settings):
    """The tags; nothing is refused while none is named."""

    tags: Annotated[tuple[str, ...], Field(description="Tags that every Workload must have.")] = ()
    values: Annotated[
        dict[str, tuple[str, ...]], Field(description="Of tags, where they are there, the values that they may have.")
    ] = Field(default_factory=dict)


def judge(subject: Subject, settings: RequiredTags, declared: Declared) -> Violations:
    """One sentence for each tag that is missing, or not as it should be.

    Never its value: people compute tags from what is secret, and Pulumi does not tell packs what is.
    """
    del declared
    if not isinstance(subject, Workload):
        return
    tags = subject.tags
    for missing in (tag for tag in settings.tags if not tags.get(tag)):
        yield f"the tag `{missing}` is missing; add it to `tags`"
    for tag, allowed in settings.values.items():
        if tags.get(tag) and tags[tag] not in allowed:
            yield f"the tag `{tag}` is not what it may be: {', '.join(allowed)}"


RULE = Rule("required-tags", "Workloads have the tags that everybody agreed on.", RequiredTags, judge)
