"""Every output that a preview gives is a promise: the real run has to give the same."""

import pytest

from inference_provider.manifests.kinds import SERVICE
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT
from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.door import Door
from tests.resources.outside import chat, llama, runtime

OLD: Properties = {
    "runtime": runtime(replicas=2, cpu=1.0),
    "replacement": {"keepOldVersionMinutes": 60.0},
    "service": {"port": 80.0},
}


def inline(image: str, *more: str) -> Properties:
    """A Workload with the artifact in it."""
    serving = {"name": "vllm", "image": image, "primary": True, "port": 8000.0}
    containers = [serving, *({"name": name, "image": image} for name in more)]
    return {"artifactId": None, "artifact": {"spec": {"containerGroups": [{"containers": containers}]}}}


CHANGES: dict[str, tuple[Properties, Properties]] = {
    "words": ({}, {"description": "new", "tags": {"a.b": "c"}, "displayName": "Chat"}),
    "more pods": ({}, {"runtime": runtime(replicas=3, cpu=1.0)}),
    "other resources": ({}, {"runtime": runtime(replicas=2, cpu=2.0)}),
    "no runtime": ({}, {"runtime": None}),
    "resources for the first time": (
        {"runtime": {"containerGroups": [{"containers": [{"name": "vllm"}]}]}},
        {"runtime": {"containerGroups": [{"containers": [{"name": "vllm", "resourceAllocation": {"cpu": 2.0}}]}]}},
    ),
    "more pods and resources": ({}, {"runtime": runtime(replicas=3, cpu=2.0)}),
    "resources of another container": (
        inline("v1", "side"),
        {
            "runtime": {
                "containerGroups": [
                    {
                        "replicaCount": 2.0,
                        "containers": [
                            {"name": "vllm", "resourceAllocation": {"cpu": 1.0}},
                            {"name": "side", "resourceAllocation": {"cpu": 2.0}},
                        ],
                    }
                ]
            }
        },
    ),
    "another container": (inline("v1"), inline("v1", "side")),
    "another image": (inline("v1"), inline("v2")),
    "port": ({}, {"service": {"port": 81.0}}),
    "port of a load balancer": (
        {"service": {"type": "LoadBalancer"}},
        {"service": {"type": "LoadBalancer", "port": 81.0}},
    ),
    "to a load balancer": ({}, {"service": {"type": "LoadBalancer"}}),
    "from a load balancer": ({"service": {"type": "LoadBalancer", "port": 81.0}}, {"service": {"port": 82.0}}),
    "stopped": ({}, {"running": False}),
    "started": ({"running": False}, {"running": True}),
    "importance": ({}, {"importance": "high"}),
    "settings": ({}, {"replacement": {"keepOldVersionMinutes": 5.0}}),
    "driven from outside": ({}, {"replacement": {"driver": "external"}}),
    "history": ({}, {"retainHistory": True}),
}


def program(version: object, *said: Properties) -> Properties:
    """The inputs of a Workload; null takes one away."""
    whole = chat(version, **OLD)
    for each in said:
        whole |= each
    return {key: value for key, value in whole.items() if value is not None}


def broken(preview: Properties, real: Properties) -> dict[str, tuple[object, object]]:
    """The promises that were not kept."""
    known = {key: value for key, value in preview.items() if value != UNKNOWN}
    return {key: (value, real.get(key)) for key, value in known.items() if real.get(key) != value}


@pytest.mark.parametrize("change", list(CHANGES))
async def test_what_a_preview_says_of_an_update_is_what_comes(door: Door, change: str) -> None:
    before, after = CHANGES[change]
    made = await door.outside.artifact(llama())
    olds = await door.create(program(made["versionId"], before))
    news = program(made["versionId"], before, after)

    foreseen = await door.update(olds, news, preview=True)
    real = await door.update(olds, news)

    assert not broken(foreseen, real)


async def test_a_version_and_the_way_back(door: Door) -> None:
    made = await door.outside.artifact(llama(status="locked"))
    newer = await door.outside.artifact(llama("vllm/vllm:v2", status="locked"), made)
    olds = await door.create(program(made["versionId"]))
    for version in (newer["versionId"], made["versionId"]):
        foreseen = await door.update(olds, program(version), preview=True)
        olds = await door.update(olds, program(version))
        assert not broken(foreseen, olds)


