"""Can the pack read what a program declares? Where it cannot, no rule is claimed to hold.

The provider refuses what nobody can read, and says why. What it takes and the pack cannot read is of another release.
"""

from collections.abc import Callable, Iterator

from pydantic import ValidationError

from inference_policies.declared import Declared
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Artifact, Policy, Replacement, Subject, Workload
from inference_provider.domain.faults import faults_of


class KnownInputs(Settings):
    """Nothing can be set."""


def judge(subject: Subject, settings: KnownInputs, declared: Declared) -> Violations:
    """One sentence for each field that cannot be read."""
    del settings, declared
    for prefix, read in _parts(subject):
        try:
            read()
        except ValidationError as error:
            for fault in faults_of(error):
                path = ".".join(filter(None, (prefix, fault.path)))
                yield (
                    f"{path}: {fault.reason}; so other rules cannot be judged. Where the provider takes it, the pack "
                    "needs the same release: install it into the pack's environment"
                )


def _parts(subject: Subject) -> Iterator[tuple[str, Callable[[], object]]]:
    """What the rules read, and where it stands."""
    match subject:
        case Workload():
            yield "runtime", lambda: subject.runtime
            yield "replacement", lambda: subject.taking_over
        case Replacement():
            yield "runtime", lambda: subject.runtime
            yield "", lambda: subject.taking_over
        case Policy():
            yield "", lambda: subject.inputs
        case Artifact():
            pass  # of it they read single texts, which never fails


RULE = Rule("known-inputs", "Whatever rules are about can be read.", KnownInputs, judge)
