"""How were the streams in ``recorded`` recorded? From a simulated cluster: `python -m tests.health.recording CLUSTER`.

Each stream is one story of Deployments and their pods, as the real controllers and the real scheduler wrote them;
the kubelet alone is simulated. What the states mean is judged again by `test_recorded_streams`.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from inference_provider.health.deployment import assess_group, combine
from inference_provider.health.verdict import Verdict
from inference_provider.manifests.kinds import Body
from tests.support.namespaces import fresh_namespace
from tools.cluster import Cluster, cluster, find_node, lose_node
from tools.cluster.client import ApiClient

FOLDER = Path(__file__).parent / "recorded"
GROUP = "pulumi-inference.dev/group"
#: Only one node has these GPUs.
T4 = {"nvidia.com/gpu.product": "Tesla-T4"}
#: What no verdict may depend on, and what would make every recording another one.
_NOISE = ("managedFields", "resourceVersion", "creationTimestamp", "selfLink", "generateName", "ownerReferences")


def verdict_of(deployments: Sequence[Body], pods: Sequence[Body]) -> Verdict:
    """What all groups together come to."""
    groups = {each["metadata"]["labels"][GROUP]: each for each in deployments}
    return combine({name: assess_group(each, pods, wanted=each["spec"]["replicas"]) for name, each in groups.items()})


class Recorder:
    """One story in a namespace of its own."""

    def __init__(self, client: ApiClient, namespace: str) -> None:
        self._client, self._namespace = client, namespace
        self.steps: list[Body] = []

    def make(
        self, group: str, *, replicas: int = 1, gpus: int = 0, env: dict[str, str] | None = None, **spec: object
    ) -> None:
        """A Deployment of one group."""
        labels = {GROUP: group}
        variables = [{"name": key, "value": value} for key, value in (env or {}).items()]
        probe = {"httpGet": {"path": "/health", "port": 8000}, "periodSeconds": 1, "failureThreshold": 60}
        limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
        container = {"name": "engine", "image": "example/engine:v1", "env": variables, "startupProbe": probe}
        pod = {"containers": [container | {"resources": {"limits": limits}}], "tolerations": [{"operator": "Exists"}]}
        body = {
            "metadata": {"name": f"w-r2-{group}", "labels": labels},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod | spec},
            },
        }
        self._client.request("POST", f"/apis/apps/v1/namespaces/{self._namespace}/deployments", body=body)

    def ask(self, method: str, path: str, body: object = None) -> Body:
        """Anything else, in this namespace."""
        return self._client.request(method, path.format(namespace=self._namespace), body=body)

    def pods(self, group: str = "") -> list[Body]:
        """The pods as they are."""
        query = f"?labelSelector={GROUP}={group}" if group else ""
        found: list[Body] = self.ask("GET", f"/api/v1/namespaces/{{namespace}}/pods{query}")["items"]
        return found

    def when(self, moment: str, holds: Callable[[str], bool]) -> None:
        """Keep what there is as soon as the verdict's words, which come with its reason, are as expected."""
        deadline = time.monotonic() + 60
        while True:
            deployments = self.ask("GET", "/apis/apps/v1/namespaces/{namespace}/deployments")["items"]
            found = {
                "deployments": [_plain(each) for each in deployments],
                "pods": [_plain(each) for each in self.pods()],
            }
            verdict = verdict_of(**found)
            if holds(f"{verdict.reason}: {verdict.message}"):
                break
            assert time.monotonic() < deadline, f"{moment}: {verdict}"
            time.sleep(0.02)
        says = {"state": verdict.state, "reason": verdict.reason, "says": verdict.message}
        self.steps.append({"when": moment, **says, **found})


def _plain(body: Body) -> Body:
    meta = {key: value for key, value in body["metadata"].items() if key not in _NOISE}
    return {**body, "metadata": meta}


