"""The example of the plugin door with the generated Python SDK, run with the real CLI."""

from tests.examples.conftest import Begun


def test_a_version_whose_answers_are_too_slow_never_serves(begun: Begun) -> None:
    stack = begun("warm-up")
    stack.config("namespace", stack.namespace)
    stack.must_up("--skip-preview")
    assert stack.person("revision", "chat", "r1").has("warm-up", "50 requests, 0 failed")

    stack.config("model", "Qwen/Qwen3-32B-FP8")
    stack.config("max_p95_seconds", "0.05")
    failed = stack.up("--skip-preview")

    assert failed.code != 0
    assert failed.has("warm-up of r2", "95 % of its answers took up to 0.08 s", "r1 still serves")
    assert stack.outputs()["revision"] == "r1"
