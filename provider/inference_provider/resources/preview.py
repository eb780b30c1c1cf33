"""One line that says what an update will do to people's GPUs, before anything happens."""

from collections.abc import Mapping

from inference_provider.converge.capacity import count
from inference_provider.domain.rolling_table import entry_for
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import InferenceError, InputError
from inference_provider.manifests.hardware import hardware_of
from inference_provider.placement.fit import Demand
from inference_provider.resources.workload import parse, rolling_causes
from inference_provider.resources.world import Difference, Properties, World


async def plan_line(world: World, olds: Properties, news: Properties, difference: Difference) -> str | None:
    """What rolls and why, GPUs needed and free; None when nothing rolls and the tree says it all."""
    name = f"Workload {news.get('namespace') or world.namespace}/{news.get('name')}"
    if difference.replaces:
        return f"{name}: {' and '.join(difference.replaces)} changes, so it is made anew and its endpoint changes"
    causes = rolling_causes(difference)
    if not causes:
        return f"{name}: {_in_place(difference)}, in place; no pod restarts" if difference.changed else None
    now = f" from {olds.get('revision')} ({olds.get('activeArtifactId')})" if olds.get("revision") else ""
    rollout = olds.get("rollout")
    kept = rollout.get("retainedArtifactId") if isinstance(rollout, Mapping) else None
    if kept and causes == ["artifactId"] and news.get("artifactId") == kept:
        until = rollout.get("keepOldUntil") if isinstance(rollout, Mapping) else None
        return f"{name} goes back{now} to {kept}, whose pods are kept until {until}: no load, no further GPUs"
    target = news.get("artifactId") if "artifactId" in causes else None
    to = f" to {target}" if target else ""
    return f"{name} rolls{now}{to} because of {_listed(causes)}; {await _room(world, olds, news)}"


def _in_place(difference: Difference) -> str:
    later = [path for path in difference.changed if (entry := entry_for(path)) and entry.effect == "next roll"]
    now = [path for path in difference.changed if path not in later]
    parts = ([f"{_listed(now)} changes"] if now else []) + (
        [f"{_listed(later)} counts from the next roll on"] if later else []
    )
    return ", ".join(parts)


def _listed(paths: list[str]) -> str:
    shown = ", ".join(paths[:3])
    return f"{shown} and {len(paths) - 3} more" if len(paths) > 3 else shown


async def _room(world: World, olds: Properties, news: Properties) -> str:
    """GPUs that the candidate needs beside the active, and whether they are free."""
    try:
        demands = gpu_demands(parse({**news, "artifactId": news.get("artifactId") or olds.get("activeArtifactId")}))
    except InputError:
        return "what it needs is not known yet"
    if not demands:
        return "it needs no GPUs"
    try:
        cluster = await world.connect()
        fits = [(demand, await count(cluster, demand)) for demand in demands]
    except InferenceError:
        fits = [(demand, None) for demand in demands]
    for demand, fit in fits:
        if fit is not None and not fit.fits:
            world.report.warn(f"it will wait for room: {fit.sentence}")
        if fit is None:
            return f"needs {demand.gpus} GPUs beside those in use; free GPUs unknown"
    return "; ".join(fit.sentence for _, fit in fits if fit is not None) + ", beside those in use"


def gpu_demands(model: WorkloadInputs) -> list[Demand]:
    """The GPUs of one more version: per group that wants some, its pods and what each takes."""
    demands = []
    for group in model.runtime.container_groups:
        hardware = hardware_of(group)
        if hardware.gpus:
            chosen = hardware.gpu_models[0] if hardware.gpu_models else None
            demands.append(Demand(group.replica_count, hardware.gpus, chosen, hardware.gpu_memory_mib))
    return demands
