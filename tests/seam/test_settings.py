"""What the stack's configuration becomes, at both doors."""

import json
from pathlib import Path

import pytest

from inference_provider.errors import InputError
from inference_provider.seam.configuration import faults, settings_from
from inference_provider.seam.unknowns import UNKNOWN

ALONE: dict[str, str] = {}


def wrong(**config: object) -> dict[str, str]:
    return {each.path: each.reason for each in faults(config)}


def test_a_kubeconfig_with_credentials_is_not_in_the_settings_text() -> None:
    registry = {"address": "ghcr.io", "username": "me", "password": "swordfish"}
    settings = settings_from({"kubeconfig": "users: [{token: hunter2}]", "namespace": "team", "registries": [registry]})

    assert settings.kubeconfig == "users: [{token: hunter2}]"
    assert "hunter2" not in repr(settings)
    assert "swordfish" not in repr(settings)
    assert "swordfish" not in repr(settings.registries)


def test_what_is_left_out_comes_from_the_environment_and_then_from_nowhere() -> None:
    environ = {"PULUMI_INFERENCE_CONTEXT": "here", "PULUMI_INFERENCE_NAMESPACE": "team"}

    nothing = settings_from({"context": None}, environ=ALONE)
    theirs = settings_from({}, environ=environ)
    said = settings_from({"context": "there", "namespace": "models"}, environ=environ)

    assert (nothing.kubeconfig, nothing.context, nothing.namespace) == (None, None, "default")
    assert (theirs.context, theirs.namespace) == ("here", "team")
    assert (said.context, said.namespace) == ("there", "models")


def test_a_kubeconfig_that_turned_out_empty_means_no_other_cluster() -> None:
    with pytest.raises(InputError, match="inference:kubeconfig: is empty"):
        settings_from({"kubeconfig": ""}, environ=ALONE)
    assert set(wrong(kubeconfig=" \n", context="")) == {"kubeconfig", "context"}


def test_registries_are_read_as_a_stack_or_an_sdk_sends_them() -> None:
    said = [{"address": "registry.example:5000", "plainHttp": True, "timeoutSeconds": 30}]

    written, plain = (settings_from({"registries": each}).registries for each in (json.dumps(said), said))

    assert written == plain
    assert (plain[0].address, plain[0].plain_http, plain[0].timeout_seconds) == ("registry.example:5000", True, 30.0)


@pytest.mark.parametrize(
    ("registry", "where", "why"),
    [
        ({}, "address", "required"),
        ({"address": "https://ghcr.io/team"}, "address", "as image names begin"),
        ({"address": "ghcr.io", "username": "me"}, "password", "make a login together"),
        ({"address": "ghcr.io", "plainHttp": "yes"}, "plainHttp", "true or false"),
        ({"address": "ghcr.io", "timeoutSeconds": 0}, "timeoutSeconds", "more than 0"),
        ({"address": "a", "plainHttp": True, "caCertificate": "/ca"}, "caCertificate", "leave one of the two out"),
        ({"address": "a", "caCertificate": "/nowhere/ca.pem"}, "caCertificate", "/nowhere/ca.pem"),
        ({"address": "a", "caCertificate": "-----BEGIN CERTIFICATE-----\n?"}, "caCertificate", "the given text"),
        ({"address": "a", "caCertifcate": "/ca"}, "caCertifcate", "did you mean"),
    ],
)
def test_what_cannot_be_a_registry_is_refused_where_it_stands(
    registry: dict[str, object], where: str, why: str
) -> None:
    found = wrong(registries=json.dumps([registry]))

    assert list(found) == [f"registries[0].{where}"]
    assert why in found[f"registries[0].{where}"]


def test_a_registry_given_twice_and_text_that_is_no_list_are_refused() -> None:
    twice = [{"address": "ghcr.io"}, {"address": "ghcr.io"}]

    assert "twice" in wrong(registries=twice)["registries[1].address"]
    assert wrong(registries="ghcr.io") == {"registries": "must be a list"}


def test_nothing_is_said_of_what_is_not_known_yet() -> None:
    half = [{"address": "ghcr.io", "username": "me", "password": UNKNOWN}]

    assert not wrong(registries=UNKNOWN, kubeconfig=UNKNOWN)
    assert not wrong(registries=half)


def test_a_certificate_s_file_is_read_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_text("nothing")

    found = wrong(registries=[{"address": "a", "caCertificate": "~/ca.pem"}])

    assert "no certificate" in found["registries[0].caCertificate"].lower(), found
