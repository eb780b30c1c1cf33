"""Which rules about single resources are there? In the order in which people read of them."""

from typing import Any

from inference_policies.rule import Rule
from inference_policies.rules import (
    allowed_flavors,
    allowed_locations,
    critical_replicas,
    keep_old,
    locked_artifacts,
    no_outage,
    pinned_images,
    required_tags,
    workload_cost,
)

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
)
