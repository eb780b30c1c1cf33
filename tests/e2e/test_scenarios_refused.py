"""One story, two doors: mistakes are named at their properties, what belongs to others is left, a secret stays one."""

import json

from tests.e2e.doors import Door, Doors
from tests.e2e.programs import Arguments, artifact, server, workload

NOT_AN_AMOUNT = {"name": "vllm", "resource_allocation": {"memory": "lots"}}
SCALED_TWICE = {"replica_count": 2, "autoscaling": {"enabled": True, "policies": []}, "containers": [NOT_AN_AMOUNT]}
MISTAKEN: Arguments = {
    "name": "chat-r2",
    "serverless": {},
    "artifact": artifact(server(port=80), {**server("v2"), "name": "other", "port": 8001}),
    "runtime": {"container_groups": [SCALED_TWICE]},
}
MISTAKES = [
    ("property name ", "ends like a revision"),
    ("property serverless ", "not yet supported"),
    ("property artifact.spec.containerGroups[0].containers[0].port ", "must be between 1024"),
    ("property artifact.spec.containerGroups[0].containers[1].primary ", "only one container in all may be primary"),
    ("property runtime.containerGroups[0].containers[0].resourceAllocation.memory ", "'lots' is not an amount"),
    ("property runtime.containerGroups[0].replicaCount ", "cannot be given together"),
]


def test_every_mistake_is_named_with_its_property(doors: Doors) -> None:
    doors.tell(is_full_of_mistakes)


def is_full_of_mistakes(stack: Door) -> None:
    stack.declare(workload=MISTAKEN)
    preview = stack.preview()
    assert preview.code != 0
    assert [said for said in MISTAKES if not preview.has(*said)] == [], preview.text
    assert "Traceback" not in preview.text
    stack.remember(sorted(line.partition("property ")[2] for line in preview.lines if "has a problem" in line))

    stack.declare(workload=workload(artifact_id="models/llama"))  # alone: how far others come meanwhile is chance
    preview = stack.preview()
    assert preview.code != 0
    assert preview.has("property artifactId ", "not one of its versions"), preview.text


def test_what_cannot_be_made_touches_nothing(doors: Doors) -> None:
    doors.tell(cannot_be_made)


def cannot_be_made(stack: Door) -> None:
    stack.declare(artifact=artifact(namespace="nowhere"))
    assert stack.up("--skip-preview").has("Create namespace nowhere first")

    meta = {"name": "chat", "labels": {"app.kubernetes.io/managed-by": "Helm"}}
    services = f"/api/v1/namespaces/{stack.namespace}/services"
    made = stack.cluster.request("POST", services, body={"metadata": meta, "spec": {"ports": [{"port": 80}]}})
    stack.declare(artifact=artifact(), workload=workload())
    taken = stack.up("--skip-preview")
    assert taken.has(f"Service {stack.namespace}/chat exists already", "managed by Helm"), taken.text
    left = stack.cluster.request("GET", f"{services}/chat")
    assert left["metadata"]["uid"] == made["metadata"]["uid"]


def test_a_secret_stays_one(doors: Doors) -> None:
    doors.tell(keeps_a_secret)


def keeps_a_secret(stack: Door) -> None:
    # Each namespace has a key of its own, so the same values make other versions there, and ciphertexts never repeat.
    stack.apart = frozenset({"state", "objects"})
    hidden = "hf_do_not_tell"
    stack.declare(artifact=artifact(secret_env={"HF_TOKEN": hidden}), workload=workload())
    up = stack.must_up("--skip-preview")
    assert hidden not in up.text
    assert hidden not in stack.exported()
    assert hidden not in json.dumps(stack.items("api/v1/{}/configmaps"))
    assert stack.preview("--expect-no-changes").code == 0
