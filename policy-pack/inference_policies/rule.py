"""What is a rule of the pack? A name, what can be set about it, and a pure function that says what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from inference_policies.declared import Declared
from inference_policies.settings import Settings
from inference_policies.subjects import Subject
from inference_policies.verdict import verdict

S = TypeVar("S", bound=Settings)

#: One sentence for each violation. What the program leaves open, and the rule would have to know, is one too.
Violations = Iterator[str]


@dataclass(frozen=True)
class Rule(Generic[S]):
    """A rule about single resources. ``judge`` gets what the program has declared before, in the order of its needs."""

    name: str
    description: str
    settings: type[S]
    judge: Callable[[Subject, S, Declared], Violations]

    def violations(self, subject: Subject, configured: object, declared: Declared) -> Violations:
        """What it says of a resource, with the pack's configuration of it as Pulumi has it."""
        return verdict(self.name, self.settings, configured, lambda settings: self.judge(subject, settings, declared))
