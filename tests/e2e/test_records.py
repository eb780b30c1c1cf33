"""What a stack leaves on record, with the real CLI: the commit of its folder, and a history that outlives it."""

import json
import shutil
import subprocess

from inference_provider.seam.facts import COMMIT_VARIABLES
from tests.e2e.programs import artifact, workload
from tests.e2e.stack import Stack


def committed(stack: Stack) -> str:
    """The program's folder becomes a git repository; its commit."""
    git = shutil.which("git")
    assert git is not None
    (stack.folder / ".gitignore").write_text("*\n!__main__.py\n")
    named = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*named, "commit", "-qm", "first")):
        subprocess.run((git, "-C", str(stack.folder), *words), check=True)
    asked = (git, "-C", str(stack.folder), "rev-parse", "HEAD")
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def test_the_history_names_the_commit_and_outlives_the_stack(stack: Stack) -> None:
    no_ci = dict.fromkeys(COMMIT_VARIABLES, "")
    stack = Stack(stack.folder, stack.parts, stack.kubeconfig, stack.namespace, no_ci)
    commit = committed(stack)
    stack.declare(artifact=artifact(), workload=workload(gpu=0, retain_history=True))
    stack.must_up("--skip-preview")

    assert stack.destroy().code == 0

    [past] = json.loads(stack.person("history", "chat", "--deleted", "--json").text)
    assert (past["revision"], past["kind"], past["outcome"], past["commit"]) == ("r1", "create", "completed", commit)
    assert past["deletedAt"]
