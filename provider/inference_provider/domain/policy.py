"""A rule about where and on what Workloads may run, and how many tokens may be asked of them: a Policy's inputs.

Fields and their names: the policies of seed 002 (and 000), which know the same three types.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias, TypeGuard

from pydantic import Field

from inference_provider.domain.countries import CONTINENTS, continent, country
from inference_provider.domain.fields import ArtifactName, Namespace, Number, Text, Truth, Whole
from inference_provider.domain.kubernetes_words import is_label_value
from inference_provider.domain.model import Broken, Given, Input
from inference_provider.domain.timeouts import Timeouts
from inference_provider.domain.token_limits import TokenLimit, limits, ratio_fault, window_fault

PolicyType: TypeAlias = Literal["location", "flavor", "maxTokens"]
#: Where each type of policy says its rule.
_SAYS = {"location": "locations", "flavor": "flavors", "maxTokens": "maxTokens"}
#: So many of each an API server can still compare with what a pod demands.
_MOST = {"locations": 500, "flavors": 100}
_NO_REGION = (
    "{!r} cannot be a node's region: write one word of at most 63 letters, digits, `-`, `_` and `.`, as in eu-west-1 "
    "(kubectl get nodes -L topology.kubernetes.io/region)"
)
_LIMITS = ("input", "output", "total", "ratioInputOverOutput")


class PolicyLocation(Input):
    """A place where Workloads may run."""

    type: Annotated[
        Literal["location", "country", "continent"],
        Field(description="location: one region by its name. country, continent: every region known to be in it."),
    ]
    name: Annotated[
        Text,
        Field(
            description="A region as its nodes are labelled (eu-west-1), a country's two letters (DE), or a continent: "
            "africa, asia, europe, northAmerica, oceania, southAmerica; eu is the European Union, us the "
            "United States."
        ),
    ]

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """A country and a continent must exist; a region may be of anybody's own, if a node can be labelled so."""
        name = given.text("name") or ""
        if given.get("type") == "location" and name and not is_label_value(name):
            yield ("name",), _NO_REGION.format(name)
        if given.get("type") == "country" and name and country(name) is None:
            yield ("name",), f"{name!r} is no country: write the two letters of ISO 3166, as in DE or US"
        if given.get("type") == "continent" and name and continent(name) is None:
            yield ("name",), f"{name!r} is no continent; there are {', '.join(sorted(CONTINENTS))}"


class PolicyFlavor(Input):
    """Hardware that Workloads may run on."""

    type: Annotated[Literal["cpu", "gpu"], Field(description="cpu: pods without GPUs. gpu: pods with this GPU.")]
    name: Annotated[Text, Field(description="As people say it: t4, l4, a100-80gb, h100; cpu for pods without GPUs.")]


class MaxTokens(Input):
    """How many tokens may be asked of a Workload in a stretch of time."""

    granularity: Annotated[
        Literal["second", "minute", "hour", "day"], Field(description="The stretch of time. Default: minute.")
    ] = "minute"
    input: Annotated[Whole | None, Field(ge=1, description="Tokens in requests. Default: no limit.")] = None
    output: Annotated[Whole | None, Field(ge=1, description="Tokens in answers. Default: no limit.")] = None
    total: Annotated[Whole | None, Field(ge=1, description="Both together. Default: no limit.")] = None
    ratio_input_over_output: Annotated[
        Number | None,
        Field(
            gt=0,
            description="How many tokens of a request weigh as much as one of an answer, in `total`. Default: one.",
        ),
    ] = None
    step: Annotated[
        Whole,
        Field(
            ge=1,
            description="So many stretches make the window in which is counted: together a second, a minute, an hour "
            "or a day. Default: 1.",
        ),
    ] = 1

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """At least one limit; the ratio is about the total; and a gateway can count it."""
        if not any(given.has(each) for each in ("input", "output", "total")):
            yield (
                ("total",),
                "give at least one of `input`, `output` and `total`; a policy without a limit limits nothing",
            )
        if given.has("ratioInputOverOutput") and not given.has("total"):
            yield ("ratioInputOverOutput",), "weighs the two kinds of tokens in `total`; give `total` too"
        granularity, step = given.get("granularity") or "minute", given.get("step") or 1
        if isinstance(granularity, str) and _positive(step) and (said := window_fault(granularity, int(step))):
            yield ("step",), said
        ratio, total = given.get("ratioInputOverOutput"), given.get("total")
        if _positive(ratio) and _positive(total) and (said := ratio_fault(float(ratio), int(total))):
            yield ("ratioInputOverOutput",), said

    @property
    def limits(self) -> tuple[TokenLimit, ...]:
        """The same in windows and weights that a gateway counts."""
        return limits(
            granularity=self.granularity,
            step=self.step,
            input_most=self.input,
            output_most=self.output,
            total_most=self.total,
            ratio=self.ratio_input_over_output,
        )


