"""Is all well after a run that went through? Everything that is wrong, in sentences."""

import json
from collections.abc import Iterator

from inference_provider.domain.names import artifact_content_name, artifact_head_name
from inference_provider.domain.reference import VersionId
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import traffic_of
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import (
    CONFIG_MAP,
    DEPLOYMENT,
    ENDPOINT_SLICE,
    JOB,
    LEASE,
    POD,
    POD_DISRUPTION_BUDGET,
    SECRET,
    SERVICE,
    Body,
)
from inference_provider.manifests.ownership import is_owned_by
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet, Proton, Role, observe
from tests.machine.ground import Ground
from tests.machine.program import Program
from tests.machine.wire import Wire
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_mirror import FakeMirror

#: What a preview shows of what is held.
HELD = {"workload.held", "workload.running", "replacement.candidateArtifactId"}
#: Outputs of a Workload that its Replacement changes after it: the next refresh brings them.
MOVED = {"activeArtifactId", "activeProtonId", "candidateProtonIds", "images", "revision", "rollout", "status"}
MOVED |= {"statusMessage", "readyReplicas", "held", "updatedAt", "updater"}
#: Outputs of a Replacement that change when a kept version ends by itself.
ENDING = {"keepOldUntil", "previousProtonIds", "protonStatuses"}
#: Everything that can be left over.
KINDS = (SERVICE, DEPLOYMENT, POD, JOB, CONFIG_MAP, SECRET, POD_DISRUPTION_BUDGET, LEASE, ENDPOINT_SLICE)


def unwell(ground: Ground, program: Program, *, held: bool = False) -> list[str]:
    """What is wrong, now that the program was brought about, or is ``held``: then only its preview is not empty."""
    ground.pass_time(10.0)  # for the garbage collector
    if ground.cluster.orphans():  # a kept version has just come to its end
        ground.pass_time(10.0)
    anchor = ground.cluster.stored((SERVICE.name, "models", program.name))
    if anchor is None:
        return ["there is no Service"]
    fleet = observe(anchor, FakeMirror(ground.cluster, "models", program.name).objects)
    found = [] if held else [*_serving(ground, fleet, program)]
    found += [*_left_over(ground, fleet, program), *_records(ground, fleet, program), *_artifact(ground)]
    shown = ground.changes(program)
    found += [f"the next preview shows {each}" for each in shown if not held]
    if held and program.rules and not HELD & set(shown):
        found.append(f"it is held, and the next preview shows {shown}")
    found += _outputs(ground, _repeated(held=held))
    return found + [f"the state still has {each.urn} marked" for each in ground.engine.state if each.doomed]


def remains(cluster: FakeCluster) -> list[str]:
    """What is there of us at all."""
    return sorted(f"{kind.name} {each['metadata']['name']}" for kind in KINDS for each in cluster.all_of(kind))


def _serving(ground: Ground, fleet: Fleet, program: Program) -> Iterator[str]:
    active = fleet.active
    if active is None:
        yield "nothing is active"
        return
    waits = program.sleeps_unpromoted or any(_waits(ground, each, program) for each in fleet.protons)
    if program.rules and not waits and _images(active) != _digests(ground, program):
        yield f"{active.name} serves {_images(active)}"
    if fleet.traffic != (active.slot,):
        yield f"traffic goes to {traffic_of(fleet.anchor)} and {active.name} is on slot {active.slot}"
    for group, count in active.replicas().items():
        if program.counts.get(group, count) != count:
            yield f"{active.name} has {count} pods of {group}, not {program.counts[group]}"
    if ground.witness.serving(program.name) != program.pods:
        yield f"{ground.witness.serving(program.name)} pods serve"
    if fleet.anchor["spec"]["ports"][0]["port"] != program.port:
        yield "the port is another one"
    if (annotation(fleet.anchor, labels.DESCRIPTION) or "") != program.description:
        yield f"the description is {annotation(fleet.anchor, labels.DESCRIPTION)}"
    if annotation(fleet.anchor, labels.URN) != program.urn and not program.aliased:
        yield f"the Service says {annotation(fleet.anchor, labels.URN)}"


def _images(proton: Proton) -> dict[str, str]:
    """What each group of a version runs."""
    pods = {label(each, labels.GROUP) or "": each["spec"]["template"]["spec"] for each in proton.deployments}
    return {group: str(spec["containers"][0]["image"]) for group, spec in pods.items()}


def _waits(ground: Ground, proton: Proton, program: Program) -> bool:
    """Whether it is what the program wants, and waits for somebody to promote it."""
    manual = program.promotion == "manual" and program.promote != proton.name
    return manual and program.rules and proton.staged and _images(proton) == _digests(ground, program)


def _digests(ground: Ground, program: Program) -> dict[str, str]:
    return {group: str(ground.registry._answer(image)) for group, image in program.pulled.items()}


