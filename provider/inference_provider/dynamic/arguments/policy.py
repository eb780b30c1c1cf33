"""What a program may say in the policy part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/policy.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class PolicyLocationArgs:
    """A place where Workloads may run."""

    type: Input[Literal["location", "country", "continent"] | str]
    """location: one region by its name. country, continent: every region known to be in it."""

    name: Input[str]
    """A region as its nodes are labelled (eu-west-1), a country's two letters (DE), or a continent: africa, asia,
    europe, northAmerica, oceania, southAmerica; eu is the European Union, us the United States.
    """


class PolicyLocationArgsDict(TypedDict, total=False):
    """A place where Workloads may run."""

    type: Required[Input[Literal["location", "country", "continent"] | str]]
    """location: one region by its name. country, continent: every region known to be in it."""

    name: Required[Input[str]]
    """A region as its nodes are labelled (eu-west-1), a country's two letters (DE), or a continent: africa, asia,
    europe, northAmerica, oceania, southAmerica; eu is the European Union, us the United States.
    """


@dataclass(kw_only=True)
class PolicyFlavorArgs:
    """Hardware that Workloads may run on."""

    type: Input[Literal["cpu", "gpu"] | str]
    """cpu: pods without GPUs. gpu: pods with this GPU."""

    name: Input[str]
    """As people say it: t4, l4, a100-80gb, h100; cpu for pods without GPUs."""


class PolicyFlavorArgsDict(TypedDict, total=False):
    """Hardware that Workloads may run on."""

    type: Required[Input[Literal["cpu", "gpu"] | str]]
    """cpu: pods without GPUs. gpu: pods with this GPU."""

    name: Required[Input[str]]
    """As people say it: t4, l4, a100-80gb, h100; cpu for pods without GPUs."""


@dataclass(kw_only=True)
class MaxTokensArgs:
    """How many tokens may be asked of a Workload in a stretch of time."""

    granularity: Input[Literal["second", "minute", "hour", "day"] | str] | None = None
    """The stretch of time. Default: minute."""

    input: Input[int] | None = None
    """Tokens in requests. Default: no limit."""

    output: Input[int] | None = None
    """Tokens in answers. Default: no limit."""

    total: Input[int] | None = None
    """Both together. Default: no limit."""

    ratio_input_over_output: Input[float] | None = None
    """How many tokens of a request weigh as much as one of an answer, in `total`. Default: one."""

    step: Input[int] | None = None
    """So many stretches make the window in which is counted: together a second, a minute, an hour or a day. Default:
    1.
    """


class MaxTokensArgsDict(TypedDict, total=False):
    """How many tokens may be asked of a Workload in a stretch of time."""

    granularity: Input[Literal["second", "minute", "hour", "day"] | str] | None
    """The stretch of time. Default: minute."""

    input: Input[int] | None
    """Tokens in requests. Default: no limit."""

    output: Input[int] | None
    """Tokens in answers. Default: no limit."""

    total: Input[int] | None
    """Both together. Default: no limit."""

    ratio_input_over_output: Input[float] | None
    """How many tokens of a request weigh as much as one of an answer, in `total`. Default: one."""

    step: Input[int] | None
    """So many stretches make the window in which is counted: together a second, a minute, an hour or a day. Default:
    1.
    """
