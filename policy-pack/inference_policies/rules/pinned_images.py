"""Which images may run? Of allowed registries, and named by their digest, which nobody can move."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Artifact, Replacement, Subject, Workload
from inference_provider.errors import RegistryError
from inference_provider.integrations.image_reference import ImageReference, parse_reference


class PinnedImages(Settings):
    """What is asked of images."""

    registries: Annotated[
        tuple[str, ...],
        Field(
            description="Where images may come from: registry.example.com, or a part of it, "
            "docker.io/vllm. Default: anywhere."
        ),
    ] = ()
    digests: Annotated[
        Literal["written", "resolved", "any"],
        Field(
            description="written: the program names the digest. resolved: it may name a tag, which the registry has "
            "told the provider the digest of. any: a tag will do."
        ),
    ] = "written"


def judge(subject: Subject, settings: PinnedImages, declared: Declared) -> Violations:
    """One sentence for each image that is not as it should be."""
    del declared
    for path, image, told in _images(subject):
        try:
            reference = parse_reference(image)
        except RegistryError as error:
            yield f"{path}: {error}"
            continue
        if not _pinned(reference, settings, told):
            yield f"{path}: {image} is named by a tag, which can be moved; write {image}@sha256:…"
        if settings.registries and not _from(reference, settings.registries):
            yield (
                f"{path}: {image} is of {reference.registry}/{reference.repository}; images may come from "
                + (", ".join(settings.registries))
            )


def _images(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Where an image is written, which, and what the registry has said that it is."""
    if isinstance(subject, Artifact):
        yield from _run_by(subject, "")
    if isinstance(subject, Workload) and subject.artifact is not None:
        yield from _run_by(subject.artifact, "artifact.")
    if isinstance(subject, Workload | Replacement) and subject.taking_over is not None:
        warmup = subject.taking_over.warmup
        if warmup is not None and warmup.image is not None:
            yield f"{'replacement.' if isinstance(subject, Workload) else ''}warmup.image", warmup.image, ""


def _run_by(artifact: Artifact, prefix: str) -> Iterator[tuple[str, str, str]]:
    return ((f"{prefix}{path}", image, artifact.resolved.get(image, "")) for path, image in artifact.images())


def _pinned(reference: ImageReference, settings: PinnedImages, told: str) -> bool:
    resolved = settings.digests == "resolved" and "@sha256:" in told
    return settings.digests == "any" or reference.digest is not None or resolved


def _from(reference: ImageReference, registries: Collection[str]) -> bool:
    whole = f"{reference.registry}/{reference.repository}/"
    return any(whole.startswith(f"{each.rstrip('/')}/") for each in registries)


RULE = Rule("pinned-images", "Images are named by digest, and come from allowed registries.", PinnedImages, judge)
