"""The dynamic providers, which a program hands to Pulumi and Pulumi calls; what they answer is in ``calls``.

Their classes live in this installed package, so Pulumi pickles a reference to them and not their code. Instances
hold nothing.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

if TYPE_CHECKING:
    from inference_provider.dynamic.calls import Calls


class _Provider(ResourceProvider):
    """What all providers share: nothing but the way to what is called."""

    serialize_as_secret_always = False
    kind: ClassVar[str]

    @property
    def _calls(self) -> "Calls":
        # Here, not above: users' programs import this module too, and would wait as long again as for Pulumi's SDK
        # until everything is imported that only the process of the provider needs.
        from inference_provider.dynamic.calls import calls_of  # noqa: PLC0415

        return calls_of(self.kind)

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's configuration; called once, inside of the provider process."""
        self._calls.configure(req)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate what is known; say nothing about what is not known yet."""
        return self._calls.check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare; in a preview, say what will roll."""
        return self._calls.diff(_id, _olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make it, and wait until it is as it should be."""
        return self._calls.create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at it."""
        return self._calls.read(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring it to what is wanted."""
        return self._calls.update(_id, _olds, _news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove it."""
        self._calls.delete(_id, _props)


class ArtifactProvider(_Provider):
    """Artifacts through the dynamic door."""

    kind = "Artifact"


class WorkloadProvider(_Provider):
    """Workloads through the dynamic door."""

    kind = "Workload"


class ReplacementProvider(_Provider):
    """Replacements through the dynamic door."""

    kind = "Replacement"


class PolicyProvider(_Provider):
    """Policies through the dynamic door."""

    kind = "Policy"
