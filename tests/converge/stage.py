"""What a test of converging works with: a cluster in memory, its controllers, and the operations on it."""

import asyncio
from collections.abc import Callable

from inference_provider.converge import birth, workload
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.look import look
from inference_provider.converge.operation import Operation
from inference_provider.converge.wanted import Wanted
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, POD, SERVICE, Body, Kind
from inference_provider.rollout.fleet import Fleet
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers, Fate
from tests.support.fake_mirror import FakeMirror
from tests.support.heard import Heard


class Stage:
    """One namespace ("models") with one Workload ("llama"), on virtual time."""

    def __init__(self) -> None:
        self.cluster = FakeCluster("models")
        self.controllers = FakeControllers(self.cluster)
        self.heard = Heard()

    async def create(self, wanted: Wanted, *, seconds: float = 3600) -> Fleet:
        """Make the Workload."""
        return await birth.create(self.cluster, wanted, seconds=seconds, report=self.heard)

    async def update(self, wanted: Wanted, *, seconds: float = 3600) -> Fleet:
        """Bring it to what is wanted."""
        return await workload.update(self.cluster, wanted, seconds=seconds, report=self.heard)

    async def sees(self, look: Callable[[], object]) -> None:
        """Wait until a write has made ``look`` true."""
        seen = asyncio.Event()
        self.cluster.after_write.append(lambda: seen.set() if look() else None)
        if not look():
            await seen.wait()

    async def fleet(self) -> Fleet:
        """What there is now."""
        found = await look(self.cluster, "models", "llama")
        assert found is not None
        return found

    def operation(self, *, seconds: float = 3600) -> Operation:
        """An operation in the middle of things."""
        mirror = FakeMirror(self.cluster, "models", "llama")
        deadline = Deadline.after("updating Workload models/llama", seconds)
        anchors = [each for each in self.cluster.all_of(SERVICE) if each["metadata"]["name"] == "llama"]
        epoch = (annotation(anchors[0], labels.EPOCH) if anchors else None) or "1"
        return Operation("models", "llama", self.cluster, mirror, self.cluster.lock_state, deadline, self.heard, epoch)

    def fate_of(self, fates: dict[str, Fate]) -> None:
        """What becomes of pods, by a word in their image; others are ready at once."""

        def fate(deployment: Body) -> Fate:
            image = str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
            return next((fate for word, fate in fates.items() if word in image), Fate())

        self.controllers.fate = fate

    def names(self, kind: Kind) -> list[str]:
        """The names of all objects of a kind."""
        return sorted(str(each["metadata"]["name"]) for each in self.cluster.all_of(kind))

    def service(self, name: str = "llama") -> Body:
        """A Service as stored."""
        return self.cluster.named(SERVICE, name)

    def record(self, revision: int) -> Body:
        """A revision's record."""
        return self.cluster.named(CONFIG_MAP, f"revision-llama-r{revision}")

    def pods(self, revision: int) -> list[str]:
        """The names of a proton's pods."""
        return [name for name in self.names(POD) if name.startswith(f"llama-r{revision}-")]

    def replicas(self, name: str) -> int:
        """The count of one Deployment."""
        return int(self.cluster.named(DEPLOYMENT, name)["spec"]["replicas"])
