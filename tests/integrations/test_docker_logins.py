"""What ``docker login`` left behind."""

import base64
import json
from pathlib import Path

import pytest

from inference_provider.integrations.docker_config import Login, parse_docker_config, read_docker_config


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_logins_are_found_by_the_registry_s_plain_name() -> None:
    config = parse_docker_config(
        {
            "auths": {
                "https://index.docker.io/v1/": {"auth": packed("ann:se:cret")},
                "https://ghcr.io": {"username": "bob", "password": "hidden"},
                "nvcr.io": {"auth": packed("$oauthtoken:key")},
                "azure.example": {"auth": packed("0000:"), "identitytoken": "refresh"},
                "empty.example": {},
            }
        },
        source="config.json",
    )

    assert config.login("docker.io") == Login("ann", "se:cret")
    assert config.login("ghcr.io") == Login("bob", "hidden")
    assert config.login("nvcr.io") == Login("$oauthtoken", "key")
    assert config.login("azure.example") == Login("0000", "", "refresh")
    assert config.login("empty.example") is None
    assert config.hint("empty.example") == ""


def test_a_login_never_prints_itself() -> None:
    login = Login("ann", "s3cret", "t0ken")

    for hidden in ("ann", "s3cret", "t0ken", packed("ann:s3cret")):
        assert hidden not in repr(login)


@pytest.mark.parametrize("content", [{"credsStore": "desktop"}, {"credHelpers": {"ghcr.io": "desktop"}}])
def test_a_credential_helper_is_named_where_it_would_have_been_needed(content: dict[str, object]) -> None:
    config = parse_docker_config(content, source="config.json")

    assert "docker-credential-desktop, which is not supported" in config.hint("ghcr.io")


def test_a_broken_entry_is_told_without_its_content() -> None:
    config = parse_docker_config({"auths": {"ghcr.io": {"auth": "not*base64"}}}, source="config.json")

    assert config.login("ghcr.io") is None
    assert config.hint("ghcr.io") == "The entry for ghcr.io in config.json is not base64 of user:password"


def test_the_file_is_looked_for_in_docker_config_and_then_at_home(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    content = json.dumps({"auths": {"ghcr.io": {"auth": packed("ann:x")}}})
    (tmp_path / ".docker" / "config.json").write_text(content)

    assert read_docker_config({"HOME": str(tmp_path)}).login("ghcr.io") == Login("ann", "x")
    assert read_docker_config({"DOCKER_CONFIG": str(tmp_path / ".docker")}).login("ghcr.io") == Login("ann", "x")
    assert read_docker_config({"DOCKER_CONFIG": str(tmp_path)}).logins == {}


@pytest.mark.parametrize("text", ["{", "\xff", "[]"])
def test_a_broken_file_does_not_stop_public_images(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text, encoding="latin-1")

    assert read_docker_config({"DOCKER_CONFIG": str(tmp_path)}).logins == {}
