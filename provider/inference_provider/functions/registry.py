"""Which questions may a program ask? The table of contents; the plugin's Invoke and the schema are made of it."""

from collections.abc import Mapping
from typing import Any

from inference_provider.functions.function import Function
from inference_provider.functions.get_capacity import GET_CAPACITY
from inference_provider.functions.get_events import GET_EVENTS
from inference_provider.functions.get_history import GET_HISTORY
from inference_provider.functions.get_protons import GET_PROTONS
from inference_provider.functions.get_related import GET_RELATED
from inference_provider.functions.get_replacement import GET_REPLACEMENT
from inference_provider.functions.get_revision import GET_REVISION
from inference_provider.functions.get_revisions import GET_REVISIONS
from inference_provider.functions.get_workload import GET_WORKLOAD
from inference_provider.functions.list_workloads import LIST_WORKLOADS
from inference_provider.functions.plan_replacement import PLAN_REPLACEMENT

_ALL: tuple[Function[Any, Any], ...] = (
    GET_WORKLOAD,
    LIST_WORKLOADS,
    GET_PROTONS,
    GET_REPLACEMENT,
    GET_HISTORY,
    GET_REVISIONS,
    GET_REVISION,
    GET_EVENTS,
    GET_RELATED,
    GET_CAPACITY,
    PLAN_REPLACEMENT,
)
#: Every function, by its name in Pulumi.
FUNCTIONS: Mapping[str, Function[Any, Any]] = {each.token: each for each in _ALL}
