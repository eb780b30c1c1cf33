"""What does a program get that asks for JSON? Everything that is known, under the names that outputs have."""

import json
from collections.abc import Iterable

from inference_provider.resources.plain import plain
from inference_provider.resources.status import Status


def as_json(value: object, *, on_one_line: bool = False) -> str:
    """Anything of ours; on one line where another follows."""
    return json.dumps(plain(value), indent=None if on_one_line else 2, ensure_ascii=False)


def listed(statuses: Iterable[Status]) -> list[object]:
    """Many Workloads without their histories, which only a look at one reads whole."""
    rows = [plain(each) for each in statuses]
    return [{key: item for key, item in row.items() if key != "records"} for row in rows if isinstance(row, dict)]
