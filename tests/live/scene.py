"""Where weather and foreign hands play: a Workload that serves, a program behind the weather, and a witness."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.errors import InferenceError
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, LEASE, POD, SERVICE
from inference_provider.resources.workload import found
from inference_provider.resources.world import Properties
from tests.live.programs import Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.live.witness import Witness
from tests.support.weather import Call
from tests.support.weather_proxy import WeatherProxy

#: How many pods the Workload of a scene has.
PODS = 2

#: Nothing may hang: in these scenes every update ends, well or in a sentence, within this time (seconds).
PATIENCE = 60.0


@dataclass
class Scene:
    """``ours`` goes through the weather, ``fair`` does not; both are runs of the same program.

    ``outputs`` are those of the first version. ``gpu_model``: of which each pod wants one, if any. ``lost`` is a node
    whose pods nobody can end.
    """

    ours: Stand
    fair: Stand
    proxy: WeatherProxy
    witness: Witness
    gpu_model: str | None = None
    lost: str | None = None
    outputs: Properties = field(default_factory=dict)

    async def program(self, version: str, *, env: Mapping[str, str] | None = None, **more: object) -> Inputs:
        """The Workload with some version of its Artifact."""
        run = {"update": "90s"}
        made = await self.fair.version(artifact(server(version, env={"SIM_LOAD_TIME": "100ms", **(env or {})})))
        return workload(made, self._hardware(), **({"timeouts": run} | more))

    def _hardware(self) -> Inputs:
        if self.gpu_model is None:
            return runtime(PODS, gpu=0)
        one = {"cpu": 1, "memory": "1Gi", "gpu": 1, "gpuModel": self.gpu_model}
        return runtime(PODS) | {"containers": [{"name": "server", "resourceAllocation": one}]}

    async def serve(self) -> None:
        """The first version serves; from now on the witness counts."""
        self.outputs = await self.fair.create(await self.program("v1"))
        await self.witness.until(PODS)
        self.witness.begin()

    async def noticed(self) -> str:
        """What Diff finds that is not in order, for the program that has not changed since it was served."""
        return "; ".join(await found(self.fair.world(), f"{self.fair.namespace}/chat", self.outputs))

    async def attempt(self, wanted: Inputs, *, within: float = PATIENCE) -> InferenceError | None:
        """One update through the weather; the sentence it ended with, if it did. Raises TimeoutError when it hangs."""
        try:
            outputs = await asyncio.wait_for(self.ours.update(wanted), within)
        except InferenceError as error:
            return error
        assert outputs["activeArtifactId"] == wanted["artifactId"]
        return None

    async def settle(self, wanted: Inputs, *, floor: int = PODS) -> Properties:
        """One more update, with fair weather: then the wanted version serves alone and nothing is left over.

        ``floor`` is how many pods must have had traffic all the time.
        """
        outputs = await asyncio.wait_for(self.fair.update(wanted), PATIENCE)
        assert outputs["activeArtifactId"] == wanted["artifactId"]
        assert outputs["candidateProtonIds"] == []
        await self._tidy(outputs)
        assert self.witness.fewest >= floor, f"only {self.witness.fewest} of {PODS} pods got traffic at some time"
        return outputs

    async def _tidy(self, outputs: Properties) -> None:
        rollout = outputs["rollout"]
        assert isinstance(rollout, dict)
        kept = rollout["retained"]
        protons = [f"chat-{each}" for each in (kept, outputs["revision"]) if each]
        assert await self.fair.names(DEPLOYMENT) == sorted(protons)
        assert await self.fair.names(SERVICE) == sorted(["chat", *protons])
        assert await self.fair.names(JOB) == ([f"chat-{kept}-keep"] if kept else [])
        await self.witness.until(PODS)
        assert self.witness.ready == await self._serving(str(outputs["revision"]))
        lease = await self.fair.client.find(LEASE, self.fair.namespace, "chat")
        assert lease is None or not lease["spec"].get("holderIdentity")

    async def _serving(self, revision: str) -> set[str]:
        """The uids of a version's pods, but those that hang on a lost node."""
        pods = await self.fair.objects(POD, f"pulumi-inference.dev/revision={revision}")
        hang = {pod["metadata"]["uid"] for pod in pods if pod["spec"].get("nodeName") == self.lost is not None}
        return {pod["metadata"]["uid"] for pod in pods} - hang


def starting(call: Call) -> bool:
    """The candidate is about to be made: long before the switch."""
    return call.method == "POST" and call.path.endswith("/deployments")


def proving(call: Call) -> bool:
    """The candidate is made, and will be waited for."""
    return call.method == "PATCH" and call.path.endswith("/configmaps/revision-chat-r2") and "initializing" in call.body


def widening(call: Call) -> bool:
    """Traffic is about to go to both."""
    return _selects(call) and ("even" in call.body) != ("odd" in call.body)


def narrowing(call: Call) -> bool:
    """Traffic is about to go to one alone."""
    return _selects(call) and "even" in call.body and "odd" in call.body


def retaining(call: Call) -> bool:
    """The old one is about to be given to its tombstone: after the switch."""
    return call.method == "PATCH" and "/services/chat-r" in call.path and "/metadata/ownerReferences" in call.body


def _selects(call: Call) -> bool:
    return call.method == "PATCH" and call.path.endswith("/services/chat") and "/spec/selector" in call.body
