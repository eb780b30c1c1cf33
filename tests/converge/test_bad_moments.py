"""Things that go wrong at the worst moment of a replacement: on the doorstep of the switch, in it, just after it."""

from dataclasses import replace

import pytest

from inference_provider.converge.redact import without_secrets
from inference_provider.errors import RolloutFailed, Unavailable
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, POD_DISRUPTION_BUDGET, SECRET, SERVICE, Kind
from inference_provider.rollout.fleet import Role
from inference_provider.rollout.leftovers import leftovers
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate

NEVER = Fate(ready_after=None)


def unavailable(kind: Kind) -> Unavailable:
    """A webhook that has no answer."""
    return Unavailable("patch", kind=kind.name, namespace="models", name="x", status=500, said="webhook timed out")


async def test_a_candidate_that_dies_while_load_balancers_follow_gets_no_traffic_alone(stage: Stage) -> None:
    balanced = Face(service_type="LoadBalancer", notes={})
    await stage.create(replace(wanted("v1"), face=balanced))

    struck: list[str] = []

    def strike() -> None:
        if not struck and len(stage.service()["spec"]["selector"]) == 2:  # widened: both get traffic
            struck.extend(stage.pods(2))
            for pod in struck:
                stage.controllers.set_ready(pod, ready=False)

    stage.cluster.after_write.append(strike)
    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await stage.update(replace(wanted("v2"), face=balanced), seconds=7200)
    fleet = await stage.fleet()
    assert fleet.active is not None
    assert (fleet.active.name, fleet.traffic) == ("r1", (0,))
    assert [each.name for each in fleet.protons] == ["r1"]


async def test_a_roll_that_fails_has_changed_nothing_else(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": NEVER})
    with pytest.raises(RolloutFailed):
        await stage.update(replace(wanted("v2"), face=Face(port=9000, notes={})))
    assert [port["port"] for port in stage.service()["spec"]["ports"]] == [80]


async def test_a_record_that_cannot_be_written_stops_no_switch(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    def strike() -> None:
        if stage.pods(2):
            stage.cluster.faults[:] = [Fault("patch", CONFIG_MAP, unavailable(CONFIG_MAP))]

    stage.cluster.after_write.append(strike)
    fleet = await stage.update(wanted("v2"))
    assert fleet.active is not None
    assert (fleet.active.name, fleet.traffic) == ("r2", (1,))
    assert any("not up to date" in line for line in stage.heard.warnings)


async def test_a_server_that_fails_us_before_the_switch_costs_no_gpus(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.faults.append(Fault("create", POD_DISRUPTION_BUDGET, unavailable(POD_DISRUPTION_BUDGET)))
    with pytest.raises(RolloutFailed, match=r"webhook timed out.*r1 still serves; the new version was removed"):
        await stage.update(wanted("v2"))
    assert stage.pods(2) == []


async def test_a_kept_version_whose_end_was_never_set_gets_one_with_the_next_run(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.faults.append(Fault("patch", JOB, unavailable(JOB)))
    with pytest.raises(RolloutFailed, match="r2 serves"):
        await stage.update(wanted("v2", keepOldVersionMinutes=5))
    await stage.update(wanted("v2", keepOldVersionMinutes=5))
    (kept,) = (await stage.fleet()).of_role(Role.RETAINED)
    assert annotation(kept.service, labels.KEEP_UNTIL) is not None
    assert kept.tombstone is not None
    assert int(kept.tombstone["spec"]["ttlSecondsAfterFinished"]) < 3600


async def test_a_workload_whose_first_proton_somebody_deleted_is_made_whole_again(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    service = stage.service("llama-r1")
    await stage.cluster.delete(SERVICE, "models", "llama-r1", uid=service["metadata"]["uid"])
    fleet = await stage.update(wanted("v2"))
    assert fleet.active is not None
    assert (fleet.active.name, fleet.traffic) == ("r2", (1,))


async def test_a_log_line_is_shown_without_the_secrets_the_container_was_given(stage: Stage) -> None:
    secret = {"metadata": {"name": "keys", "namespace": "models"}, "data": {"TOKEN": "aGZfdmVyeV9zZWNyZXQ="}}
    await stage.cluster.create(SECRET, {"apiVersion": "v1", "kind": "Secret", **secret})
    container = {"name": "server", "envFrom": [{"secretRef": {"name": "keys"}}]}
    pod = {"metadata": {"name": "p", "namespace": "models"}, "spec": {"containers": [container]}}
    said = await without_secrets(stage.cluster, pod, "started with --token hf_very_secret")
    assert said == "started with --token [secret]"


async def test_a_deployment_that_somebody_deleted_is_made_again(stage: Stage) -> None:
    await stage.create(wanted("v1", replicas=2))
    await stage.cluster.delete(DEPLOYMENT, "models", "llama-r1")
    assert leftovers(await stage.fleet()) == ("r1 should serve, but its Deployment of default is gone",)

    fleet = await stage.update(wanted("v1", replicas=2))

    assert fleet.active is not None
    assert (fleet.active.name, len(stage.pods(1))) == ("r1", 2)
    assert "is made again" in stage.heard.infos[-1]
    assert leftovers(fleet) == ()
