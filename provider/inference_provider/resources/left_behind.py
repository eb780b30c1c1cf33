"""What have runs that died left in a namespace, of Workloads that nobody works on?"""

import asyncio
from collections.abc import Iterator, Mapping

from inference_provider.converge.look import look_around
from inference_provider.converge.ports import Cluster
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import LEASE, Body
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.leftovers import leftovers, unowned

#: A lock is renewed every five seconds: whoever lets this time pass without has died, or is asleep (seconds).
SIGN_OF_LIFE = 7
#: What puts everything right but a candidate that nobody drives.
NEXT_UP = "The next `pulumi up` of its stack puts it right."


async def left_behind(cluster: Cluster, namespace: str) -> list[tuple[str, str]]:
    """What is not in order, each with its cure. Raises ClusterErrors.

    A run that was killed cannot give its lock back, so a name in a lock says nothing; a renewal does.
    """
    fleets = await look_around(cluster, namespace)
    found = {name: [*_said(fleet, name)] for name, fleet in sorted(fleets.items())}
    suspects = {name: said for name, said in found.items() if said}
    held = {name: sign for name, sign in (await _signs(cluster, namespace)).items() if name in suspects}
    living = await _living(cluster, namespace, held)
    return [each for name, said in suspects.items() if name not in living for each in said]


def _said(fleet: Fleet, name: str) -> Iterator[tuple[str, str]]:
    for said in leftovers(fleet):
        yield f"{name}: {said}", NEXT_UP
    for said in unowned(fleet):
        yield f"{name}: {said}", f"{removal(fleet)}; a `pulumi up` with that Replacement carries on with it."


def removal(fleet: Fleet) -> str:
    """What a person does about a candidate that no program names any more, or what has made room for one."""
    meta, does = fleet.anchor["metadata"], "removes it" if fleet.of_role(Role.CANDIDATE) else "brings it back"
    return f"`pulumi-inference cancel {meta['name']} -n {meta['namespace']}` {does}"


async def _living(cluster: Cluster, namespace: str, held: Mapping[str, str]) -> set[str]:
    """Those of the held locks that are renewed, or given back, before our eyes."""
    living: set[str] = set()
    for _ in range(SIGN_OF_LIFE):
        if living >= set(held):
            break
        await asyncio.sleep(1)
        now = await _signs(cluster, namespace)
        living |= {name for name, sign in held.items() if now.get(name) != sign}
    return living


async def _signs(cluster: Cluster, namespace: str) -> dict[str, str]:
    """What each lock that somebody holds looks like."""
    leases = await cluster.list(LEASE, namespace, labels=labels.WORKLOAD)
    return {str(each["metadata"]["name"]): _sign(each) for each in leases if _spec(each).get("holderIdentity")}


def _sign(lease: Body) -> str:
    return f"{_spec(lease)['holderIdentity']} {_spec(lease).get('renewTime')}"


def _spec(lease: Body) -> Body:
    return lease.get("spec") or {}
