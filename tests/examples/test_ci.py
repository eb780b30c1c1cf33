"""The pipeline of examples/ci: once for real, and what it decides on an update that is only told to it."""

import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.stack import ROOT
from tests.examples.conftest import Begun

OLD, NEW = "Qwen/Qwen3-32B", "Qwen/Qwen3-32B-FP8"
YES, NO = (f"{sys.executable} -c 'raise SystemExit({code})'" for code in (0, 1))


def test_a_release_is_staged_checked_promoted_and_taken_back_when_it_disappoints(begun: Begun) -> None:
    stack = begun("ci")
    space = f"{stack.namespace}.svc.cluster.local"

    stack.config("model", OLD)
    stack.must_up("--skip-preview")

    released = stack.python("deliver.py", "dev", NEW, "--check", YES, "--watch", NO)
    assert released.code == 1, released.text
    said = [line.partition(" s  ")[2] for line in released.lines]
    steps = [next(at for at, line in enumerate(said) if line.startswith(begin)) for begin in (
        f"Workload {stack.namespace}/chat rolls from r1",
        "staged: r2 is ready and gets no traffic; r1 serves",
        f"`{YES}` on r2 at http://chat-r2.{space}: passed",
        f"released: r2 serves {NEW} at http://chat.{space}",
        f"`{NO}` on r2 at http://chat.{space}: exit code 1",
        f"taken back: r1 serves {OLD} again",
    )]  # fmt: skip
    assert steps == sorted(steps), released.text
    outputs = stack.outputs()
    assert (outputs["revision"], outputs["serves"]) == ("r1", OLD)


@dataclass
class Told:
    """A delivery without Pulumi: what serves, what waits, and the settings of each update."""

    serves: str | None = OLD
    asked: list[Mapping[str, str]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def outputs(self) -> Mapping[str, Any]:
        """As the program exports them."""
        waits = self.serves is not None and self.settings.get("model", self.serves) != self.serves
        rollout = {"status": "awaiting_promotion" if waits else "completed", "revision": "r2" if waits else "r1"}
        found = {"revision": "r1", "rollout": rollout, "endpoint": "http://chat.models", "candidates": []}
        return found | {"serves": self.serves, "candidates": ["models/chat-r2"] if waits else []}

    def plan(self, **settings: str) -> None:
        """Nothing is said."""
        self.settings |= settings

    def bring(self, **settings: str) -> Mapping[str, Any]:
        """An update that goes well."""
        self.settings |= settings
        self.asked.append(settings)
        if self.serves is None or settings.get("promote"):
            self.serves = self.settings["model"]
        return self.outputs()


def release(delivery: Told, model: str, **checks: str) -> bool:
    """The example's own function."""
    program = runpy.run_path(str(ROOT / "examples/ci/deliver.py"))
    released: Callable[..., bool] = program["release"]
    return released(delivery, model, **{"check": YES, "watch": YES, **checks})


def test_a_version_that_fails_its_check_is_removed_and_never_promoted() -> None:
    delivery = Told()

    assert not release(delivery, NEW, check=NO)
    assert delivery.asked == [{}, {"model": OLD}]
    assert delivery.settings["promotion"] == "manual"


def test_a_first_release_has_nothing_to_go_back_to_and_is_not_watched() -> None:
    delivery = Told(serves=None)

    assert release(delivery, NEW, watch=NO)
    assert delivery.serves == NEW


def test_the_model_that_serves_already_is_neither_checked_nor_watched() -> None:
    delivery = Told()

    assert release(delivery, OLD, check=NO, watch=NO)
    assert delivery.asked == [{}]


def test_a_check_knows_the_address_and_the_number_of_what_it_looks_at() -> None:
    looks = "import os; raise SystemExit((os.environ['URL'], os.environ['REVISION']) != {0})"
    staged = looks.format(("http://chat-r2.models.svc.cluster.local", "r2"))

    assert release(Told(), NEW, check=f'{sys.executable} -c "{staged}"')
