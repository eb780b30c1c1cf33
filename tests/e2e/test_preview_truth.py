"""A preview never lies: what it says of an output is what comes, and a saved plan is kept."""

import json
from collections.abc import Iterator
from typing import Any

from inference_provider.seam.unknowns import UNKNOWN
from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack
from tests.e2e.test_plugin_door import resources

Outputs = dict[str, Any]


def foreseen(stack: Stack) -> dict[str, Outputs]:
    """Of each resource and of the stack itself, the outputs that a preview gives; the plan is saved."""
    events = stack.folder / "events.json"
    events.unlink(missing_ok=True)
    preview = stack.run("preview", "--event-log", str(events), "--save-plan", "plan.json")
    assert preview.code == 0, preview.text
    told = [json.loads(line).get("resOutputsEvent") for line in events.read_text().splitlines()]
    steps = [each["metadata"] for each in told if each]
    return {each["urn"]: each["new"]["outputs"] for each in steps if each.get("new")}


def lies(stack: Stack, said: dict[str, Outputs]) -> Iterator[str]:
    """What was said for certain, and is not so; an output that is null is kept by nobody."""
    real = {each["urn"]: each.get("outputs") or {} for each in resources(stack)}
    for urn, outputs in said.items():
        for key, value in outputs.items():
            if value != UNKNOWN and real[urn].get(key) != value:
                yield f"{key} of {urn} was to be {value}, and is {real[urn].get(key)}"


def test_each_known_output_comes_true_and_each_saved_plan_is_kept(plugged: Stack) -> None:
    plugged.environment = {"PULUMI_DEBUG_COMMANDS": "true"}  # lets the CLI write its events down
    words = artifact(description="for people")
    programs: list[dict[str, object]] = [
        {"artifact": artifact(), "workload": workload()},
        {"artifact": words, "workload": workload(2, description="in place")},
        {"artifact": artifact(server("v2")), "workload": workload(2)},
        {"artifact": artifact(server("v2"))},
    ]
    promised = []
    for program in programs:
        plugged.declare(**program)
        said = foreseen(plugged)
        plugged.must_up("--skip-preview", "--plan", "plan.json")
        assert not [*lies(plugged, said)]
        promised.append({key for outputs in said.values() for key, value in outputs.items() if value != UNKNOWN})

    create, in_place, roll, removal = promised
    assert {"endpoint", "versionId"} <= create
    assert {"revision", "activeArtifactId", "images", "incarnation"} <= in_place
    assert roll & {"revision", "incarnation", "endpoint"} == {"incarnation", "endpoint"}, (
        "only what a roll leaves alone"
    )
    assert "revision" not in removal
    assert not any("Workload" in each["type"] for each in resources(plugged))
