"""The provider's own configuration, as both doors read it: what is wrong with it, and what it comes to."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from pydantic import ValidationError

from inference_provider.domain.faults import faults_of
from inference_provider.domain.provider_settings import ENVIRONMENT, ProviderSettings, RegistrySettings
from inference_provider.errors import Fault, InputError
from inference_provider.integrations.registry_place import authority
from inference_provider.seam.unknowns import concerns_unknown, without_unknowns

KEYS = tuple(ProviderSettings.model_fields)
#: How much alike two words are when one is taken for a slip of the other.
_ALIKE = 0.7


@dataclass(frozen=True)
class Settings:
    """Which cluster, which namespace where a program names none, and registries that are special.

    None means: as kubectl would choose. ``kubeconfig`` is a path or the content itself.
    """

    kubeconfig: str | None = field(default=None, repr=False)  # its content may hold credentials
    context: str | None = None
    namespace: str = "default"
    known: bool = True  # a preview may not know yet which cluster there will be
    registries: tuple[RegistrySettings, ...] = field(default=(), repr=False)


def faults(config: Mapping[str, object]) -> Iterator[Fault]:
    """What cannot be accepted. A key that is like none of ours is let be: a project may be called ``inference`` too."""
    yield from _misspelt(config)
    known, unknown = without_unknowns(_read(config))
    try:
        settings = ProviderSettings.model_validate(known)
    except ValidationError as error:
        yield from (each for each in faults_of(error) if not concerns_unknown(each, unknown))
        return
    for index, registry in enumerate(settings.registries):
        try:
            authority(registry.ca_certificate)
        except ValueError as error:
            yield Fault(f"registries[{index}].caCertificate", str(error))


def settings_from(
    config: Mapping[str, object], *, known: bool = True, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Settings from the stack's configuration (``inference:kubeconfig`` and the others), else from the environment.

    ``known``: whether what decides which cluster is meant is known by now. Raises InputError.
    """
    found = list(faults(config))
    if found:
        raise InputError([Fault(f"inference:{each.path}", each.reason) for each in found])
    said = ProviderSettings.model_validate(_read(config))
    return Settings(
        kubeconfig=said.kubeconfig,
        context=said.context or context_in(environ),
        namespace=said.namespace or environ.get(ENVIRONMENT["namespace"]) or "default",
        known=known,
        registries=said.registries,
    )


def context_in(environ: Mapping[str, str]) -> str | None:
    """The context that the environment names."""
    return environ.get(ENVIRONMENT["context"]) or None


def _read(config: Mapping[str, object]) -> dict[str, object]:
    """Our settings alone. What is more than text travels as JSON, in a stack's configuration and from SDKs."""
    return {key: _decoded(config[key]) if key == "registries" else config[key] for key in KEYS if key in config}


def _decoded(value: object) -> object:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value  # text that is no JSON, or not known yet: refused, or let pass, where it is validated
    return value


def _misspelt(config: Mapping[str, object]) -> Iterator[Fault]:
    meant = {each.lower(): each for each in KEYS}
    for key in config:
        close = get_close_matches(key.lower(), list(meant), n=1, cutoff=_ALIKE)
        if key not in KEYS and close:
            yield Fault(key, f"there is no such setting; did you mean `{meant[close[0]]}`?")
