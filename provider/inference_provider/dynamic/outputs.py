"""What a program reads from a resource: its outputs, typed and in Python's spelling.

Pulumi keeps outputs on the resource object under the names that travel (camelCase). Its own way of renaming them
would rename the keys inside of tags and annotations too; so each output is a descriptor that looks up its name.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Self, TypeVar, overload

import pulumi
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Told(Generic[T]):
    """One output of a resource, read as ``pulumi.Output[T]``.

    ``shape`` turns the value, where there is one, into what the program gets.
    """

    def __init__(self, shape: Callable[[object], T] | None = None) -> None:
        self._shape = shape
        self._key = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = to_camel(name)

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: pulumi.Resource, owner: type) -> pulumi.Output[T]: ...
    def __get__(self, resource: pulumi.Resource | None, owner: type) -> "Self | pulumi.Output[T]":
        if resource is None:
            return self
        output: pulumi.Output[T] = vars(resource)[self._key]
        shape = self._shape
        return output if shape is None else output.apply(lambda value: value if value is None else shape(value))

    def __set__(self, resource: pulumi.Resource, value: object) -> None:
        raise AttributeError(f"`{self._key}` of {type(resource).__name__} is an output; it cannot be set")

    @property
    def key(self) -> str:
        """The name under which the output travels."""
        return self._key


def keys_of(resource: type) -> tuple[str, ...]:
    """The wire names of all outputs that a resource class tells."""
    return tuple(each.key for each in vars(resource).values() if isinstance(each, Told))


def whole(value: object) -> int:
    """A count: Pulumi sends every number as a double."""
    return int(float(str(value)))


class Rollout(dict[str, str | None]):
    """The last replacement of a Workload. As a dict (and in stack outputs) it has the camelCase keys of the state."""

    @classmethod
    def of(cls, value: object) -> "Rollout":
        """The output's value with names for its keys."""
        return cls(value if isinstance(value, Mapping) else {})

    @property
    def status(self) -> str | None:
        """submitted, initializing, awaiting_promotion, switching, cleaning_up, completed or errored."""
        return self.get("status")

    @property
    def message(self) -> str | None:
        """Why it failed, when it did."""
        return self.get("message")

    @property
    def revision(self) -> str | None:
        """The revision that it is about, such as r7."""
        return self.get("revision")

    @property
    def retained(self) -> str | None:
        """The revision before it, while its pods are kept for going back."""
        return self.get("retained")

    @property
    def retained_artifact_id(self) -> str | None:
        """The version that the kept revision runs; point the Workload to it to go back without loading."""
        return self.get("retainedArtifactId")

    @property
    def keep_old_until(self) -> str | None:
        """Until when the pods of the kept revision live (RFC 3339)."""
        return self.get("keepOldUntil")
