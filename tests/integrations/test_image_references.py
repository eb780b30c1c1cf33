"""Image strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.errors import RegistryError
from inference_provider.integrations.image_reference import parse_reference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "host", "rest"),
    [
        ("nginx", "registry-1.docker.io", ("docker.io", "library/nginx", "latest", None)),
        ("nginx:1.27", "registry-1.docker.io", ("docker.io", "library/nginx", "1.27", None)),
        ("vllm/vllm-openai:v0.11", "registry-1.docker.io", ("docker.io", "vllm/vllm-openai", "v0.11", None)),
        ("docker.io/nginx", "registry-1.docker.io", ("docker.io", "library/nginx", "latest", None)),
        ("index.docker.io/a/b", "registry-1.docker.io", ("docker.io", "a/b", "latest", None)),
        ("ghcr.io/a/b/c:x", "ghcr.io", ("ghcr.io", "a/b/c", "x", None)),
        ("localhost/a", "localhost", ("localhost", "a", "latest", None)),
        ("127.0.0.1:5000/a:b", "127.0.0.1:5000", ("127.0.0.1:5000", "a", "b", None)),
        ("[::1]:5000/a:b", "[::1]:5000", ("[::1]:5000", "a", "b", None)),
        (f"nvcr.io/nim/llama@{DIGEST}", "nvcr.io", ("nvcr.io", "nim/llama", None, DIGEST)),
        (f"nvcr.io/nim/llama:1@{DIGEST}", "nvcr.io", ("nvcr.io", "nim/llama", "1", DIGEST)),
    ],
)
def test_an_image_string_is_taken_apart(image: str, host: str, rest: tuple[str, ...]) -> None:
    found = parse_reference(image)

    assert found.host == host
    assert (found.registry, found.repository, found.tag, found.digest) == rest


@pytest.mark.parametrize(
    ("image", "part"),
    [
        ("", "repository"),
        ("Nginx", "repository"),
        ("a/B", "repository"),
        ("ghcr.io/a b", "repository"),
        ("ghcr.io/a:", "tag"),
        ("ghcr.io/a:-x", "tag"),
        ("a@", "digest"),
        ("a@sha256:12", "digest"),
        ("https://ghcr.io/a", "registry"),
        ("-x.io/a", "registry"),
        ("ghcr.io/a\n", "repository"),
        ("ghcr.io/a:x\n", "tag"),
    ],
)
def test_a_malformed_image_string_is_refused_and_its_wrong_part_named(image: str, part: str) -> None:
    with pytest.raises(RegistryError, match=f"its {part} ") as caught:
        parse_reference(image)

    assert caught.value.message.startswith(f'"{image}" is not an image')


NAMES = st.sampled_from(["a", "a/b", "ghcr.io/a", "x.io:5000/a/b"])
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@given(NAMES, st.none() | TAGS)
def test_what_is_pinned_parses_again_to_the_same_place(name: str, tag: str | None) -> None:
    before = parse_reference(name if tag is None else f"{name}:{tag}")
    after = parse_reference(before.pinned(DIGEST))

    assert (after.registry, after.repository, after.digest) == (before.registry, before.repository, DIGEST)
    assert after.tag == tag
