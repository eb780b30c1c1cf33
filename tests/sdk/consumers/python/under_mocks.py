"""What does the program ask for? It runs under Pulumi's mocks and prints each resource with its inputs as JSON."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as pulumi_test

from tests.sdk.consumers.python.program import declare

#: Runs a program until every Output is known.
awaited: Callable[[Callable[[], None]], Callable[[], None]] = pulumi_test


class Recorded(Mocks):
    """Answers as the plugin would, and remembers what was asked."""

    def __init__(self, answers: dict[str, dict[str, object]]) -> None:
        self.answers = answers
        self.asked: dict[str, object] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Remember the inputs under type and name; answer with an id and outputs."""
        self.asked[f"{args.typ} {args.name}"] = args.inputs
        return args.resource_id or f"models/{args.name}", {**args.inputs, **self.answers.get(args.typ, {})}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Remember a function's arguments under its name."""
        self.asked[args.token] = args.args
        return self.answers[args.token], []


def main() -> None:
    """Run the program once; the answers of the plugin come in as JSON."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorded = Recorded(json.load(sys.stdin))
    set_mocks(recorded, project="consumer", stack="test", preview=False)
    awaited(declare)()
    json.dump(recorded.asked, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
