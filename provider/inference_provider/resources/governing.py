"""By which rule, and over whom, is the API server to hold to a policy from now on?

Each answer is given anew for every try to write it, and reads the policy's ConfigMap after the object that it is to
change: who read the rule earlier would write an older one over a newer one. Nobody is let out on suspicion: only who
was seen not to be under the policy, or is definitely gone. Who came lately may not have said so on its Service yet.
"""

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from inference_provider.converge.admission import Instead, Wanted
from inference_provider.converge.operation import utc_now
from inference_provider.converge.policy import Standing, Under, find, standing_of
from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Forbidden
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    AdmissionRule,
    governed_of,
    is_newer,
    joined_of,
)
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.manifests.labels import JOINED, RELEASE, SAID
from inference_provider.manifests.policy import policy_of
from inference_provider.placement.demanded import demanded, governed
from inference_provider.placement.regions import Atlas
from inference_provider.resources.policies_in_force import atlas_of

#: So long after a Workload has joined, its Service is not asked whether it is under the policy: it says so at the end
#: of the update, which may take hours.
LATELY = timedelta(days=1)
#: What decides how a policy is read.
_DECIDING = {"type", "locations", "flavors", "sandbox"}


def holding(cluster: Cluster, policy: PolicyInputs, seen: Under) -> Wanted:
    """Those that were ``seen`` under the policy, and whoever is governed already unless it is surely not under it."""

    async def wanted(found: Body | None) -> AdmissionRule | Instead:
        now = await _reading(cluster, policy)
        kept = await _kept(cluster, now, found, seen) if found else ()
        whose = governed(now, now.namespace or "", [*seen.ids, *kept])
        rule = await rule_of(cluster, now, whose, joined_of(found) if found else {}) if whose else None
        if rule is None:
            return Instead.REMOVED
        newer = found is not None and governed_of(found) == whose and is_newer(found, rule)
        bound = newer and await cluster.find(ADMISSION_BINDING, None, rule.name) is not None
        return Instead.UNTOUCHED if bound else rule

    return wanted


def joining(cluster: Cluster, policy: PolicyInputs, workload: str) -> Wanted:
    """Whoever is governed already, and this Workload (namespace/name)."""

    async def wanted(found: Body | None) -> AdmissionRule | Instead:
        now = await _reading(cluster, policy)
        already = governed_of(found) if found else None
        whose = with_workload(now, already, workload)
        joined = joined_of(found) if found else {}
        if not (already and already.covers(*workload.split("/", 1))):
            joined[workload] = utc_now()
        return (await rule_of(cluster, now, whose, joined) if whose else None) or Instead.UNTOUCHED

    return wanted


def leaving(cluster: Cluster, place: str, workload: str) -> Wanted:
    """Whoever is governed already but this Workload. Of a policy that cannot be read nobody is let out but the last."""

    async def wanted(found: Body | None) -> AdmissionRule | Instead:
        already = governed_of(found) if found else None
        if found is None or already is None or tuple(workload.split("/", 1)) not in already.workloads:
            return Instead.UNTOUCHED
        rest = already.without(*workload.split("/", 1))
        if rest is None:
            return Instead.REMOVED
        policy = await read(cluster, place)
        return (await rule_of(cluster, policy, rest, joined_of(found)) if policy else None) or Instead.UNTOUCHED

    return wanted


def forgetting(cluster: Cluster, namespace: str, name: str) -> Wanted:
    """Nobody, unless somebody has made the Policy again meanwhile."""

    async def wanted(_: Body | None) -> AdmissionRule | Instead:
        return Instead.REMOVED if await find(cluster, namespace, name) is None else Instead.UNTOUCHED

    return wanted


def with_workload(policy: PolicyInputs, already: Governed | None, workload: str) -> Governed | None:
    """Whom a policy is about once it is about a Workload, too; None for one that is about nobody."""
    whose = governed(policy, policy.namespace or "", [workload])
    return whose.joined(already) if whose and already else whose


async def rule_of(
    cluster: Cluster, policy: PolicyInputs, whose: Governed, joined: Mapping[str, str] | None = None
) -> AdmissionRule | None:
    """A policy as this release reads it; None when an API server cannot hold to such a one."""
    atlas = await atlas_of(cluster, [policy])
    rule = _read_as(policy, frozenset(atlas.of(policy.namespace).own.items()), whose)
    lately = {each: at for each, at in (joined or {}).items() if whose.names(each) and _is_late(at)}
    if rule is None or not lately:
        return rule
    return replace(rule, notes={**rule.notes, JOINED: json.dumps(lately, sort_keys=True)})


@lru_cache(maxsize=512)
def _read_as(policy: PolicyInputs, own: frozenset[tuple[str, str]], whose: Governed) -> AdmissionRule | None:
    """A thousand Workloads are under the same few policies, and each compares."""
    rule = demanded(policy, policy.namespace or "", whose, Atlas(dict(own)))
    return replace(rule, notes={SAID: _said(policy, own), RELEASE: _release(), JOINED: "{}"}) if rule else None


async def read(cluster: Cluster, place: str) -> PolicyInputs | None:
    """A Policy (namespace/name) as its ConfigMap has it now; None when that is gone or unreadable, to us at least."""
    namespace, _, name = place.partition("/")
    try:
        held = await cluster.find(CONFIG_MAP, namespace, policy_map_name(name))
    except Forbidden:
        return None
    return policy_of(held) if held else None


async def _reading(cluster: Cluster, policy: PolicyInputs) -> PolicyInputs:
    """The policy as it is now; as the program has it while it is not made yet."""
    return await read(cluster, f"{policy.namespace}/{policy.name}") or policy


async def outsiders(cluster: Cluster, policy: PolicyInputs, found: Body, seen: Under) -> dict[str, Standing]:
    """Workloads that what is ``found`` governs by name though they are surely not under the policy, and why not."""
    asked = [each for each in _unseen(found, seen) if not _is_late(joined_of(found).get(each))]
    answers = await asyncio.gather(*(standing_of(cluster, each, policy) for each in asked))
    surely = (Standing.GONE, Standing.FREE)
    return {each: answer for each, answer in zip(asked, answers, strict=True) if answer in surely}


async def _kept(cluster: Cluster, policy: PolicyInputs, found: Body, seen: Under) -> list[str]:
    out = await outsiders(cluster, policy, found, seen)
    return [each for each in _unseen(found, seen) if each not in out]


def _unseen(found: Body, seen: Under) -> list[str]:
    already = governed_of(found)
    return sorted({f"{place}/{name}" for place, name in already.workloads} - set(seen.ids)) if already else []


def _is_late(at: str | None) -> bool:
    """Whether somebody joined lately."""
    try:
        return at is not None and datetime.now(UTC) - datetime.fromisoformat(at) < LATELY
    except (TypeError, ValueError):  # not written by us
        return False


def _said(policy: PolicyInputs, own: Collection[tuple[str, str]]) -> str:
    """What people said, whatever a release makes of it."""
    words = [policy.model_dump(mode="json", include=_DECIDING), sorted(own)]
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def _release() -> str:
    try:
        return version("pulumi-inference-provider")
    except PackageNotFoundError:
        return ""