def several_groups(recorder: Recorder, _: Cluster) -> None:
    """Prefill is ready long before decode."""
    recorder.make("prefill", env={"SIM_LOAD_TIME": "500ms"})
    recorder.make("decode", replicas=2, env={"SIM_LOAD_TIME": "6s"})
    recorder.when("one group is ready, the other loads", lambda said: "1 of 2 groups ready; decode: 0 of 2" in said)
    recorder.when("all groups are ready", lambda said: said.startswith("Ready"))


def pushed_out(recorder: Recorder, _: Cluster) -> None:
    """Somebody more important takes the only T4s."""
    recorder.make("engine", gpus=4, env={"SIM_DRAIN_TIME": "3s"}, nodeSelector=T4)
    recorder.when("serves", lambda said: said.startswith("Ready"))
    first = {"name": "train", "image": "t:1", "resources": {"limits": {"nvidia.com/gpu": "4"}}}
    more = {"priorityClassName": "system-cluster-critical", "tolerations": [{"operator": "Exists"}]}
    body = {"metadata": {"name": "train"}, "spec": {"containers": [first], **more, "nodeSelector": T4}}
    recorder.ask("POST", "/api/v1/namespaces/{namespace}/pods", body)
    recorder.when("is pushed out, and has to go elsewhere", lambda said: said.startswith("Unschedulable"))
    recorder.ask("DELETE", "/api/v1/namespaces/{namespace}/pods/train")
    recorder.when("serves again", lambda said: said.startswith("Ready"))


def evicted(recorder: Recorder, _: Cluster) -> None:
    """Somebody drains its node."""
    recorder.make("engine", env={"SIM_DRAIN_TIME": "3s", "SIM_LOAD_TIME": "2s"})
    recorder.when("serves", lambda said: said.startswith("Ready"))
    name = recorder.pods()[0]["metadata"]["name"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    recorder.ask("POST", f"/api/v1/namespaces/{{namespace}}/pods/{name}/eviction", eviction)
    recorder.when("one ends, its successor loads", lambda said: said.startswith("NotReady: 0 of 1"))
    recorder.when("its successor serves", lambda said: said.startswith("Ready"))


def refused_by_a_quota(recorder: Recorder, _: Cluster) -> None:
    """The namespace may have one GPU, and it wants two."""
    quota = {"metadata": {"name": "gpus"}, "spec": {"hard": {"requests.nvidia.com/gpu": "1"}}}
    recorder.ask("POST", "/api/v1/namespaces/{namespace}/resourcequotas", quota)
    recorder.make("engine", replicas=2, gpus=1)
    recorder.when("one serves, the other is refused", lambda said: said.startswith("Quota: 1 of 2"))


def node_lost(recorder: Recorder, found: Cluster) -> None:
    """Its node dies, and is given up."""
    recorder.make("engine", gpus=4, nodeSelector=T4)
    recorder.when("serves", lambda said: said.startswith("Ready"))
    lose_node(found, "gpu-t4-1")
    recorder.when("its node is silent", lambda said: said.startswith("NodeLost"))
    recorder.ask("DELETE", f"/api/v1/namespaces/{{namespace}}/pods/{recorder.pods()[0]['metadata']['name']}")
    recorder.when("it hangs there, its successor finds no node", lambda said: said.startswith("Unschedulable"))
    find_node(found, "gpu-t4-1")


def image_that_cannot_be_pulled(recorder: Recorder, _: Cluster) -> None:
    """A typing error."""
    recorder.make("engine", env={"SIM_IMAGE_PULL_FAIL": "true"})
    recorder.when("backs off", lambda said: said.startswith("ImagePull") and "Back-off" in said)


STORIES = (several_groups, pushed_out, evicted, refused_by_a_quota, node_lost, image_that_cannot_be_pulled)


def main(name: str) -> None:
    """Record every story."""
    found = cluster(name)
    for story in STORIES:
        with fresh_namespace(found.client()) as namespace:
            recorder = Recorder(found.client(), namespace)
            story(recorder, found)
        (FOLDER / f"{story.__name__}.json").write_text(json.dumps(recorder.steps, indent=1) + "\n")
        sys.stdout.write(f"{story.__name__}: {len(recorder.steps)} steps\n")


if __name__ == "__main__":
    main(sys.argv[1])
