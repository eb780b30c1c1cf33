"""Release a model from CI: say the plan, stage it, check it, promote it, watch it, and take it back if need be.

``python deliver.py STACK MODEL [--check COMMAND] [--watch COMMAND]``. A COMMAND is run with the address of the new
version in ``URL`` and its number in ``REVISION``; one that ends with anything but 0 is a no. Exit code 0: the model
serves. 1: it failed, was called off or taken back, and what served before serves.
"""

import argparse
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from pulumi import automation as auto

BEGAN = time.monotonic()
ERRORS: list[str] = []
Outputs = Mapping[str, Any]


class Delivery(Protocol):
    """One stack, and what can be done with it."""

    def outputs(self) -> Outputs:
        """What the last update left; empty before the first one."""

    def plan(self, **settings: str) -> None:
        """Configure the program, and print what an update would do."""

    def bring(self, **settings: str) -> Outputs:
        """Configure the program and bring it about. Waits until the new version is ready; raises when it is not."""


def say(text: str) -> None:
    """One line of the log, with the seconds since the pipeline began."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


def hear(event: auto.EngineEvent) -> None:
    """Of all that Pulumi tells, what lasts: plans, warnings, errors. Status lines come and go, and fill a log."""
    told = event.diagnostic_event
    if told and told.urn and not told.ephemeral and told.message.strip():
        if told.severity == "error":
            ERRORS.append(told.message)
        say(f"{'' if told.severity.startswith('info') else told.severity + ': '}{told.message.strip()}")


class PulumiDelivery:
    """The stack of this folder's program; it is made if this is its first release."""

    def __init__(self, stack: str) -> None:
        """Select the stack, or make it."""
        self._stack = auto.create_or_select_stack(stack, work_dir=str(Path(__file__).parent))

    def outputs(self) -> Outputs:
        """What the last update left."""
        return {name: output.value for name, output in self._stack.outputs().items()}

    def plan(self, **settings: str) -> None:
        """Say what an update would do."""
        self._configure(settings)
        self._stack.preview(on_event=hear)

    def bring(self, **settings: str) -> Outputs:
        """Run the update."""
        self._configure(settings)
        return {name: output.value for name, output in self._stack.up(on_event=hear).outputs.items()}

    def _configure(self, settings: Mapping[str, str]) -> None:
        if settings:
            self._stack.set_all_config({key: auto.ConfigValue(value) for key, value in settings.items()})


def passes(command: str, *, url: str, revision: str) -> bool:
    """Whether a check says yes to the version at ``url``."""
    around = {**os.environ, "URL": url, "REVISION": revision}
    code = subprocess.run(shlex.split(command), env=around, check=False).returncode
    say(f"`{command}` on {revision} at {url}: {'passed' if code == 0 else f'exit code {code}'}")
    return code == 0


def candidate_url(outputs: Outputs) -> str:
    """The address that a staged version has for itself."""
    namespace, _, name = outputs["candidates"][-1].partition("/")
    return f"http://{name}.{namespace}.svc.cluster.local"


def release(delivery: Delivery, model: str, *, check: str, watch: str) -> bool:
    """The whole way of one release; False when what served before serves again, or still."""
    before = delivery.outputs().get("serves")
    delivery.plan(model=model, serves=before or "", promotion="manual", promote="")
    outputs = delivery.bring()
    if outputs["rollout"]["status"] == "awaiting_promotion":
        staged = outputs["rollout"]["revision"]
        say(f"staged: {staged} is ready and gets no traffic; {outputs['revision']} serves")
        if not passes(check, url=candidate_url(outputs), revision=staged):
            back = delivery.bring(model=before)
            say(f"called off: {staged} is removed; {back['revision']} serves {before}, as before")
            return False
        outputs = delivery.bring(promote=staged)
    say(f"released: {outputs['revision']} serves {model} at {outputs['endpoint']}")
    if not before or before == model or passes(watch, url=outputs["endpoint"], revision=outputs["revision"]):
        return True
    # The pods of the version before are still there: this moves traffic, and loads nothing.
    back = delivery.bring(model=before, promotion="automatic", promote="")
    say(f"taken back: {back['revision']} serves {before} again")
    return False


def main() -> int:
    """Read the command line; the exit code is the pipeline's."""
    asked = argparse.ArgumentParser(description="Release a model.")
    asked.add_argument("stack")
    asked.add_argument("model")
    asked.add_argument("--check", default="true", help="asked of the staged version, before it gets traffic")
    asked.add_argument("--watch", default="true", help="asked after the switch; a no takes the release back")
    said = asked.parse_args()
    try:
        return 0 if release(PulumiDelivery(said.stack), said.model, check=said.check, watch=said.watch) else 1
    except auto.ConcurrentUpdateError:
        say("failed: another update of this stack is under way, or one was killed (then: `pulumi cancel`)")
    except auto.CommandError as error:
        say("failed: see the error above" if ERRORS else f"failed: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
