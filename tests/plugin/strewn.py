"""Inputs that nobody should send: valid ones with anything at all put in some places, as values on the wire."""

import json
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from inference_provider.plugin.wire import OUTPUT, SECRET, SIGNATURE
from inference_provider.resources.registry import ARTIFACT, POLICY, REPLACEMENT, WORKLOAD
from inference_provider.seam.unknowns import UNKNOWN

Json = Any
_STEP = re.compile(r'\["((?:\\"|[^"])*)"\]|\[([0-9]+)\]|([^.\[\]]+)')
#: Where in a tree of values: keys and indexes.
Place = tuple[str | int, ...]
#: What is done where, one number each: what is drawn is cheap, so that ten thousand are.
Strewing = list[int]

ASSET = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x", "hash": "0"}
ARCHIVE = {SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "assets": {"a": ASSET}}
REFERENCE = {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:pulumi:dev::shop::a:b:C::d", "id": "e"}
#: Values of every kind, at every limit; whole ones, which take the place of something.
JUNK: list[Json] = [
    *(None, True, False, "", [], {}, [None], [[]], {"": ""}, {"a": {"b": [1, {"c": None}]}}),
    *(0, -1, 1, 0.5, -0.0, 65535, 65536, 2**31 - 1, 2**31, 2.0**53, 1e300, -1e300, 5e-324, 3600.0 * 24 * 366),
    *(UNKNOWN, "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", [UNKNOWN], {"a": UNKNOWN}, {UNKNOWN: 1}),
    *("9" * 5000, "x" * 100_000, "\x00", "\n", "é", "𝒳", "a/b", "a@b", "-", ".", "..", "%", "$(A)", "{}", "r0", "r7"),
    *("models/llama@aaaaaaaaaaaa", "other/llama@aaaaaaaaaaaa", "models/llama@", "models/chat", "models/", "/", "@"),
    *(json.loads('{"a": [' * 12 + "]}" * 12), "[" * 60_000, "{" * 200, list(range(300))),
    *("1Gi", "1e400", "1m", "0", "-1", "1.5", "30m", "1h30m", "9999999h", "NaN", "Infinity", "0x10", "1_000", "١"),
    *(ASSET, ARCHIVE, REFERENCE, {SIGNATURE: SECRET}, {SIGNATURE: OUTPUT}, {SIGNATURE: 3}, {SIGNATURE: None}),
    *({SIGNATURE: {"a": 1}, "value": 1}, {SIGNATURE: "nobody's", "value": 1}, {"value": 1, "secret": True}),
    *({SIGNATURE: SECRET, "value": UNKNOWN}, {SIGNATURE: SECRET, "value": {SIGNATURE: SECRET, "value": "x"}}),
    *({SIGNATURE: OUTPUT, "value": ASSET, "secret": "yes"}, {SIGNATURE: OUTPUT, "secret": True, "dependencies": [1]}),
    *("high", "manual", "external", "locked", "nim", "Localhost", "LoadBalancer", "recreate", "fallback", "nimCache"),
]


def _container(**more: Json) -> Json:
    return {"name": "vllm", "image": "vllm/vllm:v1", "primary": True, "port": 8000.0, **more}


_PROBE = {"path": "/health", "port": 8000.0, "httpHeaders": {"X-A": "b"}, "failureThreshold": 3.0}
_RIGHTS = {"capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "Localhost", "localhostProfile": "a.json"}}
_ENV = [{"name": "A", "value": "1"}, {"name": "B", "secretRef": {"name": "token", "key": "hf"}}]
_SPEC = {
    "containerGroups": [
        {
            "containers": [
                _container(env=_ENV, startupProbe=_PROBE, securityContext=_RIGHTS, args=["--model", "a"]),
                {"name": "side", "image": "side@sha256:" + "a" * 64, "readinessProbe": {"path": "/"}},
            ]
        },
        {"name": "extra", "containers": [{"name": "worker", "image": "worker:1", "entrypoint": ["/bin/run"]}]},
    ]
}
_POLICY = {"scalingMetric": "cpuAverageUtilization", "target": 70.0, "minCount": 1.0, "maxCount": 3.0}
_RUNTIME = {
    "containerGroups": [
        {
            "replicaCount": 2.0,
            "containers": [
                {"name": "vllm", "resourceAllocation": {"cpu": 2.0, "memory": "4Gi", "gpu": 1.0, "gpuModel": "h100"}}
            ],
        },
        {
            "name": "extra",
            "autoscaling": {"policies": [_POLICY]},
            "containers": [{"name": "worker", "resourceAllocation": {"cpu": "500m"}}],
        },
    ]
}
_SETTINGS = {
    "warmup": {"requests": 20.0, "path": "/v1/models", "body": "[]", "image": "python:3"},
    "keepOldVersionMinutes": 60.0,
    "surge": "require",
    "promotion": "manual",
    "promote": "r7",
    "drainSeconds": 10.0,
}
_SHARED = [
    {"role": "OWNER", "shareRecipientType": "group", "name": "ml"},
    {"role": "CONSUMER", "shareRecipientType": "serviceAccount", "name": "web", "namespace": "shop"},
]
_GATEWAY = {"parentRefs": [{"name": "ai", "sectionName": UNKNOWN}], "hostnames": ["chat.example.com", UNKNOWN]}
_TIMES = {"create": "30m", "update": 900.0}
#: Valid inputs of each resource that reach far down, and have most of what there is.
VALID: Mapping[str, list[Json]] = {
    ARTIFACT.token: [
        {"name": "llama", "spec": _SPEC, "secretEnv": {"TOKEN": "hush"}, "status": "locked", "timeouts": _TIMES},
        {"spec": {"containerGroups": [{"containers": [_container()]}], "storage": {"pvcSize": "1Gi"}}, "type": "nim"},
    ],
    WORKLOAD.token: [
        {
            "name": "chat",
            "artifactId": "models/llama@aaaaaaaaaaaa",
            "runtime": _RUNTIME,
            "replacement": _SETTINGS,
            "service": {"port": 81.0, "type": "NodePort", "annotations": {"a.b/c": "d"}, "gateway": _GATEWAY},
            "tags": {"team": {SIGNATURE: SECRET, "value": "a"}, "a.b": "c"},
            "policies": [
                {"refType": "remotePolicy", "id": "rules/eu-only"},
                {"refType": "localPolicy", "name": "gpus"},
            ],
            "timeouts": _TIMES,
        },
        {"artifact": {"spec": _SPEC, "description": "inline"}, "runtime": _RUNTIME, "sharedRoles": _SHARED},
        {"artifactId": UNKNOWN, "replacement": {"driver": "external"}, "running": False},
    ],
    REPLACEMENT.token: [
        {"workloadId": "models/chat", "candidateArtifactId": "models/llama@aaaaaaaaaaaa", **_SETTINGS},
        {"workloadId": UNKNOWN, "candidateArtifactId": "models/llama@aaaaaaaaaaaa", "runtime": _RUNTIME},
    ],
    POLICY.token: [
        {
            "name": "eu-only",
            "type": "location",
            "locations": [{"type": "continent", "name": "eu"}, {"type": "location", "name": UNKNOWN}],
            "labels": {"team": "a", "a.b": SECRET},
            "timeouts": _TIMES,
        },
        {"type": "flavor", "flavors": [{"type": "gpu", "name": "h100"}], "resourceTypes": ["model"], "sandbox": True},
        {"type": "maxTokens", "maxTokens": {"total": 10000.0, "ratioInputOverOutput": 2.5}, "sandbox": True},
    ],
}


def places(value: Json, here: Place = ()) -> list[Place]:
    """Every place in a tree of values, below its top."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, item in steps for place in ((*here, step), *places(item, (*here, step)))]


def changed(value: Json, place: Place, act: Callable[[Json], Json]) -> Json:
    """The tree with one value replaced by what is made of it; what is not there (any more) is let be."""
    if not place:
        return act(value)
    step, below = place[0], place[1:]
    if isinstance(value, dict) and step in value:
        return {**value, step: changed(value[step], below, act)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], changed(value[step], below, act), *value[step + 1 :]]
    return value


def without(value: Json, place: Place) -> Json:
    """The tree without what stands at a place."""

    def less(parent: Json) -> Json:
        if isinstance(parent, dict):
            return {key: item for key, item in parent.items() if key != place[-1]}
        if isinstance(parent, list):
            return [item for index, item in enumerate(parent) if index != place[-1]]
        return parent

    return changed(value, place[:-1], less)


def at(value: Json, place: Place) -> Json:
    """What stands there; None where nothing does."""
    for step in place:
        inside = step in value if isinstance(value, dict) else isinstance(value, list) and isinstance(step, int)
        if not inside or (isinstance(value, list) and isinstance(step, int) and step >= len(value)):
            return None
        value = value[step]
    return value


def strewn(base: Json, strewing: Strewing) -> Json:
    """The base with a few things done to it: taken away, doubled, swapped, marked, misspelt, or junk put there."""
    found = places(base)
    for drawn in strewing if found else ():
        what, where = divmod(drawn, 1000)
        place = found[where % len(found)]
        base = _done(base, place, found[what % len(found)], what)
    return base


def _done(base: Json, place: Place, other: Place, what: int) -> Json:
    match what % 12:
        case 0:
            return without(base, place)
        case 1:
            return changed(base, place, lambda value: {SIGNATURE: SECRET, "value": value})
        case 2:
            return changed(base, place, lambda value: {SIGNATURE: OUTPUT, "value": value, "secret": True})
        case 3:
            return changed(base, place, lambda value: [*value, *value] if isinstance(value, list) else [value])
        case 4:
            return changed(base, place, lambda value: {**value, "nam e": 1} if isinstance(value, dict) else UNKNOWN)
        case 5:
            return changed(base, place, lambda _: at(base, other))
        case 6:
            return {**base, str(place[-1]): at(base, place)}
        case _:
            return changed(base, place, lambda _: JUNK[what // 12 % len(JUNK)])


def strewing(random: Random) -> Strewing:
    """Up to three things to be done."""
    return [random.randrange(100_000_000) for _ in range(random.randrange(4))]


def stepping(path: str) -> Place:
    """The steps of a property path, as Pulumi writes it: ``a.b[0]["c.d"]``."""
    found = (each.groups() for each in _STEP.finditer(path))
    return tuple(int(index) if index else bare or quoted.replace('\\"', '"') for quoted, index, bare in found)
