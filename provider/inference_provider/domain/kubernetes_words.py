"""Which texts Kubernetes takes where: asked here, so that they are refused before anything is touched."""

import re

_WORD = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_DNS_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})*")
_LABEL_VALUE = re.compile(_WORD)
_SECRET_KEY = re.compile(r"[-._A-Za-z0-9]{1,253}")
_HEADER = re.compile(r"[-A-Za-z0-9]+")
_HOST = r"([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:[0-9]+)?"
_PART = r"[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*"
_IMAGE = re.compile(rf"({_HOST}/)?{_PART}(/{_PART})*(:[A-Za-z0-9_][-A-Za-z0-9_.]{{0,127}})?(@[a-z0-9]+:[0-9a-f]+)?")


def is_label_value(text: str) -> bool:
    """Whether a label can have this value."""
    return len(text) <= 63 and _LABEL_VALUE.fullmatch(text) is not None


def check_label_value(text: str) -> str:
    """Return ``text`` when a label can have this value, else raise ValueError."""
    if not is_label_value(text):
        raise ValueError(
            f"{text!r} cannot be a node label's value: use letters, digits, `-`, `_` and `.`, at most 63, and no "
            "spaces, as in NVIDIA-H100-80GB-HBM3 (kubectl get nodes -L nvidia.com/gpu.product)"
        )
    return text


def check_annotation_key(text: str) -> str:
    """Return ``text`` when an annotation can have this key (``name`` or ``domain/name``), else raise ValueError."""
    prefix, slash, name = text.rpartition("/")
    named = len(name) <= 63 and _LABEL_VALUE.fullmatch(name)
    if not named or (slash and (len(prefix) > 253 or not _SUBDOMAIN.fullmatch(prefix))):
        raise ValueError(f"{text!r} cannot be an annotation's key: write `name` or `example.com/name`")
    return text


def check_secret_name(text: str) -> str:
    """Return ``text`` when a Secret can have this name, else raise ValueError."""
    if len(text) > 253 or not _SUBDOMAIN.fullmatch(text):
        raise ValueError(f"{text!r} cannot be a Secret's name: use lower-case letters, digits, `-` and `.`")
    return text


def check_secret_key(text: str) -> str:
    """Return ``text`` when a Secret can have this key, else raise ValueError."""
    if not _SECRET_KEY.fullmatch(text):
        raise ValueError(f"{text!r} cannot be a key of a Secret: use letters, digits, `-`, `_` and `.`")
    return text


def check_header_name(text: str) -> str:
    """Return ``text`` when a probe can send a header of this name, else raise ValueError."""
    if not _HEADER.fullmatch(text):
        raise ValueError(f"{text!r} cannot be a header's name: use letters, digits and `-`")
    return text


def check_url_path(text: str) -> str:
    """Return ``text`` when a probe can ask for this path, else raise ValueError."""
    if not text.startswith("/"):
        raise ValueError("must start with `/`, as in /health")
    return text


def check_image(text: str) -> str:
    """Return ``text`` when it can name an image, else raise ValueError."""
    if not _IMAGE.fullmatch(text):
        raise ValueError(
            f"{text!r} cannot name an image: write registry/repository:tag or …@sha256:…, the repository in lower "
            "case and nothing with spaces"
        )
    return text
