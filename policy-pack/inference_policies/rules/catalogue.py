"""Which rules are there? In the order in which people read of them."""

from collections.abc import Mapping
from typing import Any

from inference_policies.cost import Prices
from inference_policies.rule import Rule
from inference_policies.rules import (
    allowed_flavors,
    allowed_locations,
    critical_replicas,
    default_tags,
    keep_old,
    known_inputs,
    locked_artifacts,
    no_outage,
    pinned_images,
    required_tags,
    stack_cost,
    workload_cost,
)
from inference_policies.settings import Settings

#: Those about single resources.
RULES: tuple[Rule[Any], ...] = (
    allowed_locations.RULE,
    allowed_flavors.RULE,
    locked_artifacts.RULE,
    pinned_images.RULE,
    critical_replicas.RULE,
    keep_old.RULE,
    no_outage.RULE,
    required_tags.RULE,
    workload_cost.RULE,
    known_inputs.RULE,
)
#: What can be set about every rule, by its name.
SETTINGS: Mapping[str, type[Settings]] = {
    **{rule.name: rule.settings for rule in RULES},
    stack_cost.NAME: Prices,
    default_tags.NAME: default_tags.DefaultTags,
}
