"""Whose last log lines explain a verdict."""

from collections.abc import Sequence
from typing import NamedTuple

from inference_provider.health.conditions import name_of
from inference_provider.health.pod_parts import Container, containers_of
from inference_provider.health.verdict import Reason, Verdict
from inference_provider.manifests.kinds import Body


class LogSource(NamedTuple):
    """``previous`` asks for the incarnation before the present one: the one that died."""

    pod: str
    container: str
    previous: bool


def log_source(verdict: Verdict, pods: Sequence[Body]) -> LogSource | None:
    """The container whose log matters, or None when nothing has been logged or nobody can be asked for it."""
    # The kubelet of a lost node cannot be asked; asking would only cost time.
    if verdict.ready or verdict.reason is Reason.NODE_LOST or verdict.pod is None:
        return None
    pod = next((one for one in pods if name_of(one) == verdict.pod), None)
    if pod is None:
        return None
    container = _suspect(containers_of(pod), verdict.container)
    return None if container is None else LogSource(verdict.pod, container.name, _died_before(container))


def _suspect(containers: Sequence[Container], named: str | None) -> Container | None:
    if named is not None:
        containers = [one for one in containers if one.name == named]
    return next((one for one in containers if _has_log(one) and not _is_fine(one)), None)


def _has_log(container: Container) -> bool:
    return any(end is not None for end in (container.running, container.terminated, container.terminated_before))


def _is_fine(container: Container) -> bool:
    return container.ready or (container.step and (container.terminated or {}).get("exitCode") == 0)


def _died_before(container: Container) -> bool:
    return container.terminated is None and container.terminated_before is not None
