"""What is kwokctl told, so that it starts our parts, on loopback only, and downloads nothing?"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.node_stages import node_stages
from tools.cluster.pod_stages import pod_stages

_VERSION = "config.kwok.x-k8s.io/v1alpha1"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one cluster."""

    etcd: int
    etcd_peer: int
    api: int
    controller_manager: int
    scheduler: int
    kwok: int


@dataclass(frozen=True)
class Flag:
    """An argument that one component of a cluster gets beside what all clusters give it."""

    component: str
    key: str
    value: str


def kwok_config(binaries: Path, ports: Ports, logs: Path, flags: Sequence[Flag] = ()) -> str:
    """The configuration file of one cluster: JSON documents, which YAML readers take as they are."""
    documents = [_kwokctl(binaries, ports, flags), *node_stages(), *pod_stages(), _container_logs(logs)]
    return "\n---\n".join(json.dumps(document, indent=1) for document in documents) + "\n"


def _kwokctl(binaries: Path, ports: Ports, flags: Sequence[Flag]) -> dict[str, object]:
    options: dict[str, object] = {
        "runtime": "binary",
        "bindAddress": _LOOPBACK,
        "heartbeatFactor": 1,
        "etcdPort": ports.etcd,
        "etcdPeerPort": ports.etcd_peer,
        "kubeApiserverPort": ports.api,
        "kubeControllerManagerPort": ports.controller_manager,
        "kubeSchedulerPort": ports.scheduler,
        "kwokControllerPort": ports.kwok,
        "etcdBinary": str(binaries / "etcd"),
        "kubeApiserverBinary": str(binaries / "kube-apiserver"),
        "kubeControllerManagerBinary": str(binaries / "kube-controller-manager"),
        "kubeSchedulerBinary": str(binaries / "kube-scheduler"),
        "kwokControllerBinary": str(binaries / "kwok"),
        "kubectlBinary": str(binaries / "kubectl"),
    }
    patches = [
        # Nothing here is worth surviving a power cut, and syncing doubles the time of every write.
        _extra("etcd", "unsafe-no-fsync", "true"),
        # The API server refuses to advertise a loopback address as the Service `kubernetes`.
        _extra("kube-apiserver", "endpoint-reconciler-type", "none"),
        # There is one of each, and one that loses its lease ends: a stalled etcd would be the end of them.
        _extra("kube-controller-manager", "leader-elect", "false"),
        _extra("kube-scheduler", "leader-elect", "false"),
        # Autoscalers are looked at every 15 s otherwise, which is what a test of them would have to wait for.
        _extra("kube-controller-manager", "horizontal-pod-autoscaler-sync-period", "1s"),
        # The names of simulated nodes resolve nowhere.
        _extra("kube-apiserver", "kubelet-preferred-address-types", "InternalIP"),
        # Nodes report the loopback address, where kwok answers for the kubelet (container logs).
        _extra("kwok-controller", "node-ip", _LOOPBACK, override=True),
        *(_extra(flag.component, flag.key, flag.value) for flag in flags),
    ]
    return {
        "apiVersion": _VERSION,
        "kind": "KwokctlConfiguration",
        "options": options,
        "componentsPatches": patches,
    }


def _extra(component: str, key: str, value: str, *, override: bool = False) -> dict[str, object]:
    """One more argument; `override` replaces one that kwokctl gives already, and only such a one."""
    return {"name": component, "extraArgs": [{"key": key, "value": value, "override": override}]}


def _container_logs(logs: Path) -> dict[str, object]:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterLogs",
        "metadata": {"name": "all-pods"},
        "spec": {"logs": [{"logsFile": str(logs), "previousLogsFile": str(logs), "follow": False}]},
    }


#: What every simulated container wrote, in the format in which a container runtime keeps logs.
CONTAINER_LOG = """\
2026-01-01T00:00:00.000000000Z stdout F simulated container: starting
2026-01-01T00:00:00.100000000Z stdout F simulated container: loading model weights
2026-01-01T00:00:00.200000000Z stderr F simulated container: this line stands where a real server would say why it ended
"""
