"""How are the rules handed to Pulumi? The one file that knows `pulumi_policy`.

Everything is mandatory unless the pack's configuration says otherwise. The engine shows a resource to the pack after
the provider has checked it, and before anything is done with it; the whole stack when all is done.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from inference_policies.cost import Prices
from inference_policies.declared import Declared
from inference_policies.rule import Rule, S
from inference_policies.rules import default_tags, stack_cost
from inference_policies.rules.catalogue import RULES
from inference_policies.rules.default_tags import DefaultTags
from inference_policies.settings import Settings, read, schema
from inference_policies.subjects import Workload, subject
from inference_policies.verdict import verdict
from inference_provider.errors import InputError

Report = Callable[[str], None]


def serve() -> None:
    """Answer the engine until it has no more questions."""
    declared = Declared()
    policies: list[Policy] = [_about_resources(rule, declared) for rule in RULES]
    PolicyPack("inference", [*policies, _about_stacks(), _remedy()], enforcement_level=EnforcementLevel.MANDATORY)


def _about_resources(rule: Rule[S], declared: Declared) -> Policy:
    def validate(args: ResourceValidationArgs, report: Report) -> None:
        shown = subject(args.resource_type, args.props)
        if shown is None:
            return
        declared.remember(shown)
        _tell(report, rule.violations(shown, args.get_config(), declared))

    return ResourceValidationPolicy(rule.name, rule.description, validate, config_schema=_schema(rule.settings))


def _about_stacks() -> Policy:
    def validate(args: StackValidationArgs, report: Report) -> None:
        shown = [subject(each.resource_type, each.props) for each in args.resources]
        ours = [each for each in shown if each is not None]
        _tell(report, verdict(stack_cost.NAME, Prices, args.get_config(), partial(stack_cost.judge, ours)))

    return StackValidationPolicy(stack_cost.NAME, stack_cost.DESCRIPTION, validate, config_schema=_schema(Prices))


def _remedy() -> Policy:
    """It also validates, so that its configuration is judged where nothing needs to be added."""

    def validate(args: ResourceValidationArgs, report: Report) -> None:
        if isinstance(subject(args.resource_type, args.props), Workload):
            _tell(report, verdict(default_tags.NAME, DefaultTags, args.get_config(), lambda _: ()))

    return ResourceValidationPolicy(
        default_tags.NAME,
        default_tags.DESCRIPTION,
        validate,
        enforcement_level=EnforcementLevel.REMEDIATE,
        config_schema=_schema(DefaultTags),
        remediate=_tagged,
    )


def _tagged(args: ResourceValidationArgs) -> Mapping[str, object] | None:
    """All the inputs, with the tags; None where nothing is to be changed.

    The tags are put into what the engine gave, not into a copy: values may be secret, or not known yet, and stay so.
    """
    shown = subject(args.resource_type, args.props)
    inputs: Any = args.props
    given = inputs.get("tags")
    if not isinstance(shown, Workload) or not isinstance(given, Mapping | None):
        return None  # tags that are not known yet cannot be added to
    try:
        added = default_tags.missing(shown.tags, read(DefaultTags, args.get_config()))
    except InputError:
        return None  # `validate` says so
    if given is None:
        inputs["tags"] = added
    for tag, value in added.items() if given is not None else ():
        inputs["tags"][tag] = value
    return inputs if added else None


def _tell(report: Report, violations: Iterable[str]) -> None:
    """Sentences only. What Pulumi itself raises where a value is not known yet it also turns into words."""
    try:
        for violation in violations:
            report(violation)
    except UnknownValueError:
        raise
    except Exception as error:  # noqa: BLE001 - otherwise the engine shows gRPC's own words for it, and a traceback
        report(f"nobody knows: the rule itself failed with {type(error).__name__}; please tell its authors")


def _schema(settings: type[Settings]) -> PolicyConfigSchema:
    return PolicyConfigSchema(schema(settings))