def _positive(value: object) -> TypeGuard[float]:
    """Whether it is a number above 0; what else was written there is told of where single fields are checked."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


class PolicyInputs(Input):
    """The inputs of a Policy."""

    name: Annotated[
        ArtifactName,
        Field(description="DNS label of at most 50 characters. Default: the resource's name in the program."),
    ]
    namespace: Annotated[Namespace | None, Field(description="Default: the provider's namespace.")] = None
    display_name: Annotated[str, Field(description="Name for people. Default: empty.")] = ""
    labels: Annotated[
        dict[str, str],
        Field(description="Applies to Workloads whose `tags` have all of these, keys as written. Default: to every."),
    ] = Field(default_factory=dict)
    type: Annotated[PolicyType, Field(description="What the rule is about: location, flavor or maxTokens.")]
    locations: Annotated[
        tuple[PolicyLocation, ...],
        Field(description="Any of them will do. For type location, and required there; no default."),
    ] = ()
    flavors: Annotated[
        tuple[PolicyFlavor, ...],
        Field(description="Any of them will do. For type flavor, and required there; no default."),
    ] = ()
    max_tokens: Annotated[
        MaxTokens | None,
        Field(description="For type maxTokens, and required there; no default. An Envoy AI Gateway counts them."),
    ] = None
    resource_types: Annotated[
        tuple[Literal["model", "agent", "function"], ...],
        Field(
            description="Applies to Workloads that serve a model (artifact types service and nim), an agent, or a "
            "function (type tool). Default: to all."
        ),
    ] = ()
    sandbox: Annotated[Truth, Field(description="true warns and records instead of refusing. Default false.")] = False
    force_delete: Annotated[
        Truth, Field(description="true lets it be deleted while Workloads are under it. Default false.")
    ] = False
    timeouts: Annotated[
        Timeouts, Field(description="Time allowed; only `delete` waits (for the last Workload). Default: 2 minutes.")
    ] = Timeouts()

    def __hash__(self) -> int:
        """By its name: what policies say together is worked out once for all Workloads that are under them."""
        return hash((self.namespace, self.name, self.type))

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """The rule is said where its type says it, and nowhere else."""
        kind = given.text("type")
        for each, field in _SAYS.items():
            said = given.has(field) and not given.is_empty(field)
            if each == kind and not said:
                yield (field,), f"is required for type {kind}; a policy without it would allow nothing or everything"
            elif each != kind and kind in _SAYS and said:
                yield (field,), f"belongs to a policy of type {each}, and this one's type is {kind}; make two policies"
        for field, most in _MOST.items():
            if (many := len(given.children(field))) > most:
                yield (field,), f"has {many} entries, and an API server holds pods to {most} at most: name fewer"


#: Which artifact types each resource type of seed 002 means.
_SERVED = {"model": ("service", "nim"), "agent": ("agent",), "function": ("tool",)}


def chosen(policy: PolicyInputs, *, artifact_type: str | None, tags: Mapping[str, str]) -> bool:
    """Whether a policy applies to a Workload that does not name it: by what it serves (None: nobody knows, so it may be
    anything), and by its tags.
    """
    types = [each for kind in policy.resource_types for each in _SERVED[kind]]
    serves = not types or artifact_type is None or artifact_type in types
    return serves and all(tags.get(key) == value for key, value in policy.labels.items())
