"""What an image string means: registry, repository, tag, digest, with the defaults that everybody assumes."""

import re
from dataclasses import dataclass

from inference_provider.errors import RegistryError

#: Where names without a host live, and the host that answers for it.
DOCKER_HUB, _DOCKER_HUB_API = "docker.io", "registry-1.docker.io"

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]+)?")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image string taken apart; ``written`` is the string itself. ``tag`` is None only beside a digest."""

    written: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def host(self) -> str:
        """The host (and port) to talk to."""
        return _DOCKER_HUB_API if self.registry == DOCKER_HUB else self.registry

    def pinned(self, digest: str) -> str:
        """The string as written, plus the digest: ``vllm/vllm-openai:v0.11@sha256:…``.

        Kubernetes takes this form and pulls by digest alone; the tag stays for people to read. (CRI-O drops the
        tag itself; 1.31.0 did not, see cri-o issue 8603.) Nothing is filled in (no ``docker.io/library/``), so that
        what a mirror or an admission policy matches on stays what it was.
        """
        return f"{self.written}@{digest}"


def parse_reference(image: str) -> ImageReference:
    """Take an image string apart: ``[host[:port]/]repository[:tag][@digest]``.

    Without a host it is Docker Hub's, there without a slash in ``library/``; without tag and digest it is
    ``latest``. Raises RegistryError when it is no image string.
    """
    name, at, digest = image.partition("@")
    host, repository = _split_host(name)
    repository, colon, tag = repository.partition(":")
    if host == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    _check(image, "registry", host, pattern=_HOST)
    _check(image, "repository", repository, pattern=_REPOSITORY)
    if colon:
        _check(image, "tag", tag, pattern=_TAG)
    if at:
        _check(image, "digest", digest, pattern=_DIGEST)
    default = None if at else "latest"
    return ImageReference(image, host, repository, tag if colon else default, digest if at else None)


def is_digest(text: str) -> bool:
    """Whether the text is a digest that an image can be pinned to."""
    return _DIGEST.fullmatch(text) is not None


def _split_host(name: str) -> tuple[str, str]:
    # The first part is a host when it could not be a folder on Docker Hub: the rule that every client follows.
    first, slash, rest = name.partition("/")
    if not slash or not (set(".:[") & set(first) or first == "localhost" or first != first.lower()):
        return DOCKER_HUB, name
    return (DOCKER_HUB if first == "index.docker.io" else first), rest


def _check(image: str, what: str, text: str, *, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(text):
        raise RegistryError(
            f'"{image}" is not an image: its {what} "{text}" is malformed. '
            "Write host/repository:tag or host/repository@sha256:<64 hex digits>"
        )
