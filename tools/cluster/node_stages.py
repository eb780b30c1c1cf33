"""How does a simulated node come up, stay alive, and get lost?"""

from tools.cluster.faults import NODE_LOST

Stage = dict[str, object]

LEASES = "kube-node-lease"
"""The namespace in which nodes keep their Leases."""
NOBODY = "lost"
"""Who holds the Lease of a lost node."""

_CONDITIONS = """\
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ or $.metadata.creationTimestamp $now | Quote }}
{{ end }}
"""

_SYSTEM = """\
addresses:
- type: InternalIP
  address: 127.0.0.1
- type: Hostname
  address: {{ .metadata.name | Quote }}
daemonEndpoints:
  kubeletEndpoint:
    Port: {{ NodePort }}
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: containerd://2.1.0
  kernelVersion: 6.8.0-sim
  kubeProxyVersion: ""
  kubeletVersion: v1.36.3
  machineID: ""
  operatingSystem: linux
  osImage: Simulated
  systemUUID: ""
phase: Running
"""

_LOST = """\
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
{{ if ne .type "NetworkUnavailable" }}
- type: {{ .type | Quote }}
  status: Unknown
  reason: NodeStatusUnknown
  message: Kubelet stopped posting node status.
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
{{ end }}
"""

_FOREIGN_LEASE = f"""\
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata:
  name: {{{{ .metadata.name | Quote }}}}
  namespace: {LEASES}
spec:
  holderIdentity: {NOBODY}
  leaseDurationSeconds: 1000000000
  renewTime: {{{{ now | date "2006-01-02T15:04:05.000000Z07:00" | Quote }}}}
"""

_READY = '.status.conditions[]? | select(.type == "Ready") | .status'
_ASKED = f'.metadata.annotations["{NODE_LOST}"]'


def _stage(name: str, *, ready: bool, lost: bool, rest: dict[str, object]) -> Stage:
    expressions: list[dict[str, object]] = [
        {"key": _ASKED, "operator": "In" if lost else "NotIn", "values": ["true"]},
        {"key": _READY, "operator": "In" if ready else "NotIn", "values": ["True"]},
    ]
    spec = {
        "resourceRef": {"apiGroup": "v1", "kind": "Node"},
        "selector": {"matchExpressions": expressions},
        "weight": 1,
        **rest,
    }
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name}, "spec": spec}


def initialized() -> Stage:
    """A new node, or one that came back, reports itself ready."""
    return _stage("node-initialized", ready=False, lost=False, rest={"next": {"statusTemplate": _CONDITIONS + _SYSTEM}})


def heartbeat() -> Stage:
    """A ready node writes its status every ten minutes; its Lease is renewed by kwok itself."""
    delay = {"durationMilliseconds": 600_000, "jitterDurationMilliseconds": 610_000}
    return _stage(
        "node-heartbeat", ready=True, lost=False, rest={"delay": delay, "next": {"statusTemplate": _CONDITIONS}}
    )


def lost() -> Stage:
    """The node is gone: its status is unknown at once, and another holder has its Lease for good.

    kwok leaves a node, and the pods on it, alone as long as somebody else holds the node's Lease.
    """
    steps = [
        {"patch": {"subresource": "status", "root": "status", "type": "strategic", "template": _LOST}},
        {"apply": {"template": _FOREIGN_LEASE}},
    ]
    return _stage("node-lost", ready=True, lost=True, rest={"steps": steps})


def node_stages() -> list[Stage]:
    """Every Stage of nodes."""
    return [initialized(), heartbeat(), lost()]
