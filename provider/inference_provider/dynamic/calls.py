"""What do the dynamic providers answer when Pulumi calls them? They call the resources, on one background loop.

Nothing is held here: what lives as long as the process is in ``process``.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    UpdateResult,
)
from pulumi.output import Unknown

from inference_provider.domain.provider_settings import ProviderSettings
from inference_provider.dynamic import process
from inference_provider.dynamic.failure import failure_of, silence_tracebacks, unexpected
from inference_provider.dynamic.wire import PREVIEWING
from inference_provider.errors import InferenceError
from inference_provider.resources import registry
from inference_provider.resources.world import Properties, World
from inference_provider.seam import inquiry
from inference_provider.seam.again import checked_again
from inference_provider.seam.unknowns import UNKNOWN

#: Pulumi's note of the class that it is to call; without it, which is how the plugin leaves a state, it cannot delete.
_SIGNATURE = "__provider"
T = TypeVar("T")


@dataclass(frozen=True)
class Calls:
    """The calls about resources of one kind: configuration, worlds, and errors as sentences."""

    kind: registry.Kind

    def configure(self, req: ConfigureRequest) -> None:
        """Read the stack's configuration; called once, inside of the provider process."""
        silence_tracebacks()
        said = {key: req.config.get(f"inference:{key}") for key in ProviderSettings.model_fields}
        try:
            process.configure({key: value for key, value in said.items() if value is not None})
        except InferenceError as error:
            raise failure_of(error) from None

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate what is known; say nothing about what is not known yet."""
        previewing = bool(news.pop(PREVIEWING, False))
        process.previewing(now=previewing)
        given = _plain(news)
        found = _call(given, lambda world: inquiry.checked(self.kind, world, _plain(_olds), given))
        process.ANSWERS.remember(_urn(given), found)
        return CheckResult(found.inputs, [CheckFailure(fault.path, fault.reason) for fault in found.faults])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare; in a preview, say what will roll."""
        olds = _plain(_olds)
        news = self._given(_news, olds)
        difference = _call(news, lambda world: inquiry.differing(self.kind, world, _id, olds, news))
        if process.is_previewing() and difference.changes:
            _call(news, lambda world: inquiry.foretell(self.kind, world, olds, news, difference))
        changes = difference.changes or _SIGNATURE not in _olds
        # Never deleted first: the other one has another name or namespace, so both can be there at once.
        return DiffResult(changes=changes, replaces=list(difference.replaces), delete_before_replace=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make it, and wait until it is as it should be."""
        given = self._given(props, {})
        identifier, outputs = _call(given, lambda world: self.kind.create(world, given))
        return CreateResult(identifier, dict(outputs))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at it."""
        outputs = _call(props, lambda world: self.kind.read(world, id_, _plain(props)))
        return ReadResult(id_, dict(outputs)) if outputs is not None else ReadResult(None, {})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring it to what is wanted."""
        olds = _plain(_olds)
        given = self._given(_news, olds)
        return UpdateResult(dict(_call(given, lambda world: self.kind.update(world, _id, given, olds))))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove it."""
        _call(_props, lambda world: self.kind.delete(world, _id, _plain(_props)))

    def _given(self, properties: dict[str, Any], olds: Properties) -> Properties:
        """Inputs; checked once more where a policy pack has changed them since check."""
        given = _plain(properties)
        if not process.ANSWERS.changed(_urn(given), given):
            return given
        return _call(given, lambda world: checked_again(self.kind, world, olds=olds, inputs=given))


_OF = {kind.name: Calls(kind) for kind in registry.KINDS.values()}


def calls_of(kind: str) -> Calls:
    """Those about resources of the kind of that name, such as ``Workload``."""
    return _OF[kind]


def _plain(properties: dict[str, Any]) -> Properties:
    """Properties without Pulumi's own, and with whatever is not known yet as the wire has it."""
    return {key: _as_sent(value) for key, value in properties.items() if not key.startswith("__")}


def _as_sent(value: object) -> object:
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: _as_sent(item) for key, item in value.items()}
    return [_as_sent(item) for item in value] if isinstance(value, list) else value


def _urn(properties: Mapping[str, object]) -> str:
    return str(properties.get("resourceUrn") or "")


def _call(properties: dict[str, Any], work: Callable[[World], Awaitable[T]]) -> T:
    """Do asynchronous work for one resource and wait for it. Raises InferenceFailure with one sentence."""
    urn = _urn(properties)
    reporter = process.reporter(urn)
    try:
        return process.run(work, reporter, urn)
    except InferenceError as error:
        raise failure_of(error) from None
    except Exception as error:  # noqa: BLE001  # the last place before the engine, which would show a traceback
        raise unexpected(error) from None
    finally:
        reporter.clear()
