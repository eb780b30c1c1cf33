"""Which questions may a program ask? The table of contents; the plugin's Invoke and the schema are made of it."""

from collections.abc import Mapping
from typing import Any

from inference_provider.functions.function import Function
from inference_provider.functions.get_workload import GET_WORKLOAD

#: Every function, by its name in Pulumi.
FUNCTIONS: Mapping[str, Function[Any, Any]] = {each.token: each for each in (GET_WORKLOAD,)}
