"""A Workload that is shared with service accounts: what each can do, logged in as itself, with the real tools."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.requests import Request, Target
from inference_provider.cluster.session import connect
from inference_provider.errors import InferenceError
from inference_provider.manifests.kinds import SERVICE
from inference_provider.resources import workload as workload_resource
from tests.live.programs import Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.live.test_command_line import config, typed
from tools.cluster import Cluster

ROLES = ("OWNER", "EDITOR", "USER", "OBSERVER", "CONSUMER")
SHARED = [{"role": role, "shareRecipientType": "serviceAccount", "name": role.lower()} for role in ROLES]
BY_HAND = {"promotion": "manual", "keepOldVersionMinutes": 5, "drainSeconds": 1}


@dataclass
class People:
    """One service account for each role, with a kubeconfig of its own."""

    stand: Stand
    kubeconfigs: dict[str, Path]

    async def type(self, who: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, as somebody types it who has this role."""
        there = (*arguments, "-n", self.stand.namespace)
        return await asyncio.to_thread(typed, *there, kubeconfig=self.kubeconfigs[who])

    async def calls(self, who: str) -> int:
        """What the API server answers to a call of the endpoint."""
        path = f"/api/v1/namespaces/{self.stand.namespace}/services/chat:80/proxy/v1/models"
        session = await connect(kubeconfig=str(self.kubeconfigs[who]), context=None)
        try:
            return (
                await session.send(Request("GET", path, Target("call", SERVICE, None, "chat"), {}, {}, None))
            ).status
        finally:
            await session.close()

    @asynccontextmanager
    async def program_of(self, who: str) -> AsyncIterator[Stand]:
        """The program, run by this role."""
        client = Client(await connect(kubeconfig=str(self.kubeconfigs[who]), context=None))
        try:
            yield Stand(client, self.stand.namespace)
        finally:
            await client.close()


@pytest.fixture
def people(stand: Stand, simulated_cluster: Cluster, tmp_path: Path) -> People:
    """All of them, logged in."""
    accounts, client = f"/api/v1/namespaces/{stand.namespace}/serviceaccounts", simulated_cluster.client()
    found = {}
    for role in ROLES:
        client.request("POST", accounts, body={"metadata": {"name": role.lower()}})
        token = client.request("POST", f"{accounts}/{role.lower()}/token", body={"spec": {}})["status"]["token"]
        found[role] = config(simulated_cluster, tmp_path / role, token=str(token))
    return People(stand, found)


async def program(stand: Stand, version: str, *, running: bool = True) -> Inputs:
    """A Workload without GPUs that is shared with all of them."""
    made = await stand.version(artifact(server(version)))
    return workload(made, runtime(1, gpu=0), replacement=BY_HAND, sharedRoles=SHARED, running=running)


async def test_who_may_look_looks_and_who_may_call_calls(people: People) -> None:
    await people.stand.create(await program(people.stand, "v1", running=False))  # nobody is behind its endpoint
    looks, calls = await asyncio.gather(*(people.type(each, "status", "chat") for each in ("OBSERVER", "CONSUMER")))
    assert (looks.returncode, calls.returncode) == (0, 5)
    assert "chat  stopped" in looks.stdout
    assert "Traceback" not in calls.stderr
    assert "is forbidden" in calls.stderr
    assert {each: await people.calls(each) for each in ROLES} == {
        "OWNER": 503,
        "EDITOR": 503,
        "USER": 503,
        "OBSERVER": 403,
        "CONSUMER": 503,
    }


async def test_who_may_promote_promotes_and_who_may_look_is_told_who_may(people: People) -> None:
    await people.stand.create(await program(people.stand, "v1"))
    await people.stand.update(await program(people.stand, "v2"))
    refused = await people.type("OBSERVER", "promote", "chat", "-y")
    assert (refused.returncode, "Traceback" in refused.stderr) == (5, False)
    assert "is shared: who has EDITOR or OWNER may do that" in refused.stderr
    done = await people.type("EDITOR", "promote", "chat", "-y")
    assert (done.returncode, "warning" in done.stderr) == (0, False), done.stderr
    assert "r2" in done.stdout


async def test_who_owns_it_changes_it_and_who_may_promote_is_told_why_not(people: People) -> None:
    await people.stand.create(await program(people.stand, "v1"))
    second = await program(people.stand, "v2")
    async with people.program_of("EDITOR") as theirs:
        with pytest.raises(InferenceError, match="is shared: who has OWNER may do that") as caught:
            await theirs.update(second)
    assert "could not create Service" in str(caught.value)
    async with people.program_of("OWNER") as ours:
        elsewhere = [{"refType": "remotePolicy", "id": "kube-public/eu-only"}]
        unread = await workload_resource.check(ours.world(), {}, {**second, "policies": elsewhere})
        assert "names Policy kube-public/eu-only" in str(unread.faults)
        assert "has to read that one" in str(unread.faults)
        assert (await ours.update(second))["revision"] == "r1"  # the new one waits for promotion
        done = await people.type("OWNER", "promote", "chat", "-y")
        assert done.returncode == 0, done.stderr
        outputs = await ours.read()
    assert (outputs or {})["revision"] == "r3"  # r2 is what who may only promote could not make
