"""A Workload's life besides its replacements: changed in place, scaled, created anew, removed."""

from dataclasses import replace

import pytest

from inference_provider.converge.look import look
from inference_provider.converge.remove import delete
from inference_provider.errors import DeadlineExceeded, NameTaken, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, POD, POD_DISRUPTION_BUDGET, SERVICE
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate


async def test_a_change_in_place_touches_no_pod_and_takes_no_number(stage: Stage) -> None:
    first = wanted("v1")
    await stage.create(first)
    pods = stage.names(POD)
    shown = Face(port=8080, notes={labels.DISPLAY_NAME: "Llama"}, service_annotations={"mesh/x": "on"})

    fleet = await stage.update(replace(first, face=shown))

    assert annotation(fleet.anchor, labels.DISPLAY_NAME) == "Llama"
    assert annotation(fleet.anchor, "mesh/x") == "on"
    assert fleet.anchor["spec"]["ports"][0]["port"] == 8080
    assert (stage.names(POD), annotation(fleet.anchor, labels.LAST_REVISION)) == (pods, "1")


async def test_pods_are_added_and_removed_without_a_replacement(stage: Stage) -> None:
    await stage.create(wanted("v1", replicas=1))

    more = await stage.update(wanted("v1", replicas=4))
    assert more.active is not None
    assert (more.active.name, len(stage.names(POD))) == ("r1", 4)

    await stage.update(wanted("v1", replicas=2))
    assert len(stage.names(POD)) == 2
    assert "scaling r1 from 4 to 2 pods" in stage.heard.statuses


async def test_a_candidate_has_as_many_pods_as_the_active_has_now(stage: Stage) -> None:
    await stage.create(wanted("v1", replicas=2))
    await stage.cluster.scale(DEPLOYMENT, "models", "llama-r1", 5)

    await stage.update(wanted("v2", replicas=2, keepOldVersionMinutes=5))

    made = [call for call in stage.cluster.calls if call.startswith("scale Deployment llama-r2")]
    assert made == ["scale Deployment llama-r2"]
    assert stage.replicas("llama-r2") == 2


async def test_nothing_to_do_writes_only_the_fencing_epoch(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.calls.clear()

    await stage.update(wanted("v1"))

    writes = [call for call in stage.cluster.calls if call.split()[0] in {"patch", "create", "delete", "scale"}]
    assert writes == ["patch Service llama", "patch Service llama-r1", "patch Deployment llama-r1"]


async def test_a_create_that_was_killed_is_carried_on_by_the_same_resource(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    unfinished = stage.service()
    del unfinished["metadata"]["annotations"][labels.INCARNATION]
    stage.cluster.put(SERVICE, unfinished)

    fleet = await stage.create(wanted("v1"))

    assert fleet.active is not None
    assert fleet.active.name == "r1"
    assert annotation(fleet.anchor, labels.INCARNATION)


async def test_a_finished_workload_is_not_taken_over_by_another_create(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    with pytest.raises(Exception, match="Service models/llama exists already, and it belongs to Workload llama"):
        await stage.create(wanted("v1"))


async def test_a_resource_made_anew_by_force_takes_its_workload_over(stage: Stage) -> None:
    first = replace(wanted("v1"), face=Face(notes={labels.URN: "urn:one"}))
    before = annotation((await stage.create(first)).anchor, labels.INCARNATION)

    fleet = await stage.create(first)

    assert annotation(fleet.anchor, labels.INCARNATION) not in (None, before)
    assert [proton.name for proton in fleet.protons] == ["r1"]
    await delete(stage.cluster, "models", "llama", incarnation=before, seconds=60, report=stage.heard)
    assert stage.names(SERVICE) == ["llama", "llama-r1"]


async def test_a_forced_creation_that_fails_leaves_what_serves(stage: Stage) -> None:
    face = Face(notes={labels.URN: "urn:one"})
    await stage.create(replace(wanted("v1"), face=face))
    stage.fate_of({"v2": Fate(ready_after=None)})

    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await stage.create(replace(wanted("v2"), face=face))

    assert (await stage.fleet()).traffic == (0,)


async def test_a_stranger_with_another_urn_takes_nothing_over(stage: Stage) -> None:
    await stage.create(replace(wanted("v1"), face=Face(notes={labels.URN: "urn:one"})))

    with pytest.raises(NameTaken):
        await stage.create(replace(wanted("v1"), face=Face(notes={labels.URN: "urn:two"})))


async def test_delete_takes_everything_it_made_and_nothing_else(stage: Stage) -> None:
    stage.cluster.put(SERVICE, {"metadata": {"name": "other", "namespace": "models", "labels": {labels.WORKLOAD: "o"}}})
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=5))
    incarnation = annotation(stage.service(), labels.INCARNATION)

    await delete(stage.cluster, "models", "llama", incarnation=incarnation, seconds=60, report=stage.heard)

    assert stage.names(SERVICE) == ["other"]
    for kind in (DEPLOYMENT, POD, JOB, CONFIG_MAP, POD_DISRUPTION_BUDGET):
        assert stage.names(kind) == []
    assert await look(stage.cluster, "models", "llama") is None


async def test_deleting_what_is_gone_or_not_ours_succeeds(stage: Stage) -> None:
    await delete(stage.cluster, "models", "llama", incarnation=None, seconds=60, report=stage.heard)
    stage.cluster.put(SERVICE, {"metadata": {"name": "llama", "namespace": "models", "labels": {}}})
    await delete(stage.cluster, "models", "llama", incarnation=None, seconds=60, report=stage.heard)

    assert stage.names(SERVICE) == ["llama"]


async def test_a_workload_that_was_created_anew_is_left_alone(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    await delete(stage.cluster, "models", "llama", incarnation="0123", seconds=60, report=stage.heard)

    assert "llama" in stage.names(SERVICE)
    assert stage.heard.infos == ["Workload models/llama was created anew since; what runs now is left alone"]


async def test_a_delete_that_takes_too_long_names_what_is_left(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.pods_linger = True

    with pytest.raises(DeadlineExceeded, match="deleting Workload models/llama did not finish within 60 s; it was"):
        await delete(stage.cluster, "models", "llama", incarnation=None, seconds=60, report=stage.heard)


async def test_what_garbage_collection_does_not_take_is_named(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stray = {"name": "stray", "namespace": "models", "labels": {labels.WORKLOAD: "llama"}}
    stage.cluster.put(CONFIG_MAP, {"kind": "ConfigMap", "metadata": stray})

    with pytest.raises(DeadlineExceeded, match="it was waiting for ConfigMap stray to be gone"):
        await delete(stage.cluster, "models", "llama", incarnation=None, seconds=60, report=stage.heard)
