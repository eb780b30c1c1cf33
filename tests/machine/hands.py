"""What other people do to a Workload, whoever they are: at any moment, also in the middle of a run."""

import copy

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, SERVICE, Body, Kind
from inference_provider.rollout.fleet import Fleet, Proton, Role, observe
from tests.machine.ground import Ground
from tests.machine.witness import anchors
from tests.support.fake_mirror import FakeMirror

#: What can be done, by name.
DEEDS = (
    "kept versions expire",
    "the selector is edited",
    "the active is scaled up",
    "the active is scaled to nothing",
    "a candidate is deleted",
    "a tombstone is deleted",
    "a kept version is deleted",
    "the Artifact is deleted",
    "the Artifact's contents are deleted",
    "the active's Deployment is deleted",
    "the active is deleted",
)

#: What those that concern Artifacts take away.
_TO_ARTIFACTS = {"the Artifact is deleted": "artifact-head", "the Artifact's contents are deleted": "artifact-content"}


def lay(ground: Ground, deed: str) -> None:
    """Do it to every Workload that there is, and forgive what it costs."""
    before, ground.witness.floors = ground.witness.floors, {}
    if deed in _TO_ARTIFACTS:
        for body in ground.cluster.all_of(CONFIG_MAP):
            if label(body, labels.PART) == _TO_ARTIFACTS[deed]:
                _remove(ground, CONFIG_MAP, body)
    for anchor in anchors(ground.cluster):
        name = anchor["metadata"]["name"]
        _do(ground, observe(anchor, FakeMirror(ground.cluster, "models", name).objects), deed)
    # What is deleted takes its pods along a little later.
    ground.witness.forgive({} if deed.endswith(("deleted", "expire")) else before)


def _do(ground: Ground, fleet: Fleet, deed: str) -> None:
    active = fleet.active
    if deed == "kept versions expire":
        for job in [each for each in ground.cluster.all_of(JOB) if label(each, labels.WORKLOAD) == _name(fleet)]:
            ground.seasons.expire(job)
    elif deed == "a candidate is deleted":
        for proton in fleet.of_role(Role.CANDIDATE):
            _remove(ground, SERVICE, proton.service)
    elif deed == "a kept version is deleted":
        for proton in fleet.of_role(Role.RETAINED):
            _remove(ground, SERVICE, proton.service)
    elif deed == "a tombstone is deleted":
        for proton in fleet.protons:
            if proton.tombstone is not None:
                _remove(ground, JOB, proton.tombstone)
    elif deed == "the selector is edited":
        changed = copy.deepcopy(fleet.anchor)
        changed["spec"]["selector"] = {"app": "somebody-else"}
        ground.cluster.put(SERVICE, changed)
    elif active is not None and deed not in _TO_ARTIFACTS:
        _to_active(ground, active, deed)


def _to_active(ground: Ground, active: Proton, deed: str) -> None:
    if deed == "the active is deleted":
        _remove(ground, SERVICE, active.service)
        return
    for deployment in active.deployments:
        if deed == "the active's Deployment is deleted":
            _remove(ground, DEPLOYMENT, deployment)
            continue
        changed = copy.deepcopy(deployment)
        changed["spec"]["replicas"] = 5 if deed.endswith("up") else 0
        changed["metadata"]["generation"] += 1
        ground.cluster.put(DEPLOYMENT, changed)


def _name(fleet: Fleet) -> str:
    return str(fleet.anchor["metadata"]["name"])


def _remove(ground: Ground, kind: Kind, body: Body) -> None:
    ground.cluster.remove(kind, "models", body["metadata"]["name"])
