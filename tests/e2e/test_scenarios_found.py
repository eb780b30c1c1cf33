"""One story, two doors: drift, replacement by force, other names, and deletion in the right order."""

from pathlib import Path
from typing import Any

from tests.e2e.doors import Door, Doors
from tests.e2e.programs import artifact, server, workload

LEFT_ALONE = "was created anew since"


def deployments(stack: Door) -> dict[str, int]:
    """Name → replicas."""
    found = stack.items("apis/apps/v1/{}/deployments")
    return {each["metadata"]["name"]: each["spec"]["replicas"] for each in found}


def test_a_refresh_shows_what_somebody_scaled_and_keeps_what_it_cannot_see(doors: Doors) -> None:
    doors.tell(is_scaled_by_hand)


def is_scaled_by_hand(stack: Door) -> None:
    stack.declare(artifact=artifact(), workload=workload(1))
    stack.must_up("--skip-preview")
    reachable, stack.kubeconfig = stack.kubeconfig, _nowhere(stack)
    unseen = stack.run("refresh", "--yes", "--skip-preview")
    assert unseen.code != 0
    assert unseen.has("127.0.0.1:1"), unseen.text
    assert "Traceback" not in unseen.text
    stack.kubeconfig = reachable

    scale = f"/apis/apps/v1/namespaces/{stack.namespace}/deployments/chat-r1/scale"
    by_hand = {"spec": {"replicas": 3}}
    stack.cluster.request("PATCH", scale, body=by_hand, content_type="application/merge-patch+json")
    with stack.on_its_own("state"):
        assert stack.refresh().has("~ 1 updated")
    (found,) = [each for each in stack.resources() if each["type"].endswith("Workload")]
    assert _replicas(found["outputs"]) == 3
    # A dynamic provider is not given the inputs when it reads, so they stay what the program said.
    assert _replicas(found["inputs"]) == {"dynamic": 1, "plugin": 3}[stack.door]
    stack.must_up("--skip-preview")
    assert deployments(stack) == {"chat-r1": 1}
    assert stack.preview("--expect-no-changes").code == 0


def _replicas(properties: dict[str, Any]) -> object:
    return properties["runtime"]["containerGroups"][0]["replicaCount"]


def _nowhere(stack: Door) -> Path:
    """The same kubeconfig, but for an address where nobody listens."""
    lines = stack.kubeconfig.read_text().splitlines()
    away = stack.folder / "away.yaml"
    away.write_text("\n".join(_unreachable(line) for line in lines))
    return away


def _unreachable(line: str) -> str:
    return "    server: https://127.0.0.1:1" if line.strip().startswith("server:") else line


def test_what_is_replaced_by_force_serves_on_and_rolls_where_the_version_changes(doors: Doors) -> None:
    doors.tell(is_replaced_by_force)


def is_replaced_by_force(stack: Door) -> None:
    urns = [stack.urn("Artifact", "llama"), stack.urn("Workload", "chat")]
    stack.declare(artifact=artifact(), workload=workload(2))
    stack.must_up("--skip-preview")
    before = stack.outputs()
    stamps, pods = [before["incarnation"]], stack.pods("r1")
    with stack.watched() as stage:
        forced = stack.must_up("--skip-preview", *(word for urn in urns for word in ("--replace", urn)))
        assert forced.has("Artifact", LEFT_ALONE), forced.text
        assert forced.has("Workload", LEFT_ALONE), forced.text
        stamps.append(stack.outputs()["incarnation"])
        assert (stack.pods("r1"), stage.moves, stage.fewest) == (pods, [], 2)

        for urn in urns:
            assert stack.run("state", "taint", urn, "--yes").code == 0
        stack.declare(artifact=artifact(server("v2")), workload=workload(2))
        assert stack.must_up("--skip-preview").has("Workload", LEFT_ALONE)
        after = stack.outputs()
        stamps.append(after["incarnation"])
        assert len(set(stamps)) == 3, "each one that was made by force says so"
        assert (after["revision"], after["endpoint"]) == ("r2", before["endpoint"]), "it rolls all the same"
        assert (stage.fewest, len(stage.moves)) == (2, 2), "widened, narrowed, and never below"
        assert stack.pods("r1") == pods, "the way back is open"

        stack.declare(artifact=artifact(server("v3", env={"SIM_OOM": "true"})), workload=workload(2))
        with stack.on_its_own("state"):
            failed = stack.up("--skip-preview", "--replace", urns[1])
        assert failed.code != 0
        assert failed.has("ran out of memory", "r2 still serves"), failed.text
        assert (stage.fewest, len(stage.moves)) == (2, 2)
    assert stack.destroy().code == 0, "its incarnation was stamped last, so it still is the stack's"
    assert deployments(stack) == {}


def test_another_name_in_the_program_needs_an_alias_and_another_name_makes_another_workload(doors: Doors) -> None:
    doors.tell(is_renamed)


def is_renamed(stack: Door) -> None:
    named, urn = workload(name="chat"), stack.urn("Workload", "chat")
    stack.declare(artifact=artifact(), workload=named)
    stack.must_up("--skip-preview")
    pods = stack.pods("r1")
    stack.declare(artifact=artifact(), workload=named, resource="talk")
    refused = stack.up("--skip-preview")
    assert refused.code != 0
    assert refused.has(f"Service {stack.namespace}/chat", f"alias {urn}"), refused.text

    alias = {"workload": {"aliases": [urn]}}
    stack.declare(artifact=artifact(), workload=named, resource="talk", options=alias)
    stack.must_up("--skip-preview")
    assert stack.pods("r1") == pods

    stack.declare(artifact=artifact(), workload=workload(name="talk"), resource="talk", options=alias)
    assert stack.must_up().has("warning", "name changes, so it is made anew and its endpoint changes")
    assert deployments(stack) == {"talk-r1": 1}


def test_an_artifact_that_is_used_is_not_deleted_before_its_users(doors: Doors) -> None:
    doors.tell(is_deleted_in_order)


def is_deleted_in_order(stack: Door) -> None:
    model = artifact(timeouts={"delete": "1s"})
    stack.declare(artifact=model, workload=workload())
    stack.must_up("--skip-preview")
    pods = stack.pods("r1")
    assert stack.run("state", "delete", stack.urn("Workload", "chat"), "--yes").code == 0
    used = stack.destroy()
    assert used.code != 0
    assert used.has("it is used by chat r1"), used.text

    stack.must_up("--skip-preview")
    assert stack.pods("r1") == pods, "what the stack had forgotten is its own, and is found again"
    stack.declare(artifact=model)
    stack.must_up("--skip-preview")
    assert deployments(stack) == {}
    assert stack.destroy().code == 0
    assert [each["metadata"]["name"] for each in stack.items("api/v1/{}/configmaps")] == ["kube-root-ca.crt"]
