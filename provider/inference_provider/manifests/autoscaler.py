"""The HorizontalPodAutoscaler of one container group, and the note on the Workload's Service that says what is wanted.

Autoscaling belongs to the Workload and not to a version. So what is wanted stands on its Service, where also those find
it who have no program at hand: a step back, a start, a look at what is not in order.
"""

import json
import re
from collections.abc import Collection, Mapping
from fractions import Fraction

from inference_provider.domain.autoscaling import PERCENTAGES, RESOURCES, SERVING, Scaling
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import is_owned_by

#: How long fewer pods must have been enough before one is ended (seconds); a server takes minutes to load its model.
#: As long as that also the count counts that the autoscaler found when it first looked.
CALM_SECONDS = 300
_QUANTITY = re.compile(r"([0-9.]+)([numkMGTPE]?|[KMGTPE]i)")
_SUFFIXES = {"n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "": Fraction(1)}
_SUFFIXES |= {letter: Fraction(1000**power) for power, letter in enumerate("kMGTPE", start=1)}
_SUFFIXES |= {f"{letter}i": Fraction(1024**power) for power, letter in enumerate("KMGTPE", start=1)}


def noted(scalings: Mapping[str, Scaling]) -> str | None:
    """What is wanted, by group, as an annotation; None when nothing is scaled by load."""
    written = {
        group: {"min": each.least, "max": each.most, "targets": dict(each.targets)} for group, each in scalings.items()
    }
    return json.dumps(written, sort_keys=True) if written else None


def scalings_in(note: str | None) -> dict[str, Scaling]:
    """What the annotation says; nothing when there is none, or when somebody has made it unreadable."""
    try:
        return {str(group): _scaling(each) for group, each in json.loads(note or "{}").items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        return {}


def _scaling(written: Body) -> Scaling:
    targets = {str(metric): float(target) for metric, target in written["targets"].items()}
    return Scaling(int(written["min"]), int(written["max"]), targets)


def renoted(anchor: Body, new: str | None, groups: Collection[str]) -> str | None:
    """The note that takes the place of the present one. ``groups`` are those that the new program has.

    What is noted of other groups stays: a version that has them may be gone back to without its program.
    """
    others = {group: each for group, each in scalings_of(anchor).items() if group not in groups}
    return noted({**others, **scalings_in(new)})


def scalings_of(anchor: Body) -> dict[str, Scaling]:
    """What is wanted of a Workload, by group."""
    return scalings_in(annotation(anchor, labels.AUTOSCALING))


def autoscaler(deployment: Body, scaling: Scaling, *, least: int | None = None) -> Body:
    """The autoscaler of a group's Deployment, named and owned like that. ``least`` in place of what is wanted."""
    meta = deployment["metadata"]
    carried = {key: value for key, value in (meta.get("labels") or {}).items() if key != labels.EPOCH}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {
            "name": meta["name"],
            "namespace": meta["namespace"],
            "labels": carried,
            "ownerReferences": [dict(each) for each in meta["ownerReferences"]],
        },
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": meta["name"]},
            "minReplicas": scaling.least if least is None else least,
            "maxReplicas": scaling.most,
            "metrics": [_metric(name, target) for name, target in sorted(scaling.targets.items())],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": CALM_SECONDS}},
        },
    }


def _metric(name: str, target: float) -> Body:
    if name in RESOURCES:
        wanted = {"type": "Utilization", "averageUtilization": int(target)}
        return {"type": "Resource", "resource": {"name": RESOURCES[name], "target": wanted}}
    value = target / 100 if name in PERCENTAGES else target
    named = {"name": SERVING.get(name, name)}
    return {"type": "Pods", "pods": {"metric": named, "target": {"type": "AverageValue", "averageValue": _said(value)}}}


def _said(value: float) -> str:
    """An amount as Kubernetes writes it: whole, or in thousandths."""
    thousandths = round(value * 1000)
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def counts_in(body: Body) -> tuple[int, int]:
    """The least and the most pods that an autoscaler allows."""
    return int(body["spec"].get("minReplicas") or 1), int(body["spec"]["maxReplicas"])


def same_but_least(found: Body, wanted: Body) -> bool:
    """Whether an autoscaler scales the same thing by the same metrics up to the same count.

    Its ``behavior`` is not looked at: whoever wants another one may change it.
    """
    one, other = found["spec"], wanted["spec"]
    targets = [{key: each["scaleTargetRef"].get(key) for key in ("kind", "name")} for each in (one, other)]
    metrics = [sorted(map(_read, each.get("metrics") or [])) for each in (one, other)]
    return targets[0] == targets[1] and metrics[0] == metrics[1] and one["maxReplicas"] == other["maxReplicas"]


def _read(metric: Body) -> tuple[str, str, str]:
    """A metric without the many spellings of its amounts."""
    kind = str(metric.get("type"))
    inner = metric.get(kind[:1].lower() + kind[1:]) or {}
    target = {key: _amount(value) for key, value in (inner.get("target") or {}).items()}
    rest = {key: value for key, value in inner.items() if key != "target"}
    return kind, json.dumps(rest, sort_keys=True), json.dumps(target, sort_keys=True)


def _amount(value: object) -> str:
    match = _QUANTITY.fullmatch(str(value))
    return str(Fraction(match[1]) * _SUFFIXES[match[2]]) if match else str(value)


def respec(found: Body, wanted: Body) -> list[Body]:
    """The JSON patch that gives an autoscaler what is wanted, and does nothing if it is not the very same object."""
    keys = ("scaleTargetRef", "minReplicas", "maxReplicas", "metrics")
    changes = [{"op": "add", "path": f"/spec/{key}", "value": wanted["spec"][key]} for key in keys]
    return [{"op": "test", "path": "/metadata/uid", "value": found["metadata"]["uid"]}, *changes]


def has_looked(body: Body) -> bool:
    """Whether the cluster's autoscaling controller has seen this autoscaler, and how many pods there are.

    From then on it keeps that count in mind for ``CALM_SECONDS``, and takes away none of them sooner.
    """
    conditions = (body.get("status") or {}).get("conditions") or []
    return any(each.get("type") == "AbleToScale" and each.get("status") == "True" for each in conditions)


def group_of(body: Body) -> str:
    """The container group that an object belongs to."""
    return label(body, labels.GROUP) or "default"


def belongs_to(body: Body, service: Body) -> bool:
    """Whether an autoscaler hangs on this proton's Service."""
    return is_owned_by(body, service)
