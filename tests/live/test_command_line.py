"""`pulumi-inference` as a process of its own, against a real API server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from pathlib import Path

from inference_provider.manifests.kinds import LEASE, POD, SERVICE
from inference_provider.resources.rights import LOOKING, NEEDED, Right
from tests.live.groups import one_more_ready
from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand
from tools.cluster import Cluster
from tools.cluster.client import ApiClient

#: A probe that outlasts any story.
PATIENT = {"path": "/health", "initialDelaySeconds": 0, "periodSeconds": 1, "failureThreshold": 3600}
PROGRAM = (sys.executable, "-m", "inference_provider.cli")
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces"


def typed(
    *arguments: str, kubeconfig: Path | str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What a script gets that runs a command."""
    env = {**os.environ, "KUBECONFIG": str(kubeconfig), **(environ or {})}
    env.pop("COLUMNS", None)
    return subprocess.run([*PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False)


def config(cluster: Cluster, path: Path, *, server: str = "", token: str = "", elsewhere: str = "default") -> Path:
    """A kubeconfig of one's own: contexts ``here`` (the current one) and ``elsewhere``, with a namespace."""
    pki = cluster.work / "pki"
    admin = {"client-certificate": str(pki / "admin.crt"), "client-key": str(pki / "admin.key")}
    there = {
        "server": server or f"https://127.0.0.1:{cluster.ports().api}",
        "certificate-authority": str(pki / "ca.crt"),
    }
    used = {"cluster": "c", "user": "u"}
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": there}],
        "users": [{"name": "u", "user": {"token": token} if token else admin}],
        "contexts": [
            {"name": "here", "context": used},
            {"name": "elsewhere", "context": {**used, "namespace": elsewhere}},
        ],
    }
    path.write_text(json.dumps(body))
    return path


def token_of_somebody_with(client: ApiClient, namespace: str, rights: Sequence[Right]) -> str:
    """A service account with just these rights in its namespace."""
    accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    client.request("POST", accounts, body={"metadata": {"name": "somebody"}})
    rules = [
        {
            "apiGroups": [each.group],
            "resources": ["/".join(filter(None, (each.resource, each.subresource)))],
            "verbs": [each.verb],
        }
        for each in rights
    ]
    client.request("POST", f"{RBAC}/{namespace}/roles", body={"metadata": {"name": "some"}, "rules": rules})
    subject = {"kind": "ServiceAccount", "name": "somebody", "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "some"}
    bound = {"metadata": {"name": "some"}, "subjects": [subject], "roleRef": role}
    client.request("POST", f"{RBAC}/{namespace}/rolebindings", body=bound)
    return str(client.request("POST", f"{accounts}/somebody/token", body={"spec": {}})["status"]["token"])


async def test_on_call_sees_what_serves_what_was_before_and_how_to_go_back(stand: Stand, kubeconfig: Path) -> None:
    first = await stand.version(artifact())
    await stand.create(workload(first, runtime(2)))
    second = await stand.version(artifact(server("v2")))
    await stand.update(workload(second, runtime(2)))

    said = typed("status", "chat", "-n", stand.namespace, kubeconfig=kubeconfig)

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(f"{stand.namespace}/chat  running\n")
    assert "r2 serves since " in said.stdout
    for pod in await stand.objects(POD, "pulumi-inference.dev/revision=r2"):
        assert f"{pod['metadata']['name']}  ready  {pod['spec']['nodeName']}" in said.stdout
    assert f"{second.partition('/')[2]}, 2 of 2 pods ready" in said.stdout
    assert f"`pulumi-inference undo chat -n {stand.namespace}` goes back to it without loading" in said.stdout
    assert "worked on by" not in said.stdout
    assert "\x1b" not in said.stdout

    seen = json.loads(typed("status", "--json", "-n", stand.namespace, kubeconfig=kubeconfig).stdout)
    assert [(each["name"], each["revision"], each["artifactId"], each["ready"]) for each in seen] == [
        ("chat", "r2", second, 2)
    ]


async def test_while_somebody_works_on_it_everybody_sees_who(stand: Stand, kubeconfig: Path) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(1, gpu=0)))
    service = await stand.client.get(SERVICE, stand.namespace, "chat")

    async with stand.client.lock(stand.namespace, "chat", owner=service, wait=0):
        seen = typed("status", "chat", "--json", "-n", stand.namespace, kubeconfig=kubeconfig)

    lock = json.loads(seen.stdout)["lock"]
    assert f"/{os.getpid()}/" in lock["holder"]
    assert (
        json.loads(typed("status", "chat", "--json", "-n", stand.namespace, kubeconfig=kubeconfig).stdout)["lock"]
        is None
    )