async def test_an_address_that_came_after_the_creation(door: Door) -> None:
    made = await door.outside.artifact(llama())
    said: Properties = {"service": {"type": "LoadBalancer"}}
    olds = await door.create(program(made["versionId"], said))
    service = door.outside.cluster.named(SERVICE, "chat")
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}
    door.outside.cluster.put(SERVICE, service)
    news = program(made["versionId"], said, {"description": "x"})

    foreseen = await door.update(olds, news, preview=True)
    real = await door.update(olds, news)

    assert real["endpoint"] == "http://192.0.2.7"
    assert not broken(foreseen, real)


async def test_one_that_was_made_anew_behind_the_stack_s_back(door: Door) -> None:
    made = await door.outside.artifact(llama())
    olds = await door.create(program(made["versionId"]))
    await door.create(program(made["versionId"]))  # by force, and its run was killed at the end
    news = program(made["versionId"], {"description": "x"})

    foreseen = await door.update(olds, news, preview=True)
    real = await door.update(olds, news)

    assert not broken(foreseen, real)


async def test_promotion_by_hand(door: Door) -> None:
    made = await door.outside.artifact(llama(status="locked"))
    newer = await door.outside.artifact(llama("vllm/vllm:v2", status="locked"), made)
    manual: Properties = {"replacement": {"promotion": "manual", "keepOldVersionMinutes": 60.0}}
    olds = await door.create(program(made["versionId"], manual))
    promoting: Properties = {"replacement": {"promotion": "manual", "keepOldVersionMinutes": 60.0, "promote": "r2"}}
    for said in (manual, {**manual, "description": "waits"}, {**promoting, "description": "waits"}):
        news = program(newer["versionId"], said)
        foreseen = await door.update(olds, news, preview=True)
        olds = await door.update(olds, news)
        assert not broken(foreseen, olds)
    assert olds["revision"] == "r2"


async def test_a_workload_that_a_replacement_has_moved_since(door: Door) -> None:
    made = await door.outside.artifact(llama(status="locked"))
    newer = await door.outside.artifact(llama("vllm/vllm:v2", status="locked"), made)
    driven: Properties = {"replacement": {"driver": "external"}}
    olds = await door.create(program(made["versionId"], driven))
    moving: Properties = {"workloadId": "models/chat", "candidateArtifactId": newer["versionId"]}
    await door.create(moving, kind=REPLACEMENT)
    news = program(newer["versionId"], driven, {"description": "x"})

    foreseen = await door.update(olds, news, preview=True)
    real = await door.update(olds, news)

    assert real["revision"] == "r2"
    assert not broken(foreseen, real)


async def test_a_replacement_of_a_workload_that_is_made_anew_may_be_another_one(door: Door) -> None:
    made = await door.outside.artifact(llama())
    await door.create(program(made["versionId"], {"replacement": {"driver": "external"}}))
    moving: Properties = {"workloadId": "models/chat", "candidateArtifactId": made["versionId"]}
    olds = await door.create(moving, kind=REPLACEMENT)

    said = await door.diff(olds, {**moving, "workloadId": UNKNOWN}, kind=REPLACEMENT)

    assert list(said.replaces) == ["workloadId"], "as it is when the id turns out to be another one"


@pytest.mark.parametrize("said", [{}, {"service": {"type": "LoadBalancer"}}, {"running": False}, inline("v1")])
async def test_what_a_preview_says_of_a_creation_is_what_comes(door: Door, said: Properties) -> None:
    made = await door.outside.artifact(llama())
    news = program(made["versionId"], said)

    assert not broken(await door.create(news, preview=True), await door.create(news))


@pytest.mark.parametrize("said", [{}, {"status": "locked"}, {"description": "x", "secretEnv": {"TOKEN": "s"}}])
async def test_the_same_with_an_artifact(door: Door, said: Properties) -> None:
    inputs = {**llama(), **said}
    assert not broken(await door.create(inputs, kind=ARTIFACT, preview=True), await door.create(inputs, kind=ARTIFACT))


@pytest.mark.parametrize("after", [{"description": "x"}, {"status": "locked"}, {"secretEnv": {"TOKEN": "t"}}])
async def test_the_same_with_an_artifact_that_changes(door: Door, after: Properties) -> None:
    olds = await door.create(llama(secretEnv={"TOKEN": "s"}), kind=ARTIFACT)
    news = {**llama(), "secretEnv": {"TOKEN": "s"}, **after}

    foreseen = await door.update(olds, news, kind=ARTIFACT, preview=True)
    real = await door.update(olds, news, kind=ARTIFACT)

    assert not broken(foreseen, real)
