"""The dynamic providers: Pulumi calls them, they call the resources, on one background loop.

Their classes live in this installed package, so Pulumi pickles a reference to them and not their code. Instances
hold nothing: what lives as long as the process is in ``process``.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from inference_provider.dynamic import process
from inference_provider.dynamic.failure import failure_of, silence_tracebacks, unexpected
from inference_provider.errors import InferenceError
from inference_provider.resources import artifact, preview, replacement, replacement_plan, workload
from inference_provider.resources.world import Checked, Difference, Properties, World
from inference_provider.seam.unknowns import as_before, concerns_unknown, with_unknowns, without_unknowns

#: Inputs that only this door knows; they are not part of the resource.
PREVIEWING = "previewing"
T = TypeVar("T")


class _Provider(ResourceProvider):
    """What both providers share: configuration, worlds, and errors as sentences."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's configuration; called once, inside of the provider process."""
        silence_tracebacks()
        process.configure({key: req.config.get(f"inference:{key}") for key in ("kubeconfig", "context", "namespace")})

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate what is known; say nothing about what is not known yet."""
        previewing = bool(news.pop(PREVIEWING, False))
        process.previewing(now=previewing)
        given = _plain(news)
        known, unknown = without_unknowns(given)
        checked = _call(given, lambda world: self._checked(world, _plain(_olds), known, unknown))
        failures = [
            CheckFailure(fault.path, fault.reason) for fault in checked.faults if not concerns_unknown(fault, unknown)
        ]
        return CheckResult(with_unknowns(checked.inputs, given, unknown), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare; in a preview, say what will roll."""
        olds, news = _plain(_olds), _plain(_news)
        _, unknown = without_unknowns(news)
        assumed = as_before(news, olds)
        found = _call(news, lambda world: self._found(world, _id, olds))
        difference = self._difference(olds, assumed).and_perhaps(unknown).and_found(found)
        if process.is_previewing() and difference.changes:
            _call(news, lambda world: self._foretell(world, olds, assumed, difference))
        # Never deleted first: the other one has another name or namespace, so both can be there at once.
        return DiffResult(changes=difference.changes, replaces=list(difference.replaces), delete_before_replace=False)

    async def _checked(self, world: World, olds: Properties, news: Properties, unknown: tuple[str, ...]) -> Checked:
        raise NotImplementedError

    def _difference(self, olds: Properties, news: Properties) -> Difference:
        raise NotImplementedError

    async def _found(self, _world: World, _id: str, _olds: Properties) -> tuple[str, ...]:
        """What is not in order in the cluster, though nothing changed."""
        return ()

    async def _foretell(self, world: World, olds: Properties, news: Properties, difference: Difference) -> None:
        """Nothing to foretell."""


class ArtifactProvider(_Provider):
    """Artifacts through the dynamic door."""

    async def _checked(self, world: World, olds: Properties, news: Properties, unknown: tuple[str, ...]) -> Checked:
        return await artifact.check(world, olds, news, unknown=unknown)

    def _difference(self, olds: Properties, news: Properties) -> Difference:
        return artifact.diff(olds, news)

    async def _found(self, world: World, id_: str, olds: Properties) -> tuple[str, ...]:
        return await artifact.found(world, id_, olds)

    async def _foretell(self, world: World, _olds: Properties, news: Properties, difference: Difference) -> None:
        if difference.found and not difference.replaces:
            place = f"{news.get('namespace') or world.namespace}/{news.get('name')}"
            world.report.info(f"Artifact {place} is put right: {'; '.join(difference.found)}")

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make an Artifact."""
        identifier, outputs = _call(props, lambda world: artifact.create(world, _plain(props)))
        return CreateResult(identifier, dict(outputs))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at an Artifact."""
        outputs = _call(props, lambda world: artifact.read(world, id_, _plain(props)))
        return ReadResult(id_, dict(outputs)) if outputs is not None else ReadResult(None, {})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Change an Artifact."""
        return UpdateResult(dict(_call(_news, lambda world: artifact.update(world, _id, _plain(_news)))))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove an Artifact."""
        _call(_props, lambda world: artifact.delete(world, _id, _plain(_props)))


class WorkloadProvider(_Provider):
    """Workloads through the dynamic door."""

    async def _checked(self, world: World, olds: Properties, news: Properties, unknown: tuple[str, ...]) -> Checked:
        return await workload.check(world, olds, news, unknown=unknown)

    def _difference(self, olds: Properties, news: Properties) -> Difference:
        return workload.diff(olds, news)

    async def _found(self, world: World, id_: str, olds: Properties) -> tuple[str, ...]:
        return await workload.found(world, id_, olds)

    async def _foretell(self, world: World, olds: Properties, news: Properties, difference: Difference) -> None:
        line = await preview.plan_line(world, olds, news, difference)
        if line:
            world.report.info(line)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make a Workload and wait until it serves."""
        identifier, outputs = _call(props, lambda world: workload.create(world, _plain(props)))
        return CreateResult(identifier, dict(outputs))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at a Workload."""
        outputs = _call(props, lambda world: workload.read(world, id_, _plain(props)))
        return ReadResult(id_, dict(outputs)) if outputs is not None else ReadResult(None, {})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring a Workload to what is wanted, rolling if it must."""
        return UpdateResult(dict(_call(_news, lambda world: workload.update(world, _id, _plain(_news), _plain(_olds)))))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove a Workload."""
        _call(_props, lambda world: workload.delete(world, _id, _plain(_props)))


class ReplacementProvider(_Provider):
    """Replacements through the dynamic door."""

    async def _checked(self, world: World, olds: Properties, news: Properties, unknown: tuple[str, ...]) -> Checked:
        return await replacement.check(world, olds, news, unknown=unknown)

    def _difference(self, olds: Properties, news: Properties) -> Difference:
        return replacement.diff(olds, news)

    async def _found(self, world: World, id_: str, olds: Properties) -> tuple[str, ...]:
        return await replacement.found(world, id_, olds)

    async def _foretell(self, world: World, olds: Properties, news: Properties, difference: Difference) -> None:
        line = await replacement_plan.plan_line(world, olds, news, difference)
        if line:
            world.report.info(line)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Replace, and wait until the new version serves or is staged."""
        identifier, outputs = _call(props, lambda world: replacement.create(world, _plain(props)))
        return CreateResult(identifier, dict(outputs))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at a Replacement."""
        outputs = _call(props, lambda world: replacement.read(world, id_, _plain(props)))
        return ReadResult(id_, dict(outputs)) if outputs is not None else ReadResult(None, {})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Another version, or another word about the one that waits."""
        return UpdateResult(
            dict(_call(_news, lambda world: replacement.update(world, _id, _plain(_news), _plain(_olds))))
        )

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Call it off while it is in progress."""
        _call(_props, lambda world: replacement.delete(world, _id, _plain(_props)))


def _plain(properties: dict[str, Any]) -> Properties:
    """Properties without Pulumi's own."""
    return {key: value for key, value in properties.items() if not key.startswith("__")}


def _call(properties: dict[str, Any], work: Callable[[World], Awaitable[T]]) -> T:
    """Do asynchronous work for one resource and wait for it. Raises InferenceFailure with one sentence."""
    urn = str(properties.get("resourceUrn") or "")
    reporter = process.reporter(urn)
    try:
        return process.run(work, reporter, urn)
    except InferenceError as error:
        raise failure_of(error) from None
    except Exception as error:  # noqa: BLE001  # the last place before the engine, which would show a traceback
        raise unexpected(error) from None
    finally:
        reporter.clear()
