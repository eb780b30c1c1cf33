"""Which rights do RBAC's rules give, and which are wanted that are not among them? As Kubernetes reads rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference_provider.manifests.kinds import Body

#: So many are named in a sentence.
_NAMED = 4


@dataclass(frozen=True)
class Grant:
    """One verb on one resource ("deployments/scale") of a group; on all objects, or on those of these names."""

    verb: str
    group: str
    resource: str
    names: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """As RBAC and kubectl write it: ``patch deployments/scale.apps``."""
        return f"{self.verb} {self.resource}{f'.{self.group}' if self.group else ''}"


def grants(rules: Sequence[Body]) -> Iterator[Grant]:
    """Everything that rules give, verb by verb."""
    for rule in rules:
        names = tuple(rule.get("resourceNames") or ())
        for group in rule.get("apiGroups") or ():
            for resource in rule.get("resources") or ():
                yield from (Grant(verb, group, resource, names) for verb in rule.get("verbs") or ())


def holds(rules: Sequence[Body], wanted: Grant) -> bool:
    """Whether somebody with these rules has a right: on each object that it names, or on all."""
    found = [rule for rule in rules if _concerns(rule, wanted)]
    if any(not rule.get("resourceNames") for rule in found):
        return True
    named = {name for rule in found for name in rule["resourceNames"]}
    return bool(wanted.names) and named.issuperset(wanted.names)


def beyond(rules: Sequence[Body], wanted: Sequence[Body]) -> tuple[str, ...]:
    """What ``wanted`` rules give and somebody with these ``rules`` does not have, each once; ready to be said."""
    return tuple(dict.fromkeys(each.said for each in grants(wanted) if not holds(rules, each)))


def listed(missing: Sequence[str]) -> str:
    """The first of them: ``create services, patch jobs.batch and 3 more``."""
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return f"{', '.join(missing[:_NAMED])}{more}"


def _concerns(rule: Body, wanted: Grant) -> bool:
    below = f"*/{wanted.resource.partition('/')[2]}" if "/" in wanted.resource else "*"
    return (
        not {"*", wanted.verb}.isdisjoint(rule.get("verbs") or ())
        and not {"*", wanted.group}.isdisjoint(rule.get("apiGroups") or ())
        and not {"*", below, wanted.resource}.isdisjoint(rule.get("resources") or ())
    )