def _left_over(ground: Ground, fleet: Fleet, program: Program) -> Iterator[str]:
    active, cluster = fleet.active, ground.cluster
    beside = [each for each in fleet.protons if active is None or each.revision != active.revision]
    for other in beside:
        if other.role is Role.CANDIDATE:
            if not _waits(ground, other, program):
                yield f"{other.name} is left as a candidate"
        elif not other.buried and not other.condemned:
            yield f"{other.name} is {other.role} and not under its tombstone"
        elif annotation(other.service, labels.KEEP_UNTIL) is None and not other.condemned:
            yield f"{other.name} has no end"
    if len([each for each in beside if each.role is Role.RETAINED and not each.condemned]) > 1:
        yield f"more than one is kept: {[each.name for each in beside]}"
    names = {label(fleet.anchor, labels.WORKLOAD), *(each.name for each in fleet.protons)}
    mine = [each for kind in (DEPLOYMENT, POD, POD_DISRUPTION_BUDGET, JOB) for each in cluster.all_of(kind)]
    for body in mine:
        if label(body, labels.WORKLOAD) != label(fleet.anchor, labels.WORKLOAD) or _is_going(body):
            continue
        if label(body, labels.PART) == "tombstone":
            continue
        if label(body, labels.REVISION) not in names:
            yield f"{body.get('kind', 'Pod')} {body['metadata']['name']} belongs to nobody"
    yield from _tombs(cluster, fleet)


def _tombs(cluster: FakeCluster, fleet: Fleet) -> Iterator[str]:
    for job in cluster.all_of(JOB):
        if label(job, labels.WORKLOAD) != label(fleet.anchor, labels.WORKLOAD) or _is_going(job):
            continue
        if any(each.staged and each.tombstone is job for each in fleet.protons):
            continue  # brought back, and goes there again if nobody promotes it
        if not any(is_owned_by(each.service, job) for each in fleet.protons):
            yield f"tombstone {job['metadata']['name']} owns nothing"
        elif int(job["spec"]["ttlSecondsAfterFinished"]) > 86400:
            yield f"tombstone {job['metadata']['name']} lives for {job['spec']['ttlSecondsAfterFinished']} s"


def _is_going(body: Body) -> bool:
    return "deletionTimestamp" in body["metadata"]


def _records(ground: Ground, fleet: Fleet, program: Program) -> Iterator[str]:
    records = [each for each in ground.cluster.all_of(CONFIG_MAP) if label(each, labels.PART) == "record"]
    mine = {label(each, labels.REVISION): each for each in records if is_owned_by(each, fleet.anchor)}
    for revision in ground.witness.served(fleet.anchor):
        if revision not in mine:
            yield f"{revision} served, and there is no record of it"
    # The way back to a version that waits has a record of its own; a foreign hand may have taken traffic from another.
    open_ended = {each.name for each in fleet.protons if each.staged} | {annotation(fleet.anchor, labels.UNDER_WAY)}
    # Nobody but the next driver would close that of a Replacement whose creation was killed and that was dropped.
    waiting = open_ended if any(each.staged for each in fleet.protons) or not program.rules else set()
    for number, record in mine.items():
        phase = annotation(record, labels.PHASE)
        if phase not in {"completed", "errored"} and number not in waiting:
            yield f"the record of {number} stays at {phase}"


def _artifact(ground: Ground) -> Iterator[str]:
    """What the stack's version is made of is there, and will be."""
    resource = ground.engine.find("artifact")
    if resource is None:
        return
    version = VersionId.parse(str(resource.outputs["versionId"]))
    for name in (artifact_head_name(version.name), artifact_content_name(version.name, version.content)):
        body = ground.cluster.stored((CONFIG_MAP.name, version.namespace, name))
        if body is None or _is_going(body):
            yield f"ConfigMap {name} is gone"


def _kept(outputs: Properties) -> bool:
    rollout = outputs.get("rollout")
    return isinstance(rollout, dict) and rollout.get("retained") is not None


def _repeated(*, held: bool) -> set[str]:
    """Inputs among the outputs: they say what the program said, and a refresh what the hold made of it."""
    return {"running", "runtime"} if held else set()


def _outputs(ground: Ground, repeated: set[str]) -> Iterator[str]:
    engine, worlds = ground.engine, ground._worlds(Wire(ground.cluster))
    told = set(engine.told)
    before = {each.urn: each.outputs for each in engine.state}
    ground.loop.run_until_complete(engine.refresh(worlds))
    for each in engine.state:
        was = before.pop(each.urn)
        blind = set() if each.urn in told else {"rollout", "updatedAt", "updater", *ENDING}
        blind |= (
            MOVED if each.kind == "workload" and each.outputs.get("replacement") == {"driver": "external"} else set()
        )
        blind |= ENDING if was.get("keepOldUntil") and not each.outputs.get("keepOldUntil") else set()
        blind |= {"rollout"} if _kept(was) and not _kept(each.outputs) else set()  # it has ended by itself since
        yield from (
            f"output {key} of {each.kind} was {json.dumps(was.get(key))} and is {json.dumps(each.outputs.get(key))}"
            for key in sorted({*was, *each.outputs} - repeated - blind)
            if was.get(key) != each.outputs.get(key)
        )
    yield from (f"a refresh lost {urn}" for urn in before)