async def test_undo_takes_the_same_pods_and_holds_what_it_took_back(stand: Stand, kubeconfig: Path) -> None:
    first = await stand.version(artifact())
    await stand.create(workload(first, runtime(1, gpu=0)))
    pods = await stand.pod_uids("r1")
    await stand.update(workload(await stand.version(artifact(server("v2"))), runtime(1, gpu=0)))

    said = typed("undo", "chat", "-y", "--reason", "answers slowly", "-n", stand.namespace, kubeconfig=kubeconfig)

    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(
        f"{stand.namespace}/chat is running: r1 ({first}) serves, 1 of 1 pods ready\nr2 is held"
    )
    assert await stand.pod_uids("r1") == pods
    held = json.loads(typed("status", "chat", "--json", "-n", stand.namespace, kubeconfig=kubeconfig).stdout)["held"]
    assert (held["kind"], held["revision"], held["reason"]) == ("undo", "r2", "answers slowly")
    assert typed("resume", "chat", "-n", stand.namespace, kubeconfig=kubeconfig).returncode == 0
    assert typed("resume", "chat", "-n", stand.namespace, kubeconfig=kubeconfig).returncode == 1


async def test_ctrl_c_gives_the_lock_back_and_the_same_command_carries_on(
    stand: Stand, simulated_cluster: Cluster, kubeconfig: Path
) -> None:
    endless = artifact(server(probe=PATIENT, env={"SIM_LOAD_TIME": "1h"}))
    made = asyncio.create_task(stand.create(workload(await stand.version(endless), runtime(1, gpu=0))))
    await one_more_ready(simulated_cluster, stand, "r1", "default")
    await made
    there = ("chat", "-n", stand.namespace)
    assert typed("stop", *there, "--yes", kubeconfig=kubeconfig).returncode == 0

    started = await asyncio.create_subprocess_exec(
        *PROGRAM, "start", *there, env={**os.environ, "KUBECONFIG": str(kubeconfig)}, stdout=PIPE, stderr=PIPE
    )
    assert started.stderr is not None
    assert await asyncio.wait_for(started.stderr.readline(), 30)  # it has the lock and waits for pods
    started.send_signal(signal.SIGINT)
    _, said = await asyncio.wait_for(started.communicate(), 30)

    assert started.returncode == 130
    assert b"interrupted: what serves goes on serving, and the lock is given back" in said
    assert b"Traceback" not in said
    lease = await stand.client.get(LEASE, stand.namespace, "chat")
    assert not lease["spec"].get("holderIdentity")
    starting = asyncio.create_task(asyncio.to_thread(typed, "start", *there, kubeconfig=kubeconfig))
    await one_more_ready(simulated_cluster, stand, "r1", "default")
    again = await starting
    assert again.returncode == 0, again.stderr


