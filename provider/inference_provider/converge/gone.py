"""Waiting until garbage collection has taken what a deleted owner left: the names are free again only then."""

import asyncio
from collections.abc import Sequence

from inference_provider.converge.deadline import Deadline
from inference_provider.converge.ports import Cluster
from inference_provider.manifests.kinds import LEASE, Kind

#: Between two looks (seconds); these kinds are not watched, and are gone within a second as a rule.
POLL_SECONDS = 0.1


async def all_gone(
    cluster: Cluster,
    kinds: Sequence[Kind],
    namespace: str,
    chosen: str,
    deadline: Deadline,
    *,
    lease: str | None = None,
) -> None:
    """Return once no object of these kinds fits the label selector, and no Lease has the name ``lease``.

    Leases are asked for by name: the rights we need do not include listing them. Raises DeadlineExceeded naming
    what is left.
    """
    while True:
        lists = await asyncio.gather(*(cluster.list(kind, namespace, labels=chosen) for kind in kinds))
        left = [f"{body['kind']} {body['metadata']['name']}" for bodies in lists for body in bodies]
        if lease is not None and await cluster.find(LEASE, namespace, lease) is not None:
            left.append(f"Lease {lease}")
        if not left:
            return
        deadline.check(f"waiting for {', '.join(left[:3])} to be gone")
        await asyncio.sleep(POLL_SECONDS)
