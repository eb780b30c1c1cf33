"""Pulumi's own options do with our resources what they are there for, and none of them takes down what serves."""

from typing import Any

from inference_provider.plugin.wire import SIGNATURE
from inference_provider.resources.registry import ARTIFACT, WORKLOAD
from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack
from tests.e2e.test_another_stack import pods_of
from tests.e2e.test_plugin_door import resources, saved
from tests.e2e.test_scenarios_found import LEFT_ALONE
from tests.e2e.well import remains
from tools.cluster import Cluster
from tools.interrupt.stage import Stage, watching

URN = f"urn:pulumi:dev::shop::{WORKLOAD.token}::"
CPU = "runtime.containerGroups[0].containers[0].resourceAllocation.cpu"


def with_cpu(cpu: int, **more: object) -> dict[str, Any]:
    """A Workload of one pod; another ``cpu`` would roll."""
    said: dict[str, Any] = workload(gpu=0) | more
    said["runtime"]["container_groups"][0]["containers"][0]["resource_allocation"]["cpu"] = cpu
    return said


def test_options_keep_rename_replace_and_leave_behind_as_they_promise(
    plugged: Stack, simulated_cluster: Cluster
) -> None:
    kept = {"ignore_changes": [CPU], "protect": True, "additional_secret_outputs": ["endpoint"]}
    plugged.declare(artifact=artifact(), workload=with_cpu(1), options={"workload": kept})
    plugged.must_up("--skip-preview")
    with watching(simulated_cluster.client(), plugged.namespace, "chat") as stage:
        _keeps_and_renames(plugged, stage, kept)
        _replaces_without_an_outage(plugged, stage)
        _deletes_first_where_it_is_told_to(plugged, stage)

        assert plugged.destroy().code == 0
        assert not [each for each in resources(plugged) if each["type"] in (ARTIFACT.token, WORKLOAD.token)]
        assert stage.serving() == 1, "retainOnDelete leaves it to itself"


def _keeps_and_renames(stack: Stack, stage: Stage, kept: dict[str, Any]) -> None:
    pods = pods_of(stage, "r1")
    renamed = {"aliases": [f"{URN}chat"], **kept}
    changed = with_cpu(2, description="renamed")
    stack.declare(artifact=artifact(), workload=changed, resource="talk", options={"workload": renamed})
    stack.must_up("--skip-preview")

    now = saved(stack)
    assert now["urn"] == f"{URN}talk"
    assert now["outputs"]["name"] == "chat", "it keeps the name that it was given when it was made"
    assert now["outputs"]["description"] == "renamed"
    assert now["outputs"]["endpoint"][SIGNATURE], "additionalSecretOutputs"
    assert pods_of(stage, "r1") == pods, "ignoreChanges: what would roll is not seen"

    refused = stack.destroy()
    assert refused.code != 0
    assert refused.has("talk", "protect"), refused.text
    assert stack.run("state", "unprotect", f"{URN}talk", "--yes").code == 0
    assert (stage.moves, stage.fewest) == ([], 1)


def _replaces_without_an_outage(stack: Stack, stage: Stage) -> None:
    """The program says the name: for what is made anew Pulumi asks as if it had none, and would get the logical one."""
    anew = {"workload": {"replace_on_changes": ["artifactId"]}}
    stack.declare(artifact=artifact(server("v2")), workload=with_cpu(2, name="chat"), resource="talk", options=anew)
    replaced = stack.must_up("--skip-preview")

    assert replaced.has("Workload", LEFT_ALONE), replaced.text
    assert saved(stack)["outputs"]["revision"] == "r2"
    assert (stage.fewest, len(stage.moves)) == (1, 2), "it rolled all the same"


def _deletes_first_where_it_is_told_to(stack: Stack, stage: Stage) -> None:
    told = {"artifact": {"retain_on_delete": True}, "workload": {"retain_on_delete": True}}
    told["workload"]["delete_before_replace"] = True
    stack.declare(artifact=artifact(server("v2")), workload=with_cpu(2, name="chat"), resource="talk", options=told)
    stack.must_up("--skip-preview", "--replace", f"{URN}talk")

    assert saved(stack)["outputs"]["revision"] == "r1", "a new life, which begins with its first revision"
    assert stage.fewest == 0
    assert any("chat-r1" in name for name in remains(stage))
