"""What does a ResourceQuota count of one pod: of which resource how much, as the API server reckons it?

Amounts in whole units: CPU cores, bytes, GPUs. Source: `pkg/quota/v1/evaluator/core/pods.go` of Kubernetes.
"""

import math
import re
from collections.abc import Mapping
from fractions import Fraction

from inference_provider.domain.quantity import canonical_cpu, canonical_memory
from inference_provider.manifests.kinds import Body

Usage = Mapping[str, Fraction]

_AMOUNT = re.compile(r"([0-9]{1,25}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{1,2}))?")
_UNITS = {unit: Fraction(1000) ** (power - 3) for power, unit in enumerate(("n", "u", "m", "", "k", *"MGTPE"))}
_UNITS |= {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
#: What quotas also count limits of, and call by its bare name.
_NATIVE = ("cpu", "memory", "ephemeral-storage")


def amount(written: object) -> Fraction | None:
    """What Kubernetes reads in ``written`` ("500m", "64Gi", "1e3"); None where it is no amount, or below nothing."""
    match = _AMOUNT.fullmatch(str(written))
    if match is None:
        return None
    number, unit, power = match.groups()
    return Fraction(number) * (Fraction(10) ** int(power) if power else _UNITS[unit or ""])


def usage_of(spec: Body) -> Usage:
    """Everything that quotas count of a pod with this spec, but that it is one."""
    overhead = {name: amount(much) or Fraction(0) for name, much in (spec.get("overhead") or {}).items()}
    limits = _together(spec, "limits")
    capped = {name: most + overhead.get(name, 0) for name, most in limits.items() if name in _NATIVE}
    used = {f"limits.{name}": most for name, most in capped.items()}
    for name, much in _sum(_together(spec, "requests"), overhead).items():
        used[f"requests.{name}"] = much
        if name in _NATIVE or name.startswith("hugepages-"):
            used[name] = much
    return used


def _together(spec: Body, key: str) -> Usage:
    """What all containers take at the greediest moment.

    Those that stay run together; every other init container runs alone beside the staying ones before it.
    """
    staying: Usage = {}
    peak: Usage = {}
    for container in spec.get("initContainers") or []:
        taken = _taken(container, key)
        peak = _most(peak, _sum(staying, taken))
        if container.get("restartPolicy") == "Always":
            staying = _sum(staying, taken)
    for container in spec.get("containers") or []:
        staying = _sum(staying, _taken(container, key))
    return _most(peak, staying)


def _taken(container: Body, key: str) -> Usage:
    resources = container.get("resources") or {}
    limits = resources.get("limits") or {}
    # The API server copies a limit to a request that is not said; a template may still lack it.
    given = limits if key == "limits" else {**limits, **(resources.get(key) or {})}
    return {name: amount(written) or Fraction(0) for name, written in given.items()}


def _sum(one: Usage, other: Usage) -> Usage:
    return {name: one.get(name, Fraction(0)) + other.get(name, Fraction(0)) for name in {*one, *other}}


def _most(one: Usage, other: Usage) -> Usage:
    return {name: max(one.get(name, Fraction(0)), other.get(name, Fraction(0))) for name in {*one, *other}}


def plainly(resource: str, much: Fraction) -> str:
    """An amount as people write it: "8", "500m" of a CPU, "64Gi" of bytes."""
    if resource.endswith("cpu"):
        return canonical_cpu(f"{math.ceil(much * 1000)}m")
    if resource.endswith(("memory", "storage")) or "hugepages-" in resource:
        return canonical_memory(math.ceil(much))
    return str(math.ceil(much))
