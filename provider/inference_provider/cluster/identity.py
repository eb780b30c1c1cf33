"""Which cluster does a kubeconfig mean? Told without asking it: by the address of its API server."""

import importlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def server_of(kubeconfig: str | None, context: str | None) -> str | None:
    """The API server's address, of a path or the content itself; None when it cannot be told."""
    read = list(_documents(kubeconfig))
    chosen = context or next((each["current-context"] for each in read if each.get("current-context")), None)
    cluster = _named(read, "contexts", chosen, "context").get("cluster")
    server = _named(read, "clusters", cluster, "cluster").get("server")
    return server.rstrip("/") if isinstance(server, str) else None


def _named(documents: list[Mapping[str, Any]], entries: str, name: object, inside: str) -> Mapping[str, Any]:
    for document in documents:
        listed = document.get(entries)
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, Mapping) and entry.get("name") == name and isinstance(entry.get(inside), Mapping):
                return dict(entry[inside])
    return {}


def _documents(kubeconfig: str | None) -> Iterator[Mapping[str, Any]]:
    """The parsed content, or that of each file that can be read."""
    # By name, because PyYAML (there through kr8s) comes without types.
    yaml = importlib.import_module("yaml")
    for text in _texts(kubeconfig):
        try:
            content = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError):  # a date that is none, brackets without end
            continue
        if isinstance(content, Mapping):
            yield content


def _texts(kubeconfig: str | None) -> Iterator[str]:
    if kubeconfig and ("\n" in kubeconfig or kubeconfig.lstrip().startswith("{")):
        yield kubeconfig
        return
    paths = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    for path in paths.split(os.pathsep):
        try:
            yield Path(path).expanduser().read_text(encoding="utf-8")
        except (OSError, ValueError, RuntimeError):
            continue
