"""What the stack's configuration becomes."""

from inference_provider.seam.wiring import settings_from


def test_a_kubeconfig_with_credentials_is_not_in_the_settings_text() -> None:
    settings = settings_from({"kubeconfig": "users: [{token: hunter2}]", "namespace": "team"})

    assert settings.kubeconfig == "users: [{token: hunter2}]"
    assert "hunter2" not in repr(settings)
