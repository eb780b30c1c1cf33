"""Each behaviour of a simulated pod, by annotation and by a container's environment, on a live cluster."""

import json
import time
from dataclasses import dataclass

import pytest

from tests.support.pods import IMAGE, Pods, container, ready, waits_because
from tools.cluster import Cluster
from tools.cluster.faults import CRASH_LOOP, DRAIN_TIME, IMAGE_PULL, LOAD_TIME, NEVER_READY, OUT_OF_MEMORY, Switch

#: Longer than the default load time, within which nothing must have become ready.
_WHILE = 1.5


@dataclass(frozen=True)
class Asked:
    """One of the two ways to ask for a behaviour."""

    by_annotation: bool

    def start(self, pods: Pods, switch: Switch, value: str, *, spec: dict[str, object] | None = None) -> None:
        """Make the pod `server` with this behaviour."""
        if self.by_annotation:
            pods.start("server", annotations={switch.annotation: value}, spec=spec)
        else:
            pods.start("server", env={switch.variable: value}, spec=spec)


@pytest.fixture
def pods(simulated_cluster: Cluster, namespace: str) -> Pods:
    """The pods of a fresh namespace."""
    return Pods(simulated_cluster.client(), namespace)


@pytest.fixture(params=[True, False], ids=["annotation", "environment"])
def asked(request: pytest.FixtureRequest) -> Asked:
    """By annotation, and by environment."""
    return Asked(by_annotation=bool(request.param))


def test_a_plain_pod_gets_ready_and_looks_like_a_real_one(pods: Pods) -> None:
    pods.start("server")

    pod = pods.until("server", ready)

    main = container(pod, "main")
    assert main["started"] is True
    assert main["imageID"].startswith(f"{IMAGE}@sha256:")
    assert main["state"]["running"]["startedAt"]
    assert pod["status"]["podIP"]
    assert {each["type"] for each in pod["status"]["conditions"] if each["status"] == "True"} >= {
        "PodScheduled",
        "Initialized",
        "ContainersReady",
        "Ready",
    }


def test_a_slow_model_is_running_before_it_is_ready(pods: Pods, asked: Asked) -> None:
    asked.start(pods, LOAD_TIME, "2s")
    running = pods.until("server", lambda pod: pod["status"]["phase"] == "Running")
    since = time.monotonic()

    pods.until("server", ready)

    assert not ready(running)
    assert 1.5 < time.monotonic() - since < 10


def test_a_pod_that_never_gets_ready_keeps_running(pods: Pods, asked: Asked) -> None:
    asked.start(pods, NEVER_READY, "true")
    pods.until("server", lambda pod: pod["status"]["phase"] == "Running")
    _give_it_time()

    pod = pods.read("server")

    assert not ready(pod)
    assert "running" in container(pod, "main")["state"]


def test_a_crashing_container_backs_off(pods: Pods, asked: Asked) -> None:
    asked.start(pods, CRASH_LOOP, "true")

    pod = pods.until("server", waits_because("CrashLoopBackOff"))

    main = container(pod, "main")
    assert main["restartCount"] >= 2
    assert (main["lastState"]["terminated"]["reason"], main["lastState"]["terminated"]["exitCode"]) == ("Error", 1)
    # The variable speaks for its own container, the annotation for all.
    assert container(pod, "side")["ready"] is not asked.by_annotation


def test_a_container_out_of_memory_says_so(pods: Pods, asked: Asked) -> None:
    asked.start(pods, OUT_OF_MEMORY, "true")

    last = container(pods.until("server", waits_because("CrashLoopBackOff")), "main")["lastState"]["terminated"]

    assert (last["reason"], last["exitCode"]) == ("OOMKilled", 137)


def test_an_image_that_cannot_be_pulled_is_named(pods: Pods, asked: Asked) -> None:
    asked.start(pods, IMAGE_PULL, "fail")

    pod = pods.until("server", waits_because("ImagePullBackOff"))

    assert pod["status"]["phase"] == "Pending"
    assert IMAGE in container(pod, "main")["state"]["waiting"]["message"]


def test_a_draining_pod_stays_as_long_as_it_was_told(pods: Pods, asked: Asked) -> None:
    asked.start(pods, DRAIN_TIME, "2s")
    pods.until("server", ready)
    since = time.monotonic()

    pods.delete("server")
    assert ready(pods.read("server"))
    _until_gone(pods)

    assert 1.5 < time.monotonic() - since < 10


def test_a_pod_without_a_drain_goes_at_once(pods: Pods) -> None:
    pods.start("server")
    pods.until("server", ready)
    since = time.monotonic()

    pods.delete("server")
    _until_gone(pods)

    assert time.monotonic() - since < 5


def test_a_crashing_pod_that_is_not_restarted_fails(pods: Pods, asked: Asked) -> None:
    asked.start(pods, CRASH_LOOP, "true", spec={"restartPolicy": "Never"})

    pod = pods.until("server", lambda pod: pod["status"]["phase"] == "Failed")

    assert container(pod, "main")["state"]["terminated"]["exitCode"] == 1


def test_the_pod_of_a_warm_up_leaves_a_result_that_its_path_asks_for(pods: Pods) -> None:
    order = {"path": "/v1/models?SIM_WARMUP_ERRORS=3&SIM_WARMUP_P95=4.5", "requests": 20}
    command = ["python3", "-c", "pass", json.dumps(order)]
    spec = {"restartPolicy": "Never", "containers": [{"name": "warm-up", "image": IMAGE, "command": command}]}
    template = {"metadata": {"labels": {"pulumi-inference.dev/part": "warm-up"}}, "spec": spec}
    job = {"metadata": {"name": "warm"}, "spec": {"backoffLimit": 0, "template": template}}
    pods.client.request("POST", f"/apis/batch/v1/namespaces/{pods.namespace}/jobs", body=job)
    found = pods.first("job-name=warm")

    pod = pods.until(found, lambda pod: pod["status"]["phase"] == "Succeeded")

    left = json.loads(container(pod, "warm-up")["state"]["terminated"]["message"])
    assert (left["count"], left["errors"], left["p95"]) == (20, 3, 4.5)
    assert left["firstError"] == "503 Service Unavailable (simulated)"


def test_a_container_has_a_log(pods: Pods, simulated_cluster: Cluster) -> None:
    pods.start("server")
    pods.until("server", ready)

    text = simulated_cluster.client().text(
        f"/api/v1/namespaces/{pods.namespace}/pods/server/log?container=main&tailLines=1"
    )

    assert "simulated container" in text


def _give_it_time() -> None:
    time.sleep(_WHILE)


def _until_gone(pods: Pods) -> None:
    deadline = time.monotonic() + 20
    while pods.there("server"):
        assert time.monotonic() < deadline, "the pod was not deleted"
        time.sleep(0.05)
