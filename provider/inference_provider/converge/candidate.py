"""Bringing a proton up, and ending one."""

import asyncio
from collections.abc import Mapping

from inference_provider.converge.claim import claim
from inference_provider.converge.keep import exhume
from inference_provider.converge.operation import Operation
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import DEPLOYMENT, POD, POD_DISRUPTION_BUDGET, SERVICE
from inference_provider.manifests.proton import Blueprint, deployment, disruption_budget, proton_service
from inference_provider.rollout.fleet import Proton


async def raise_proton(
    op: Operation, blueprint: Blueprint, *, revision: int, slot: int, counts: Mapping[str, int], port: int
) -> None:
    """Create a proton's Service, then everything it owns side by side. ``counts`` are pods by group (default 1).

    What an earlier run made of it already is taken as it is.
    """
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


async def retire(op: Operation, proton: Proton, *, why: str, wait: bool = True) -> None:
    """Delete a proton. With ``wait``, until the last of its pods is gone: only then are its slot and its GPUs free.

    One that somebody has changed meanwhile may still be there afterwards.
    """
    op.report.status(f"removing {proton.name}: {why}")
    # The tombstone first: interrupted between the two, the other way round, it would be a Job that nobody looks for.
    await exhume(op, proton)
    if not await op.delete(SERVICE, proton.service):
        return  # it has changed since: what to do with it is decided anew
    kinds = (SERVICE, DEPLOYMENT, POD) if wait else (SERVICE,)

    def gone() -> bool:
        return not any(
            label(each, labels.REVISION) == proton.name for kind in kinds for each in op.mirror.objects(kind)
        )

    await op.until(gone, waiting_for=f"waiting for the last pods of {proton.name} to end")
