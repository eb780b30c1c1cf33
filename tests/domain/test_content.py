"""What a version is made of, and that its hash stays what it is."""

from hypothesis import given
from hypothesis import strategies as st

from inference_provider.domain.artifact import ArtifactSpec
from inference_provider.domain.canonical import canonical_json, digest12
from inference_provider.domain.content import content_hash, content_of, spec_of
from tests.domain.programs import server, sidecar, spec

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)

#: Of two different sets of secret variables.
DIGESTS = ("0123", "4567")


def version(*containers: dict[str, object], secret: str | None = None, **images: str) -> str:
    parsed = ArtifactSpec.model_validate(spec(*containers))
    return content_hash(content_of("service", parsed, images=images, secret_digest=secret))


def backwards(value: object) -> object:
    """The same value with the keys of every map in the opposite order."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


@given(JSON)
def test_the_order_of_keys_changes_no_hash(value: object) -> None:
    assert digest12(backwards(value)) == digest12(value)


@given(st.integers(-(2**50), 2**50))
def test_a_whole_double_is_the_integer(value: int) -> None:
    assert canonical_json({"a": [float(value)]}) == canonical_json({"a": [value]}) == f'{{"a":[{value}]}}'


def test_the_order_in_which_a_spec_is_written_changes_no_version() -> None:
    written = spec(
        server(env=[{"name": "A", "value": ""}], startupProbe={"path": "/health", "httpHeaders": {"a": "1", "b": "2"}})
    )
    other = backwards(written)
    one, two = (content_of("service", ArtifactSpec.model_validate(each), images={}) for each in (written, other))
    assert content_hash(one) == content_hash(two)


def test_writing_out_the_defaults_changes_no_version() -> None:
    probe = {
        "path": "/health",
        "port": 8000,
        "scheme": "HTTP",
        "initialDelaySeconds": 30.0,
        "failureThreshold": 3,
        "httpHeaders": {},
    }
    explicit = server(
        args=[], env=[], startupProbe=probe, description="for people", securityContext={"capabilities": {"add": []}}
    )
    assert version(explicit) == version(server(startupProbe={"path": "/health"}))


def test_a_probe_of_a_container_without_a_port_asks_8080() -> None:
    assert version(server(), sidecar(livenessProbe={"path": "/"})) == version(
        server(), sidecar(livenessProbe={"path": "/", "port": 8080})
    )


def test_what_the_pods_would_notice_changes_the_version() -> None:
    a, b = {"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}
    versions = [
        version(),
        version(server(image="vllm/vllm-openai:v0.10")),
        version(server(port=9000)),
        version(server(args=["--model", "llama"])),
        version(server(env=[a, b])),
        version(server(env=[b, a])),
        version(server(env=[{"name": "A", "value": ""}])),
        version(server(), sidecar()),
        version(secret=DIGESTS[0]),
        version(secret=DIGESTS[1]),
    ]
    assert len(set(versions)) == len(versions)


def test_images_are_held_as_what_they_were_pinned_to() -> None:
    parsed = ArtifactSpec.model_validate(spec(server(image="a:1"), sidecar(image="b:1")))
    content = content_of("nim", parsed, images={"a:1": "a@sha256:00"})
    assert [container.image for container in spec_of(content).container_groups[0].containers] == ["a@sha256:00", "b:1"]
    assert content["type"] == "nim"


def test_a_stored_content_is_read_back_as_the_same_content() -> None:
    parsed = ArtifactSpec.model_validate(spec(server(description="for people", startupProbe={"path": "/health"})))
    content = content_of("service", parsed, images={}, secret_digest=DIGESTS[0])
    again = content_of("service", spec_of(content), images={}, secret_digest=DIGESTS[0])
    assert again == content


def test_releases_of_this_provider_keep_the_hashes_of_what_exists() -> None:
    # When this fails, every Workload of every user would roll with the upgrade.
    assert version(server(startupProbe={"path": "/health"})) == "127c32de0449"
