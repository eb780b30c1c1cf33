"""A version that loads until its story lets it be ready, however slow the machine is."""

import copy
from datetime import UTC, datetime
from typing import Any

from tests.e2e.programs import QUICK, Arguments, artifact, server
from tools.cluster.client import ApiClient
from tools.interrupt.stage import Stage

#: Longer than any story, and its probes allow that.
ENDLESS: Arguments = artifact(
    server("v2", env={"SIM_LOAD_TIME": "1h"}, startup_probe={**QUICK, "failure_threshold": 3600})
)


def let_load(stage: Stage, cluster: ApiClient, revision: str, *, pods: int) -> None:
    """All pods of this revision are loaded now; they are waited for until they load."""
    assert stage.until(lambda seen: len(_loading(seen, revision)) == pods, within=60)
    for pod in _loading(stage, revision):
        meta = pod["metadata"]
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/status"
        cluster.request("PATCH", path, body={"status": _ready(pod)}, content_type="application/merge-patch+json")


def _loading(stage: Stage, revision: str) -> list[dict[str, Any]]:
    return [pod for pod in stage.pods(revision) if pod["status"].get("phase") == "Running"]


def _ready(pod: dict[str, Any]) -> dict[str, Any]:
    status = copy.deepcopy(pod["status"])
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for each in status["conditions"]:
        if each["type"] in ("Ready", "ContainersReady"):
            each |= {"status": "True", "lastTransitionTime": now, "reason": "Loaded", "message": ""}
    for each in status["containerStatuses"]:
        each |= {"ready": True, "started": True}
    return {"conditions": status["conditions"], "containerStatuses": status["containerStatuses"]}
