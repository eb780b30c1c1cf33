"""A policy that may not be read: no pods are started before somebody may, and everything else goes on."""

import pytest

from inference_provider.errors import Forbidden, InferenceError
from inference_provider.manifests.admission import ADMISSION_BINDING
from inference_provider.manifests.kinds import CONFIG_MAP, Body, Kind
from inference_provider.resources import workload
from inference_provider.resources.plan import plan_of
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, flavors, gpu_chat, made, refused, verdicts
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers

NAMED = [{"refType": "remotePolicy", "id": "rules/eu-only"}]
WHY = (
    "Policy rules/eu-only cannot be read: could not read ConfigMap rules/policy-eu-only: no right (403). Workload "
    "models/chat names Policy rules/eu-only (`policies`), so whoever plans or changes it has to read that one, too; to "
    "be shared with in namespace models does not give that"
)


class Closed(FakeCluster):
    """Two namespaces. Somebody may take the right to read a kind's objects by name, or to list them, in one of them."""

    def __init__(self) -> None:
        super().__init__("models", "rules")
        self.closed: set[tuple[str, str | None]] = set()

    async def find(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        """As ever, with the right to."""
        if kind is CONFIG_MAP and ("read", namespace) in self.closed:
            raise Forbidden("read", kind=kind.name, namespace=namespace, name=name, status=403, said="no right")
        return await super().find(kind, namespace, name)

    async def list(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> list[Body]:
        """As ever, with the right to."""
        if kind is CONFIG_MAP and labels and "policy" in labels and ("list", namespace) in self.closed:
            raise Forbidden("list", kind=kind.name, namespace=namespace, name="", status=403, said="no right")
        return await super().list(kind, namespace, labels=labels, fields=fields)


class There(Outside):
    """With such a cluster."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = Closed()
        self.cluster = self.closed
        self.controllers = FakeControllers(self.cluster)


@pytest.fixture
def there() -> There:
    return There()


async def _named(there: There, **more: object) -> tuple[Properties, Properties]:
    """A Workload that names a policy of another namespace, which may not be read any more; its inputs and outputs."""
    await made(there, {**EU, "namespace": "rules", "labels": {"never": "chosen"}})
    inputs = {**await gpu_chat(there, policies=NAMED, **more), "namespace": "models"}
    out = await there.workload(inputs)
    there.closed.closed.add(("read", "rules"))
    return inputs, out


async def test_a_version_under_a_named_policy_that_may_not_be_read_is_refused_by_check(there: There) -> None:
    inputs, out = await _named(there)

    assert await refused(there, {**inputs, "runtime": runtime(gpu=2.0)}, out) == {"policies": WHY}
    assert await refused(there, {**inputs, "displayName": "Chat"}, out) == {}


async def test_more_pods_under_a_policy_that_may_not_be_read_are_refused_and_fewer_are_not(there: There) -> None:
    inputs, out = await _named(there, runtime=runtime(gpu=1.0, replicas=2.0))

    more = await refused(there, {**inputs, "runtime": runtime(gpu=1.0, replicas=3.0)}, out)
    assert list(more) == ["runtime.containerGroups[0].replicaCount"]
    assert WHY in str(more)

    fewer = {**inputs, "runtime": runtime(gpu=1.0, replicas=1.0)}
    assert await refused(there, fewer, out) == {}
    done = await workload.update(there.world(), "models/chat", fewer, out)
    assert (done["revision"], there.replicas("chat-r1")) == ("r1", 1)


async def test_a_workload_stops_though_a_policy_may_not_be_read(there: There) -> None:
    inputs, out = await _named(there)

    done = await workload.update(there.world(), "models/chat", {**inputs, "running": False}, out)

    assert there.pods() == []
    assert [(each["policy"], each["message"]) for each in verdicts(done)] == [(None, WHY)]


async def test_no_version_is_started_under_a_policy_that_may_not_be_read(there: There) -> None:
    inputs, out = await _named(there)
    rolls = {**inputs, "runtime": runtime(gpu=2.0)}

    with pytest.raises(InferenceError) as refusal:
        await workload.update(there.world(), "models/chat", rolls, out)

    assert refusal.value.message == (
        f"could not start a version of Workload models/chat: {WHY}. Nothing was changed; r1 serves on"
    )
    assert (await plan_of(there.world(), out, rolls, workload.diff(out, rolls))).denied == WHY


async def test_the_api_server_goes_on_holding_who_is_under_a_policy_that_may_not_be_read(there: There) -> None:
    inputs, out = await _named(there)
    await made(there, {**flavors("t4", name="gold"), "labels": {"tier": "gold"}})
    silver = {**inputs, "tags": {"tier": "silver"}}
    there.closed.closed = set()
    out = await workload.update(there.world(), "models/chat", {**inputs, "tags": {"tier": "gold"}}, out)
    held = sorted(each["metadata"]["name"] for each in there.cluster.all_of(ADMISSION_BINDING))
    assert held == ["pulumi-inference.models.gold", "pulumi-inference.rules.eu-only"]
    there.closed.closed.add(("list", "models"))

    await workload.update(there.world(), "models/chat", silver, out)

    assert sorted(each["metadata"]["name"] for each in there.cluster.all_of(ADMISSION_BINDING)) == held


async def test_who_may_not_list_policies_is_warned_and_starts_nothing(there: There) -> None:
    inputs = {**await gpu_chat(there), "namespace": "models"}
    out = await there.workload(inputs)
    there.closed.closed.add(("list", "models"))
    rolls = {**inputs, "runtime": runtime(gpu=2.0)}

    assert await refused(there, rolls, out) == {}
    [said] = there.heard.warnings
    assert said == (
        "whether policies allow this version is not known, and no pods are started before it is: could not list "
        "ConfigMap models/: no right (403)"
    )
    with pytest.raises(InferenceError, match="the policies of namespace models cannot be read"):
        await workload.update(there.world(), "models/chat", rolls, out)
    await workload.update(there.world(), "models/chat", {**inputs, "running": False}, out)
    assert there.pods() == []
