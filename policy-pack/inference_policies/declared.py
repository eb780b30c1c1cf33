"""What has the program declared so far? What a Workload needs is always declared, and so shown to the pack, before it.

A resource knows others by id only; whether an Artifact is locked, a Workload in production, or what a Policy allows, is
said there.
"""

from collections.abc import Mapping

from inference_policies.subjects import Artifact, Policy, Replacement, Subject, Workload
from inference_provider.domain.reference import VersionId


class Declared:
    """The Artifacts, Workloads and Policies of this run, by what others call them."""

    def __init__(self) -> None:
        self._artifacts: dict[str, Artifact] = {}
        self._workloads: dict[str, Workload] = {}
        self._policies: dict[str, Policy] = {}

    def remember(self, subject: Subject) -> None:
        """It is shown to the pack now; seen again, it counts as it is shown last."""
        match subject:
            case Artifact():
                self._artifacts[subject.id] = subject
            case Workload():
                self._workloads[subject.id] = subject
            case Policy():
                self._policies[subject.id] = subject
            case Replacement():
                pass

    def artifact_of(self, subject: Workload | Replacement) -> Artifact | None:
        """What runs, or will; None where it is not of this program, nor the version that this program declares."""
        inline = subject.artifact if isinstance(subject, Workload) else None
        return inline if inline is not None else self._artifact(subject.version)

    def _artifact(self, version: str | None) -> Artifact | None:
        try:
            named = VersionId.parse(version or "")
        except ValueError:  # a version that nobody knows yet, or of a text that the provider refuses
            return None
        found = self._artifacts.get(f"{named.namespace}/{named.name}")
        return found if found is not None and found.version in (None, version) else None

    def workload_of(self, subject: Workload | Replacement) -> Workload | None:
        """The Workload itself, or the one that is driven; None where that is not of this program."""
        return subject if isinstance(subject, Workload) else self._workloads.get(subject.workload or "")

    @property
    def policies(self) -> Mapping[str, Policy]:
        """The Policies, by their ids."""
        return self._policies
