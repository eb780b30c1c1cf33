"""Bringing a proton up, and ending one."""

import asyncio
from collections.abc import Mapping, Sequence

from inference_provider.converge.claim import claim
from inference_provider.converge.course import Course
from inference_provider.converge.keep import exhume
from inference_provider.converge.operation import Operation
from inference_provider.errors import InferenceError
from inference_provider.health.pod import is_stranded, node_of, stranded_words
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import DEPLOYMENT, POD, POD_DISRUPTION_BUDGET, SERVICE, Body, Kind
from inference_provider.manifests.proton import Blueprint, deployment, disruption_budget, proton_service
from inference_provider.rollout.autoscalers import aimed
from inference_provider.rollout.fleet import Fleet, Proton

#: So many pods are named in a sentence.
NAMED = 3


async def raise_proton(
    op: Operation, blueprint: Blueprint, *, revision: int, slot: int, counts: Mapping[str, int], port: int
) -> None:
    """Create a proton's Service, then everything it owns side by side. ``counts`` are pods by group (default 1).

    What an earlier run made of it already is taken as it is. Raises InferenceError where policies forbid it.
    """
    if blueprint.denied is not None:
        raise InferenceError(f"could not start r{revision} of {op.namespace}/{op.workload}: {blueprint.denied}")
    service = await op.create(SERVICE, proton_service(blueprint, op.anchor(), revision=revision, slot=slot, port=port))
    deployments = [
        deployment(blueprint, group, service, revision=revision, slot=slot, replicas=counts.get(group["name"], 1))
        for group in blueprint.groups
    ]
    budgets = [disruption_budget(blueprint, group, service, revision=revision) for group in blueprint.groups]
    await op.lock.sure()
    await asyncio.gather(
        *(op.create(DEPLOYMENT, body) for body in deployments),
        *(claim(op.cluster, POD_DISRUPTION_BUDGET, body) for body in budgets),
    )


def candidate_counts(fleet: Fleet, blueprint: Blueprint, course: Course) -> dict[str, int]:
    """Pods by group for a candidate: what the active has now, within what load may make of it; for a group that is
    new, what is wanted.
    """
    names = [str(group["name"]) for group in blueprint.groups]
    if course.stopped:
        return dict.fromkeys(names, 0)
    running = fleet.active.strength() if fleet.active else {}
    wanted = {name: running.get(name) or course.counts.get(name, 1) for name in names}
    return aimed(course.scalings, wanted, now=wanted)


async def retire(op: Operation, proton: Proton, *, why: str, wait: bool = True) -> None:
    """Delete a proton. With ``wait``, until the last of its pods is gone: only then are its slot and its GPUs free.

    Pods that hang on a dead node are not waited for: they get no traffic, and that node's GPUs are nobody's.
    One that somebody has changed meanwhile may still be there afterwards. Raises DeadlineExceeded naming what is left.
    """
    op.report.status(f"removing {proton.name}: {why}")
    # The tombstone first: interrupted between the two, the other way round, it would be a Job that nobody looks for.
    await exhume(op, proton)
    if not await op.delete(SERVICE, proton.service):
        return  # it has changed since: what to do with it is decided anew
    while True:
        version = op.mirror.version
        objects = [each for kind in (SERVICE, DEPLOYMENT) for each in _of(op, proton, kind) if wait or kind is SERVICE]
        pods = _of(op, proton, POD) if wait else []
        stranded = [pod for pod in pods if is_stranded(pod)]
        if not objects and len(stranded) == len(pods):
            break
        await op.pause(version, waiting_for=f"waiting for the last pods of {proton.name} to end{_named(pods)}")
    for pod in stranded:
        op.report.warn(f"{stranded_words(pod)}. It gets no traffic, and nothing waits for it")


def _of(op: Operation, proton: Proton, kind: Kind) -> list[Body]:
    return [each for each in op.mirror.objects(kind) if label(each, labels.REVISION) == proton.name]


def _named(pods: Sequence[Body]) -> str:
    said = [f"{pod['metadata']['name']} on node {node_of(pod)}" for pod in pods[:NAMED]]
    more = [f"{len(pods) - NAMED} more"] if len(pods) > NAMED else []
    return f": {', '.join([*said, *more])}" if said else ""
