"""One container group of a proton as a pod template: what runs, with what hardware, and how it ends politely."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.manifests.anchor import TARGET_PORT
from inference_provider.manifests.kinds import Body

#: Seconds a pod that answers requests keeps serving after it was told to end, so that slow proxies stop sending first.
PRE_STOP_SECONDS = 15
#: The most that pods behind those serve on for longer: while they do, their GPUs are not free, whoever waits for them.
BEHIND_SECONDS = 60
#: Least time between "please end" and "killed"; long answers are finished in it.
GRACE_SECONDS = 60
GPU = "nvidia.com/gpu"
GPU_PRODUCT = "nvidia.com/gpu.product"
GPU_MEMORY = "nvidia.com/gpu.memory"
CACHE_PATH = "/opt/nim/.cache"


@dataclass(frozen=True)
class Hardware:
    """What one group asks of a node: resources by container, GPU models (exact product labels) and memory in MiB,
    labels that the node must have and taints that the pods do not mind; ``env`` is what containers are told of it.
    ``terms`` are the alternatives that policies leave, wishes for models and memory included; None: no policy.
    """

    resources: Mapping[str, Body] = field(default_factory=dict)
    gpu_models: tuple[str, ...] = ()
    gpu_memory_mib: int | None = None
    node_labels: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Body, ...] = ()
    env: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    terms: tuple[Body, ...] | None = None

    @property
    def wishes(self) -> tuple[Body, ...]:
        """What the models and the memory ask of a node, as Kubernetes' expressions."""
        memory = [str(self.gpu_memory_mib - 1)] if self.gpu_memory_mib else []
        return (
            *({"key": GPU_PRODUCT, "operator": "In", "values": [model]} for model in self.gpu_models),
            *({"key": GPU_MEMORY, "operator": "Gt", "values": [each]} for each in memory),
        )

    @property
    def gpus(self) -> int:
        """GPUs that one pod of the group takes."""
        return sum(int(each.get("limits", {}).get(GPU, 0)) for each in self.resources.values())


def pod_spec(
    group: Body,
    *,
    hardware: Hardware,
    secret: str | None,
    priority: str | None,
    drain_seconds: int,
    storage: Body | None,
    spread_over: Mapping[str, str],
) -> Body:
    """The pod spec of a container group (its canonical content, see ``domain.content``)."""
    volumes = _volumes(hardware, storage)
    mounts = [{"name": volume["name"], "mountPath": path} for path, volume in volumes]
    serves_on = serves_on_seconds(group, drain_seconds=drain_seconds)
    containers = [
        _container(
            each,
            resources=hardware.resources.get(each["name"], {}),
            secret=secret,
            mounts=mounts,
            serves_on=serves_on,
        )
        for each in (_told(one, hardware) for one in group["containers"])
    ]
    spec: Body = {
        "containers": containers,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": max(GRACE_SECONDS, serves_on + drain_seconds),
        "topologySpreadConstraints": [_spread("kubernetes.io/hostname", spread_over)],
    }
    if volumes:
        spec["volumes"] = [volume for _, volume in volumes]
    if priority:
        spec["priorityClassName"] = priority
    tolerations = [{"key": GPU, "operator": "Exists", "effect": "NoSchedule"}] if hardware.gpus else []
    if tolerations or hardware.tolerations:
        spec["tolerations"] = [*tolerations, *hardware.tolerations]
    if hardware.node_labels:
        spec["nodeSelector"] = dict(hardware.node_labels)
    return spec | _placement(hardware)


def _told(container: Body, hardware: Hardware) -> Body:
    """The container with the variables of its hardware, before its own: those may refer to them."""
    variables = hardware.env.get(container["name"])
    if not variables:
        return container
    own = [each for each in container.get("env") or [] if each["name"] not in variables]
    added = [{"name": name, "value": value} for name, value in sorted(variables.items())]
    return container | {"env": [*added, *own]}


