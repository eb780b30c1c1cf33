"""How long a pod may take to become ready, and how long it has to stay so, as its own probes say."""

from inference_provider.manifests.kinds import Body

#: Seconds allowed where no startup probe sets a limit: large models load for a quarter of an hour.
UNLIMITED_LOAD_SECONDS = 1800.0
#: So many more readiness probes a pod has to pass before it takes over: one may be luck.
STEADY_PROBES = 2


def load_seconds(deployment: Body) -> float:
    """Seconds from the start of the pod's containers until all must be ready; scheduling and pulling come on top.

    Containers start together, so the slowest counts; init containers that stay (``restartPolicy: Always``) come
    one after the other before them. 1800 when no container has a startup probe, and for each container whose
    readiness is probed without one. Defaults are the API's: delay 0, period 10, threshold 3, time-out 1.
    """
    spec = ((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}
    containers = spec.get("containers") or []
    before = [one["startupProbe"] for one in spec.get("initContainers") or [] if one.get("startupProbe")]
    if not before and not any(one.get("startupProbe") for one in containers):
        return UNLIMITED_LOAD_SECONDS
    return sum(map(_probe_seconds, before)) + max(map(_container_seconds, containers), default=0.0)


def _container_seconds(container: Body) -> float:
    if container.get("startupProbe"):
        return _probe_seconds(container["startupProbe"])
    return UNLIMITED_LOAD_SECONDS if container.get("readinessProbe") else 0.0


def _probe_seconds(probe: Body) -> float:
    attempts = float(probe.get("periodSeconds") or 10) * float(probe.get("failureThreshold") or 3)
    return float(probe.get("initialDelaySeconds") or 0) + attempts + float(probe.get("timeoutSeconds") or 1)


def ready_seconds(deployment: Body) -> float:
    """Seconds from the start of the containers until all must be Ready: load, one readiness probe, and a tenth more.

    The tenth (at least 5 s) covers that kubelets spread their probes over the period.
    """
    spec = ((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}
    after = max(map(_first_readiness, spec.get("containers") or []), default=0.0)
    allowed = load_seconds(deployment) + after
    return allowed + max(5.0, allowed / 10)


def _first_readiness(container: Body) -> float:
    probe = container.get("readinessProbe") or {}
    return float(probe.get("initialDelaySeconds") or 0) + float(probe.get("periodSeconds") or 0)


def steady_seconds(deployment: Body) -> float:
    """Seconds that pods have to stay Ready without a break before traffic moves to them; 0 without a readiness probe.

    As long as the slowest prober among the containers takes for so many probes; the API's default period is 10 s.
    """
    spec = ((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}
    probes = [each["readinessProbe"] for each in spec.get("containers") or [] if each.get("readinessProbe")]
    return max((STEADY_PROBES * float(probe.get("periodSeconds") or 10) for probe in probes), default=0.0)
