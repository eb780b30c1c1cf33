"""Which Policies of the same program hold a Workload's pods to a place, or to hardware, so that no rule needs to?

Only those that hold for certain: the provider starts no version against them. A Policy that only warns is none of them;
nor is one that the program declares through the other door, unless the Workload names it: the doors are processes of
their own, and what one has checked counts for the other only when it is in the cluster.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from inference_policies.declared import Declared
from inference_policies.subjects import Policy, Replacement, Workload
from inference_provider.domain.policy import PolicyInputs, PolicyType, chosen
from inference_provider.placement.allowance import is_known


@dataclass(frozen=True)
class Confined:
    """``binding``: what holds it for certain. ``foreign``: the ids that it names of Policies of other programs."""

    binding: tuple[PolicyInputs, ...] = ()
    foreign: tuple[str, ...] = ()

    def about(self, kind: PolicyType) -> tuple[PolicyInputs, ...]:
        """Those of one type."""
        return tuple(each for each in self.binding if each.type == kind)

    def trusts(self, trusted: Collection[str]) -> bool:
        """Whether it names one that the pack's configuration vouches for."""
        return any(each in trusted for each in self.foreign)

    def remarks(self, kind: PolicyType) -> str:
        """What there is, and is not enough: to be put behind a sentence."""
        loose = [f"{each.namespace}/{each.name}" for each in self.about(kind)]
        return "".join(
            [
                f". Policy {' and '.join(loose)} of this program allows more than that" if loose else "",
                f". It names Policy {' and '.join(self.foreign)}, which this program does not declare, or not before "
                "it; if that allows no more, name it among the pack's `trusted`"
                if self.foreign
                else "",
            ]
        )


def confined(subject: Workload | Replacement, declared: Declared) -> Confined:
    """What holds the pods of a Workload, or of the one that is driven. Of another program's nobody knows."""
    workload = declared.workload_of(subject)
    if workload is None:
        return Confined()
    artifact = declared.artifact_of(subject)
    serves = artifact.type if artifact is not None else None
    named = workload.policies
    foreign = tuple(each for each in named if each not in declared.policies)
    return Confined(tuple(_binding(workload, serves, declared)), foreign)


def _binding(workload: Workload, serves: str | None, declared: Declared) -> Iterator[PolicyInputs]:
    for place, policy in declared.policies.items():
        said = _read(policy)
        if said is None or said.sandbox:
            continue
        if place in workload.policies or (policy.door == workload.door and _chooses(said, workload, serves)):
            yield said


def _read(policy: Policy) -> PolicyInputs | None:
    """None for what the provider refuses, flavors that nobody knows included: it does not come into being."""
    try:
        said = policy.inputs
    except ValidationError:
        return None
    return said if all(is_known(each) for each in said.flavors) else None


def _chooses(policy: PolicyInputs, workload: Workload, serves: str | None) -> bool:
    """Whether it applies by itself, for certain: not where it asks what is served and another program says that."""
    if policy.namespace != workload.namespace or (serves is None and policy.resource_types):
        return False
    return chosen(policy, artifact_type=serves, tags=workload.tags)