def serves_on_seconds(group: Body, *, drain_seconds: int) -> int:
    """How long a group's pods take new requests after they were told to end.

    All groups of a version are told at about the same time. Those that stand behind the one that answers must be there
    until it has finished what it has begun, for which it has ``drain_seconds``: a router without workers answers with
    errors. A minute has to do, though: who removes a version waits for its pods.
    """
    primary = any(container.get("primary") for container in group["containers"])
    return PRE_STOP_SECONDS if primary else PRE_STOP_SECONDS + min(drain_seconds, BEHIND_SECONDS)


def _container(each: Body, *, resources: Body, secret: str | None, mounts: list[Body], serves_on: int) -> Body:
    container: Body = {
        "name": each["name"],
        "image": each["image"],
        "lifecycle": {"preStop": {"sleep": {"seconds": serves_on}}},
        "securityContext": _security(each.get("securityContext") or {}),
    }
    renamed = {"command": each.get("entrypoint"), "args": each.get("args"), "resources": resources}
    container |= {key: value for key, value in renamed.items() if value}
    if each.get("env"):
        container["env"] = [_variable(variable) for variable in each["env"]]
    if secret:
        container["envFrom"] = [{"secretRef": {"name": secret}}]
    if each.get("primary"):
        container["ports"] = [{"name": TARGET_PORT, "containerPort": each["port"], "protocol": "TCP"}]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if each.get(probe):
            container[probe] = _probe(each[probe], port=each.get("port"))
    if mounts:
        container["volumeMounts"] = mounts
    return container


def _variable(variable: Body) -> Body:
    reference = variable.get("secretRef")
    if reference:
        return {"name": variable["name"], "valueFrom": {"secretKeyRef": dict(reference)}}
    return {"name": variable["name"], "value": variable.get("value", "")}


def _probe(probe: Body, *, port: int | None) -> Body:
    """A probe; where no port is said, the container's own, else 8080 (the seed's default)."""
    get: Body = {
        "path": probe["path"],
        "port": probe.get("port") or port or 8080,
        "scheme": probe.get("scheme", "HTTP"),
    }
    if probe.get("host"):
        get["host"] = probe["host"]
    if probe.get("httpHeaders"):
        get["httpHeaders"] = [{"name": key, "value": value} for key, value in sorted(probe["httpHeaders"].items())]
    times = ("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold")
    return {"httpGet": get} | {key: probe[key] for key in times if key in probe}


def _security(context: Body) -> Body:
    """The container's security context: no privilege escalation and the runtime's seccomp unless said otherwise."""
    given = {key: value for key, value in context.items() if value is not None}
    return {"allowPrivilegeEscalation": False, "seccompProfile": {"type": "RuntimeDefault"}} | given


def _volumes(hardware: Hardware, storage: Body | None) -> list[tuple[str, Body]]:
    volumes: list[tuple[str, Body]] = []
    if hardware.gpus > 1:  # tensor parallelism talks through shared memory; the runtime's 64 MiB are too few
        volumes.append(("/dev/shm", {"name": "shared-memory", "emptyDir": {"medium": "Memory"}}))
    if storage is not None:
        claim = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": storage.get("pvcSize") or "100Gi"}},
        }
        volumes.append(
            (CACHE_PATH, {"name": "weights", "ephemeral": {"volumeClaimTemplate": {"spec": claim}}}),
        )
    return volumes


def _spread(key: str, labels: Mapping[str, str]) -> Body:
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(labels)},
    }


def _placement(hardware: Hardware) -> Body:
    """A required node affinity. Its terms are alternatives: each says all that has to hold."""
    terms = hardware.terms
    if terms is None:
        terms = ({"matchExpressions": list(hardware.wishes)},) if hardware.wishes else ()
    if not terms:
        return {}
    required = {"nodeSelectorTerms": [dict(each) for each in terms]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}
