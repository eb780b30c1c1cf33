"""What a user sees through the real CLI, from the first `pulumi up` to `pulumi destroy`."""

import json

from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster


def objects(cluster: Cluster, namespace: str, path: str) -> list[str]:
    """The names of everything under an API path of a namespace."""
    group, _, kind = path.rpartition("/")
    answer = cluster.client().request("GET", f"/{group}/namespaces/{namespace}/{kind}")
    return sorted(item["metadata"]["name"] for item in answer["items"])


def pod_uids(cluster: Cluster, namespace: str, revision: str) -> set[str]:
    """The uids of a revision's pods."""
    selector = f"labelSelector=pulumi-inference.dev/revision={revision}"
    answer = cluster.client().request("GET", f"/api/v1/namespaces/{namespace}/pods?{selector}")
    return {item["metadata"]["uid"] for item in answer["items"]}


def test_an_update_rolls_and_the_way_back_takes_the_same_pods(either: Stack, simulated_cluster: Cluster) -> None:
    stack = either
    stack.declare(artifact=artifact(), workload=workload(2))
    first_preview = stack.preview()
    first = stack.must_up("--skip-preview")
    before = stack.outputs()
    assert before["revision"] == "r1"
    assert (before["ready_replicas"], before["status"]) == (2, "running")
    assert str(before["versionId"]) in first_preview.text, "the very first preview knows the version"
    assert first.has("Workload chat", "created")
    pods = pod_uids(simulated_cluster, stack.namespace, "r1")

    stack.declare(artifact=artifact(server("v2", env={"SIM_LOAD_TIME": "2s"})), workload=workload(2))
    preview = stack.preview()
    assert preview.has("rolls from r1", "because of artifactId", "needs 2 × NVIDIA-H100-80GB-HBM3 (2 pods × 1)")
    second = stack.must_up("--skip-preview")
    after = stack.outputs()
    assert after["revision"] == "r2"
    assert after["endpoint"] == before["endpoint"]
    assert str(after["versionId"]) in preview.text, "the preview knew the version that came"
    assert second.has("Workload chat updating", "r2: 0 of 2 pods ready")
    assert stack.preview("--expect-no-changes").code == 0
    assert objects(simulated_cluster, stack.namespace, "apis/apps/v1/deployments") == ["chat-r1", "chat-r2"]

    stack.declare(artifact=artifact(), workload=workload(2))
    assert stack.preview().has("goes back from r2", "no load, no further GPUs")
    stack.must_up("--skip-preview")
    assert stack.outputs()["revision"] == "r1"
    assert pod_uids(simulated_cluster, stack.namespace, "r1") == pods

    gone = stack.destroy()
    assert gone.code == 0, gone.text
    for path in ("apis/apps/v1/deployments", "api/v1/services", "api/v1/pods", "apis/batch/v1/jobs", "api/v1/secrets"):
        assert objects(simulated_cluster, stack.namespace, path) == []
    assert objects(simulated_cluster, stack.namespace, "api/v1/configmaps") == ["kube-root-ca.crt"]


def test_a_failed_update_says_why_in_sentences_and_loses_nothing(stack: Stack) -> None:
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    before = stack.outputs()
    stack.declare(artifact=artifact(server("v2", env={"SIM_OOM": "true"})), workload=workload())
    failed = stack.up("--skip-preview")
    assert failed.code != 0
    assert failed.has("RolloutFailed: r2 did not become ready", "ran out of memory at its limit of 1Gi", "r1 still")
    assert failed.has("Last lines of vllm")
    assert "Traceback" not in failed.text
    assert 'File "' not in failed.text
    state = json.loads(stack.exported())
    (saved,) = [each for each in state["deployment"]["resources"] if each["type"].endswith("Workload")]
    assert saved["outputs"]["activeArtifactId"] == before["active_artifact_id"]

    stack.declare(artifact=artifact(server("v3")), workload=workload())
    stack.must_up("--skip-preview")
    assert stack.outputs()["revision"] == "r3"


def test_a_first_create_that_fails_can_simply_be_tried_again(stack: Stack, simulated_cluster: Cluster) -> None:
    stack.declare(artifact=artifact(server(env={"SIM_IMAGE_PULL_FAIL": "true"})), workload=workload())
    failed = stack.up("--skip-preview")
    assert failed.has("cannot pull example/v1", "Nothing of this first try is left")
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    assert stack.outputs()["revision"] == "r1"
    assert objects(simulated_cluster, stack.namespace, "apis/apps/v1/deployments") == ["chat-r1"]


def test_words_about_an_artifact_do_not_make_its_workload_seem_to_roll(stack: Stack) -> None:
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    stack.declare(artifact=artifact(description="the one we like"), workload=workload())
    preview = stack.preview()
    assert preview.has("~ 1 to update")
    assert "rolls from" not in preview.text
    stack.declare(artifact=artifact(status="locked"), workload=workload())
    assert "rolls from" not in stack.preview().text
    stack.must_up("--skip-preview")
    assert (stack.outputs()["version"], stack.outputs()["revision"]) == (1, "r1")


def test_what_somebody_scaled_by_hand_shows_in_refresh_and_is_put_right(
    stack: Stack, simulated_cluster: Cluster
) -> None:
    stack.declare(artifact=artifact(), workload=workload(1))
    stack.must_up("--skip-preview")
    scale = f"/apis/apps/v1/namespaces/{stack.namespace}/deployments/chat-r1/scale"
    simulated_cluster.client().request(
        "PATCH", scale, body={"spec": {"replicas": 3}}, content_type="application/merge-patch+json"
    )
    assert stack.refresh().has("~ 1 updated")
    stack.must_up("--skip-preview")
    (deployment,) = simulated_cluster.client().request(
        "GET", f"/apis/apps/v1/namespaces/{stack.namespace}/deployments"
    )["items"]
    assert deployment["spec"]["replicas"] == 1


def test_another_name_makes_another_workload_and_preview_warns(stack: Stack, simulated_cluster: Cluster) -> None:
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    stack.declare(artifact=artifact(), workload=workload(name="talk"))
    assert stack.preview().has("name changes, so it is made anew and its endpoint changes")
    stack.must_up("--skip-preview")
    assert objects(simulated_cluster, stack.namespace, "apis/apps/v1/deployments") == ["talk-r1"]


def test_a_secret_stays_one(stack: Stack, simulated_cluster: Cluster) -> None:
    hidden = "hf_do_not_tell"
    stack.declare(artifact=artifact(secret_env={"HF_TOKEN": hidden}), workload=workload())
    run = stack.must_up("--skip-preview")
    bodies = simulated_cluster.client().request("GET", f"/api/v1/namespaces/{stack.namespace}/configmaps")
    assert hidden not in run.text
    assert hidden not in stack.exported()
    assert hidden not in json.dumps(bodies)
    assert stack.preview("--expect-no-changes").code == 0
