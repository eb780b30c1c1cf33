"""The root's project, as its first user runs it."""

from tests.e2e.stack import Stack


def test_the_quickstart_comes_up_and_rolls_from_the_root(quickstart: Stack) -> None:
    quickstart.config("image", f"vllm/vllm-openai@sha256:{'d' * 64}")
    quickstart.must_up("--skip-preview")
    before = quickstart.outputs()
    quickstart.config("model", "Qwen/Qwen3-8B")
    assert quickstart.must_up().has("rolls from r1", "needs 4 × NVIDIA-H100-80GB-HBM3 (2 pods × 2)")
    after = quickstart.outputs()
    assert (before["revision"], after["revision"]) == ("r1", "r2")
    assert before["endpoint"] == after["endpoint"]
    assert quickstart.preview("--expect-no-changes").code == 0
    gone = quickstart.run("destroy", "--yes")
    assert gone.code == 0, gone.text
