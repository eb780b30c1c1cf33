"""A secret stays one in everything that the CLI prints, logs and keeps, also where a run fails or its time is over."""

import json

from inference_provider.resources.registry import WORKLOAD
from tests.e2e.stack import Stack
from tests.e2e.test_plugin_door import saved
from tests.live.programs import DIGEST

HUSH = ("hunter2-environment", "hunter2-tag", "hunter2-words")
PROGRAM = f"""\
import pulumi

from tests.e2e.door import Artifact, Workload

load, within = pulumi.Config("shop").get("load") or "100ms", pulumi.Config("shop").get("within") or "2m"
probe = {{"path": "/health", "initial_delay_seconds": 0, "period_seconds": 1}}
server = {{
    "name": "server", "image": "example/v1{DIGEST}", "primary": True, "port": 8000, "startup_probe": probe,
    "env": [{{"name": "SIM_LOAD_TIME", "value": load}}],
}}
model = Artifact(
    "llama",
    name="llama",
    spec={{"container_groups": [{{"containers": [server]}}]}},
    secret_env=pulumi.Output.secret({{"TOKEN": "{HUSH[0]}"}}),
)
Workload(
    "chat",
    name="chat",
    artifact_id=model.version_id,
    tags={{"team": pulumi.Output.secret("{HUSH[1]}"), "load": load}},
    description=pulumi.Output.secret("{HUSH[2]}"),
    opts=pulumi.ResourceOptions(
        additional_secret_outputs=["incarnation"], custom_timeouts=pulumi.CustomTimeouts(create="2m", update=within)
    ),
)
"""


def test_nothing_that_is_printed_logged_or_kept_shows_a_secret_and_the_engine_s_time_outs_count(plugged: Stack) -> None:
    (plugged.folder / "__main__.py").write_text(PROGRAM)
    plugged.environment = {"PULUMI_DEBUG_COMMANDS": "true"}  # which has --event-log
    plugged.must_up("--event-log", "first.json")
    assert isinstance(saved(plugged)["outputs"]["incarnation"], dict), "an additional secret output is encrypted"
    plugged.config("shop:load", "120s")
    plugged.config("shop:within", "4s")

    late = plugged.up("--skip-preview", "--diff", "--event-log", "second.json")

    assert late.code != 0
    assert late.has("* updating Workload", "did not finish within 4 s; it was "), late.text
    assert saved(plugged)["initErrors"], "what had begun is known to the stack"
    plugged.refresh()
    plugged.config("shop:load", "100ms")
    plugged.config("shop:within", "2m")
    plugged.must_up("--skip-preview", "--event-log", "third.json")
    assert "initErrors" not in saved(plugged)
    inputs = saved(plugged)["inputs"]
    assert json.dumps(inputs["tags"]["team"]) != json.dumps(HUSH[1])
    assert inputs["tags"]["load"] == "100ms", "its neighbour is none"
    program = "__main__."  # as it is written, and as Python has compiled it
    shown = [path for path in plugged.folder.rglob("*") if path.is_file() and not path.name.startswith(program)]
    found = {(path.name, hush) for path in shown for hush in HUSH if hush.encode() in path.read_bytes()}
    assert not found
    assert {"first.json", "second.json", "third.json", "transcript.log"} <= {path.name for path in shown}
    assert WORKLOAD.token in plugged.exported()
