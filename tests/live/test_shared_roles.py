"""With whom a Workload is shared, on a real API server that takes us for each of them: what passes, what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from inference_provider.cluster.requests import Request, Target
from inference_provider.converge import orders
from inference_provider.errors import Forbidden, InferenceError
from inference_provider.manifests.kinds import (
    DEPLOYMENT,
    ROLE,
    ROLE_BINDING,
    SERVICE,
)
from inference_provider.resources import workload as workload_resource
from inference_provider.resources.plan import plan_of
from inference_provider.resources.rights import NEEDED, Right
from inference_provider.resources.workload import found
from inference_provider.resources.world import Properties
from tests.live.programs import Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.support.impersonated import client_of, session_of
from tools.cluster import Cluster
from tools.cluster.client import ApiClient

GROUP = "rbac.authorization.k8s.io"
ROLES = ("OWNER", "EDITOR", "USER", "OBSERVER", "CONSUMER")
#: One person for each role.
EVERYBODY = [{"role": role, "shareRecipientType": "user", "name": role.lower()} for role in ROLES]


async def program(stand: Stand, version: str = "v1", **more: object) -> Inputs:
    """A Workload without GPUs that is shared with everybody, unless said otherwise."""
    made = await stand.version(artifact(server(version)))
    return workload(made, runtime(1, gpu=0), **({"sharedRoles": EVERYBODY} | more))


async def who_may(kubeconfig: Path, method: str, path: str) -> list[str]:
    """Those of the roles whose request the API server lets through; what would become of it is another matter."""
    body = None if method != "PATCH" else LET_IN if "rolebindings" in path else TRY
    headers = {"content-type": "application/json-patch+json"} if body else {}
    params = {"dryRun": "All"} if method in ("PATCH", "DELETE") else {}
    request = Request(method, path, Target("ask for", SERVICE, None, path), params, headers, body)
    return [role for role in ROLES if await passes(kubeconfig, role.lower(), request)]


async def passes(kubeconfig: Path, user: str, request: Request) -> bool:
    """Whether it is not forbidden to this user."""
    async with session_of(kubeconfig, user) as session:
        return (await session.send(request)).status != 403


async def sharing(stand: Stand, outputs: Properties) -> list[dict[str, str]]:
    """With whom a refresh shows it to be shared."""
    read = await workload_resource.read(stand.world(), f"{stand.namespace}/chat", outputs)
    shown = (read or {})["sharedRoles"]
    assert isinstance(shown, list)
    return shown


LOOKS = ["OWNER", "EDITOR", "USER", "OBSERVER"]
CALLS = ["OWNER", "EDITOR", "USER", "CONSUMER"]
DRIVES = ["OWNER", "EDITOR"]
#: Changes that change nothing, as they are only tried; the second one lets somebody else in.
TRY = '[{"op": "add", "path": "/metadata/labels/x", "value": "y"}]'
LET_IN = f'[{{"op": "add", "path": "/subjects/-", "value": {{"kind": "User", "apiGroup": "{GROUP}", "name": "eve"}}}}]'


async def test_each_role_may_do_what_it_says_to_this_workload_alone(stand: Stand, kubeconfig: Path) -> None:
    await stand.create(await program(stand, running=False))  # nobody is behind its endpoint
    await stand.create(await program(stand, name="other", running=False, sharedRoles=[]))
    core, apps = f"/api/v1/namespaces/{stand.namespace}", f"/apis/apps/v1/namespaces/{stand.namespace}"
    shares = f"/apis/{GROUP}/v1/namespaces/{stand.namespace}/rolebindings/workload-chat-owner"
    asked = {
        "look at it": ("GET", f"{core}/services/chat", LOOKS),
        "look at its history": ("GET", f"{core}/configmaps/revision-chat-r1", LOOKS),
        "look at all pods": ("GET", f"{core}/pods", LOOKS),
        "call it": ("GET", f"{core}/services/chat:80/proxy/v1/models", CALLS),
        "call it by the port's name": ("POST", f"{core}/services/http:chat:http/proxy/v1/completions", CALLS),
        "move its traffic": ("PATCH", f"{core}/services/chat", DRIVES),
        "scale it": ("PATCH", f"{apps}/deployments/chat-r1/scale", DRIVES),
        "scale what is to come": ("PATCH", f"{apps}/deployments/chat-r7/scale", DRIVES),
        "edit its pods": ("PATCH", f"{apps}/deployments/chat-r1", ["OWNER"]),
        "delete it": ("DELETE", f"{core}/services/chat", ["OWNER"]),
        "share it": ("PATCH", shares, ["OWNER"]),
        "see Secrets": ("GET", f"{core}/secrets", []),
        "call another one": ("GET", f"{core}/services/other:80/proxy/", []),
        "move another one's traffic": ("PATCH", f"{core}/services/other", []),
        "scale another one": ("PATCH", f"{apps}/deployments/other-r1/scale", []),
        "delete another one": ("DELETE", f"{core}/services/other", []),
        "enter a pod": ("POST", f"{core}/pods/chat-r1/exec", []),
    }
    may = {what: await who_may(kubeconfig, method, path) for what, (method, path, _) in asked.items()}
    assert may == {what: roles for what, (_, _, roles) in asked.items()}


async def test_who_promotes_also_takes_back_stops_and_starts_but_never_rolls(stand: Stand, kubeconfig: Path) -> None:
    by_hand = {"promotion": "manual", "keepOldVersionMinutes": 5, "drainSeconds": 1}
    await stand.create(await program(stand, replacement=by_hand))
    second = await program(stand, "v2", replacement=by_hand)
    await stand.update(second)
    third = await program(stand, "v3", replacement={**by_hand, "onConflict": "supersede"})
    async with client_of(kubeconfig, "editor") as client:
        order = orders.Order(client, stand.namespace, "chat", "editor", "", 30, stand.lines)
        for act in (orders.promote, orders.undo, orders.resume, orders.halt, orders.restart):
            await act(order)
        with pytest.raises(InferenceError, match=r"could not create Service .*chat-r.*forbidden"):
            await Stand(client, stand.namespace).update({**third, "sharedRoles": EVERYBODY})
    await stand.update(third)
    async with client_of(kubeconfig, "editor") as client:
        await orders.cancel(replace(order, cluster=client))
    outputs = await stand.read()
    assert outputs is not None
    assert (outputs["revision"], outputs["candidateProtonIds"]) == ("r1", [])


async def test_who_owns_it_rolls_shares_and_deletes_it_and_nothing_else(stand: Stand, kubeconfig: Path) -> None:
    one = [EVERYBODY[0]]
    await stand.create(await program(stand, sharedRoles=one))
    await stand.create(await program(stand, name="other", running=False, sharedRoles=[]))
    second = await program(stand, "v2", sharedRoles=[*one, *EVERYBODY[3:]])
    other = await program(stand, "v2", name="other", running=False, sharedRoles=[])
    async with client_of(kubeconfig, "owner") as client:
        own = Stand(client, stand.namespace)
        outputs = await own.update(second)
        assert outputs["revision"] == "r2"
        with pytest.raises(Forbidden, match="other"):
            await own.update(other)
        assert [name.rpartition("-")[2] for name in await own.names(ROLE_BINDING)] == ["consumer", "observer", "owner"]
        await own.delete(outputs)
    assert await stand.names(SERVICE) == ["other", "other-r1"]
    for _ in range(100):  # garbage collection comes after the Service
        if not await stand.names(ROLE) + await stand.names(ROLE_BINDING):
            return
    raise AssertionError(await stand.names(ROLE))


def lets(client: ApiClient, namespace: str, user: str, rights: Sequence[Right]) -> None:
    """Grant a user just these rights."""
    there = f"/apis/{GROUP}/v1/namespaces/{namespace}"
    rules = [
        {
            "apiGroups": [each.group],
            "resources": ["/".join(filter(None, (each.resource, each.subresource)))],
            "verbs": [each.verb],
        }
        for each in rights
    ]
    client.request("POST", f"{there}/roles", body={"metadata": {"name": user}, "rules": rules})
    bound = {"apiGroup": GROUP, "kind": "Role", "name": user}
    subjects = [{"apiGroup": GROUP, "kind": "User", "name": user}]
    client.request(
        "POST", f"{there}/rolebindings", body={"metadata": {"name": user}, "subjects": subjects, "roleRef": bound}
    )


async def unshared(stand: Stand, news: Inputs) -> str | None:
    """What the preview of an update says of rights to share that are missing."""
    outputs = await stand.read()
    assert outputs is not None
    wanted = (await workload_resource.check(stand.world(), {}, news)).inputs
    known = {**wanted, **outputs, "sharedRoles": []}
    plan = await plan_of(stand.world(), known, wanted, workload_resource.diff(known, wanted))
    assert (plan.in_place[:1], plan.replaces) == (("sharedRoles[0]",), ())
    return plan.unshared


SHARING = [
    Right(verb, GROUP, kind) for kind in ("roles", "rolebindings") for verb in ("get", "list", "create", "patch")
]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "this identity may not touch Roles and RoleBindings of the namespace"),
        (SHARING, "Kubernetes lets nobody grant rights that they do not hold themselves"),
    ],
    ids=["no right to share", "fewer rights than are shared"],
)
async def test_who_may_not_share_is_told_why_and_nothing_is_changed(
    stand: Stand, kubeconfig: Path, simulated_cluster: Cluster, more: Sequence[Right], said: str
) -> None:
    lets(simulated_cluster.client(), stand.namespace, "dora", [*NEEDED, *more])
    await stand.create(await program(stand, running=False, sharedRoles=[]))
    second = await program(stand, "v2", running=False)
    async with client_of(kubeconfig, "dora") as client:
        theirs = Stand(client, stand.namespace)
        assert said in str(await unshared(theirs, second))
        with pytest.raises(InferenceError, match=said) as caught:
            await theirs.update(second)
    assert "Workload" in str(caught.value)
    assert f"role `admin` in namespace {stand.namespace}" in str(caught.value) or "`admin` has these" in str(
        caught.value
    )
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]
    assert await stand.names(ROLE) == ["dora"]


async def test_the_built_in_role_admin_is_enough_to_share_it(
    stand: Stand, kubeconfig: Path, simulated_cluster: Cluster
) -> None:
    there = f"/apis/{GROUP}/v1/namespaces/{stand.namespace}/rolebindings"
    bound = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "admin"}
    subjects = [{"apiGroup": GROUP, "kind": "User", "name": "dora"}]
    binding = {"metadata": {"name": "dora"}, "subjects": subjects, "roleRef": bound}
    simulated_cluster.client().request("POST", there, body=binding)
    async with client_of(kubeconfig, "dora") as client:
        theirs = Stand(client, stand.namespace)
        await theirs.create(await program(stand, running=False, sharedRoles=[]))
        shared = await program(stand, running=False)
        assert await unshared(theirs, shared) is None
        await theirs.update(shared)
    assert len(await stand.names(ROLE)) == len(ROLES)


async def test_what_others_change_of_it_is_shown_and_put_right(stand: Stand) -> None:
    first = await program(stand, running=False)
    outputs = await stand.create(first)
    namespace, client = stand.namespace, stand.client
    eve = {"kind": "User", "apiGroup": GROUP, "name": "eve"}
    await client.patch(
        ROLE_BINDING, namespace, "workload-chat-user", [{"op": "add", "path": "/subjects/-", "value": eve}]
    )
    all_of_it = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    await client.patch(
        ROLE, namespace, "workload-chat-observer", [{"op": "replace", "path": "/rules", "value": all_of_it}]
    )
    await client.delete(ROLE, namespace, "workload-chat-consumer")
    noticed = "; ".join(await found(stand.world(), f"{namespace}/chat", outputs))
    assert "USER is shared with user eve, whom nobody wants" in noticed
    assert "Role workload-chat-observer grants something else than OBSERVER means" in noticed
    assert "Role workload-chat-consumer of those who have CONSUMER is gone" in noticed
    shown = await sharing(stand, outputs)
    assert {(each["role"], each["name"]) for each in shown} == {
        *((each["role"], each["name"]) for each in EVERYBODY if each["role"] != "CONSUMER"),
        ("USER", "eve"),
    }
    await stand.update(first)
    assert await found(stand.world(), f"{namespace}/chat", outputs) == ()
    assert await sharing(stand, outputs) == EVERYBODY
    await stand.update({**first, "sharedRoles": []})
    assert await stand.names(ROLE) + await stand.names(ROLE_BINDING) == []
