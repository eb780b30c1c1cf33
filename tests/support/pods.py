"""Plain pods for trying the simulation, and a way to wait for what they become."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tools.cluster.client import Answer, ApiClient, ApiError

IMAGE = "vllm/vllm-openai:v0.1"


@dataclass(frozen=True)
class Pods:
    """The pods of one namespace."""

    client: ApiClient
    namespace: str

    def start(
        self,
        name: str,
        *,
        annotations: dict[str, str] | None = None,
        env: dict[str, str] | None = None,
        spec: dict[str, object] | None = None,
    ) -> None:
        """Make a pod with the container `main`, which has the environment, and the container `side`."""
        variables = [{"name": key, "value": value} for key, value in (env or {}).items()]
        containers = [{"name": "main", "image": IMAGE, "env": variables}, {"name": "side", "image": "busybox:1"}]
        body = {
            "metadata": {"name": name, "annotations": annotations or {}},
            "spec": {"containers": containers, **(spec or {})},
        }
        self.client.request("POST", self._path(), body=body)

    def read(self, name: str) -> Answer:
        """The pod as it is now."""
        return self.client.request("GET", self._path(name))

    def first(self, selector: str, *, seconds: float = 20) -> str:
        """The name of the first pod with these labels, as soon as there is one."""
        deadline = time.monotonic() + seconds
        while not (found := self.client.request("GET", f"{self._path()}?labelSelector={selector}")["items"]):
            assert time.monotonic() < deadline, f"no pod with {selector}"
            time.sleep(0.05)
        return str(found[0]["metadata"]["name"])

    def delete(self, name: str) -> None:
        """Ask for its deletion."""
        self.client.request("DELETE", self._path(name))

    def there(self, name: str) -> bool:
        """Whether it still exists."""
        try:
            self.read(name)
        except ApiError as error:
            return error.status != 404
        return True

    def until(self, name: str, holds: Callable[[Answer], bool], *, seconds: float = 20) -> Answer:
        """The pod as soon as it is as asked."""
        deadline = time.monotonic() + seconds
        while not holds(pod := self.read(name)):
            assert time.monotonic() < deadline, f"pod {name} did not get there: {pod['status']}"
            time.sleep(0.05)
        return pod

    def _path(self, name: str = "") -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods/{name}".rstrip("/")


def ready(pod: Answer) -> bool:
    """Whether the pod is ready."""
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def container(pod: Answer, name: str) -> Answer:
    """A container's status; empty as long as there is none."""
    found: list[Answer] = [each for each in pod["status"].get("containerStatuses", []) if each["name"] == name]
    return found[0] if found else {}


def waits_because(reason: str) -> Callable[[Answer], bool]:
    """Whether the container `main` waits for this reason."""

    def holds(pod: Answer) -> bool:
        waiting = container(pod, "main").get("state", {}).get("waiting") or {}
        return bool(waiting.get("reason") == reason)

    return holds
