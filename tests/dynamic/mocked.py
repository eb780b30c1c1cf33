"""A Pulumi without engine: runs a program and remembers what it registered."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as pulumi_test

PROJECT, STACK = "shop", "dev"

#: Runs a program until every Output is known.
awaited: Callable[[Callable[[], object]], Callable[[], None]] = pulumi_test


@dataclass
class Registered(Mocks):
    """Answers with a resource's inputs and whatever ``told`` says of its name."""

    told: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Remember a resource's inputs, under its type's last part."""
        self.inputs[args.typ.rpartition(":")[2]] = {**args.inputs}
        return f"{args.name}-id", {**args.inputs, **self.told.get(args.name, {})}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """No function is ever called."""
        raise NotImplementedError(args.token)


def run(
    program: Callable[[], object],
    *,
    told: Mapping[str, Mapping[str, object]] | None = None,
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    mocks: Registered | None = None,
) -> Registered:
    """Run ``program`` to its end, Outputs that it returns included. ``mocks`` take the place of what ``told`` makes."""
    asyncio.set_event_loop(asyncio.new_event_loop())  # Pulumi wants a current one; async tests before this leave none
    registered = mocks or Registered(told or {})
    set_mocks(registered, project=PROJECT, stack=STACK, preview=preview)
    pulumi.runtime.set_all_config({f"{PROJECT}:{key}": value for key, value in (config or {}).items()})
    awaited(program)()
    return registered
