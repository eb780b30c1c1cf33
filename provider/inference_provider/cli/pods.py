"""How are pods shown? A row each: how it is, on which node, with which GPUs, how old."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from math import ceil

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from inference_provider.cli.times import age
from inference_provider.health.verdict import Reason
from inference_provider.resources.pods import PodSeen

#: So many pods are shown; ready pods beyond that are only counted. JSON has them all.
SHOWN = 8

#: One cell for each pod up to here; with more pods a cell stands for several.
CELLS = 12

_WORDS = {
    Reason.NOT_CREATED: "not made",
    Reason.SCHEDULING: "scheduling",
    Reason.UNSCHEDULABLE: "no node",
    Reason.QUOTA: "over quota",
    Reason.ADMISSION: "not admitted",
    Reason.PULLING: "pulling",
    Reason.IMAGE_PULL: "no image",
    Reason.CONFIG_ERROR: "bad config",
    Reason.CONTAINER_ERROR: "failed",
    Reason.CRASH_LOOP: "crashes",
    Reason.OUT_OF_MEMORY: "out of memory",
    Reason.LOADING: "loading",
    Reason.EVICTED: "evicted",
    Reason.NODE_LOST: "node lost",
    Reason.TERMINATING: "ending",
}
_BAD = {
    Reason.IMAGE_PULL,
    Reason.CONFIG_ERROR,
    Reason.CONTAINER_ERROR,
    Reason.CRASH_LOOP,
    Reason.OUT_OF_MEMORY,
    Reason.EVICTED,
    Reason.NODE_LOST,
}


def cells(ready: int, wanted: int) -> Text:
    """How many pods are ready, at a glance."""
    several = max(1, ceil(wanted / CELLS))
    there = ceil(wanted / several)
    full = there if ready >= wanted else ready // several
    return Text.assemble(("■" * full, "green"), ("□" * (there - full), "yellow"))


def pods(found: Sequence[PodSeen], *, now: datetime) -> RenderableType:
    """The pods by name; of many, those that are not ready."""
    shown = sorted(found, key=lambda pod: pod.ready)[:SHOWN]
    grid = Table.grid(padding=(0, 2, 0, 0))
    for may_fold in (False, False, True, False, False):
        grid.add_column(no_wrap=not may_fold, overflow="fold")
    for pod in sorted(shown, key=lambda each: each.name):
        grid.add_row(pod.name, _state(pod), pod.node, gpus(pod), Text(_age(pod, now), "dim"))
    hidden = [pod for pod in found if pod not in shown]
    if not hidden:
        return grid
    how = "all ready" if all(pod.ready for pod in hidden) else "not all ready"
    return Group(grid, Text(f"and {len(hidden)} more, {how}"))


def holding(found: Sequence[PodSeen]) -> str:
    """What pods take away from others: ``, holding 12 × H100``."""
    counts = Counter[str]()
    for pod in found:
        counts[short_model(pod.model) or "GPU"] += pod.gpus
    said = " and ".join(f"{count} × {model}" for model, count in sorted(counts.items()) if count)
    return f", holding {said}" if said else ""


def word(pod: PodSeen) -> str:
    """How a pod is, in a word or two."""
    return (
        "ready" if pod.ready else next((said for reason, said in _WORDS.items() if reason == pod.reason), "not ready")
    )


def _state(pod: PodSeen) -> Text:
    style = "green" if pod.ready else "red" if pod.reason in _BAD else "yellow"
    again = f", {pod.restarts} restarts" if pod.restarts > 1 else ", 1 restart" if pod.restarts else ""
    return Text(f"{word(pod)}{again}", style)


def gpus(pod: PodSeen) -> str:
    """As in ``4 × H100``; nothing for a pod without GPUs."""
    return f"{pod.gpus} × {short_model(pod.model) or 'GPU'}" if pod.gpus else ""


def short_model(model: str) -> str:
    """``H100`` for the label ``NVIDIA-H100-80GB-HBM3``; two parts where one says too little: ``RTX 6000``."""
    parts = [each for each in re.split(r"[-_ ]", model) if each.lower() not in ("nvidia", "tesla", "geforce")]
    return " ".join(parts[:2] if parts and parts[0] in ("RTX", "GTX") else parts[:1])


def _age(pod: PodSeen, now: datetime) -> str:
    return age(pod.since, now) if pod.since else ""