async def test_a_watch_follows_a_replacement_and_the_past_is_told_afterwards(stand: Stand, kubeconfig: Path) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(1)))
    watching = await asyncio.create_subprocess_exec(
        *PROGRAM, "status", "chat", "-w", "-n", stand.namespace, env={**os.environ, "KUBECONFIG": str(kubeconfig)},
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    assert watching.stdout is not None
    lines = [await asyncio.wait_for(watching.stdout.readline(), 30)]  # it looks on
    await stand.update(workload(await stand.version(artifact(server("v2"))), runtime(1)))
    while b"replacement r2 completed" not in lines[-1]:
        lines.append(await asyncio.wait_for(watching.stdout.readline(), 30))
    watching.send_signal(signal.SIGINT)
    _, remarks = await asyncio.wait_for(watching.communicate(), 30)

    assert (watching.returncode, remarks) == (0, b"")
    said = b"".join(lines).decode()
    assert "UTC  r2 is coming up: " in said
    assert "(1 × H100)" in said
    assert "UTC  traffic goes to r2" in said

    pod = (await stand.objects(POD, "pulumi-inference.dev/revision=r2"))[0]
    events = typed("events", "chat", "-n", stand.namespace, kubeconfig=kubeconfig).stdout
    assert f"pod/{pod['metadata']['name']}" in events
    assert "traffic moves to r2" in events
    everywhere = typed("list", "-A", kubeconfig=kubeconfig).stdout
    assert f"{stand.namespace}/chat" in everywhere


def test_a_namespace_comes_from_the_context_that_was_asked_for(simulated_cluster: Cluster, tmp_path: Path) -> None:
    path = config(simulated_cluster, tmp_path / "config", elsewhere="nobody-is-here")

    assert "no Workload in namespace default" in typed("status", kubeconfig=path).stderr
    said = typed("status", "--context", "elsewhere", kubeconfig=path).stderr
    assert "no Workload in namespace nobody-is-here" in said


def test_the_doctor_finds_the_clusters_version_rights_and_gpus(
    kubeconfig: Path, namespace: str, toolchain_bin: Path, tmp_path: Path
) -> None:
    path = f"{toolchain_bin}{os.pathsep}{os.environ['PATH']}"
    environ = {"PATH": path, "PULUMI_BACKEND_URL": f"file://{tmp_path}", "PULUMI_CONFIG_PASSPHRASE": ""}

    said = typed("doctor", "-n", namespace, kubeconfig=kubeconfig, environ=environ)

    assert said.returncode == 0, said.stdout + said.stderr
    assert {line.split()[0] for line in said.stdout.splitlines()} == {"ok"}
    for subject in ("Kubernetes  v1.", f"namespace   {namespace} exists", "NVIDIA-H100-80GB-HBM3: ", "pulumi      v3."):
        assert subject in said.stdout


def test_the_readmes_role_is_enough_for_the_doctor(simulated_cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    token = token_of_somebody_with(simulated_cluster.client(), namespace, (*NEEDED, *LOOKING))
    path = config(simulated_cluster, tmp_path / "config", token=token)

    said = typed("doctor", "-n", namespace, kubeconfig=path).stdout

    assert f"as system:serviceaccount:{namespace}:somebody\n" in said
    assert f"ok       rights      all {len(NEEDED)} that are needed in namespace {namespace}\n" in said
    assert f"warning  namespace   no right to see whether {namespace} exists\n" in said
    assert "warning  GPUs        no right to see nodes and all pods: free GPUs stay unknown\n" in said
    assert "warning  priorities  no right to see PriorityClasses: importance is only noted\n" in said


def test_the_doctor_names_every_right_that_somebody_lacks(
    simulated_cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    given = [each for each in (*NEEDED, *LOOKING) if each.verb != "delete"]
    token = token_of_somebody_with(simulated_cluster.client(), namespace, given)
    path = config(simulated_cluster, tmp_path / "config", token=token)

    said = typed("doctor", "-n", namespace, kubeconfig=path)

    assert said.returncode == 1
    lacking = [f"may not {each.name} in namespace {namespace}" for each in NEEDED if each.verb == "delete"]
    assert [line.split("  ")[-1] for line in said.stdout.splitlines() if " rights " in line] == lacking


def test_where_nobody_answers_there_is_one_sentence(simulated_cluster: Cluster, tmp_path: Path) -> None:
    path = config(simulated_cluster, tmp_path / "config", server="https://127.0.0.1:1")

    said = typed("status", kubeconfig=path)

    assert (said.returncode, said.stdout) == (6, "")
    assert said.stderr.startswith(
        "error: could not log in to cluster (current context): no answer from https://127.0.0.1:1"
    )
    assert said.stderr.count("\n") == 1
