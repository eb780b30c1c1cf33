"""Inputs as a program would give them, small and valid, to be bent by the tests."""

from collections.abc import Mapping

Inputs = dict[str, object]


def server(**more: object) -> Inputs:
    """A primary container."""
    return {"name": "server", "image": "vllm/vllm-openai:v0.9", "primary": True, "port": 8000.0, **more}


def sidecar(**more: object) -> Inputs:
    """A container that is not primary."""
    return {"name": "sidecar", "image": "exporter:1", **more}


def spec(*containers: Mapping[str, object]) -> Inputs:
    """One group, with the given containers or one server."""
    return {"containerGroups": [{"containers": list(containers or [server()])}]}


def artifact(**more: object) -> Inputs:
    """A draft Artifact."""
    return {"name": "llama", "spec": spec(), **more}


def workload(**more: object) -> Inputs:
    """A Workload that runs a version."""
    return {"name": "chat", "artifactId": "models/llama@0123456789ab", **more}


def inline(*containers: Mapping[str, object], **more: object) -> Inputs:
    """A Workload with its artifact written inside."""
    return {"name": "chat", "artifact": {"spec": spec(*containers)}, **more}


def allocated(**resources: object) -> Inputs:
    """A runtime that gives the server of the default group these resources."""
    return {"containerGroups": [{"containers": [{"name": "server", "resourceAllocation": resources}]}]}
