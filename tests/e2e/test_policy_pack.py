"""The policy pack under the real engine: what it refuses and what it adds, of both doors' resources in one program."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from inference_provider.resources.registry import WORKLOAD
from tests.e2e.programs import artifact, workload
from tests.e2e.stack import ROOT, Run, Stack
from tests.policy_pack.host import Host, pulumi_policy

#: Each door has an Artifact, a Workload, Policies, and others which name these, with a tag that no preview knows then.
PROGRAM = """\
import json
import pathlib

from inference_provider import dynamic
from tests.e2e import door as plugin

said = json.loads(pathlib.Path("program.json").read_text())
for name, door in (("dynamic", dynamic), ("plugin", plugin)):
    version = door.Artifact(f"llama-{name}", **said["artifact"]).version_id
    door.Workload(f"chat-{name}", artifact_id=version, **said["workload"])
    rules = [door.Policy(f"{rule}-{name}", name=f"{rule}-{name}", **given) for rule, given in said["policies"].items()]
    named = [{"ref_type": "localPolicy", "name": each.name} for each in rules]
    tags = {"team": rules[0].created_at if rules else "ml"}
    for other, given in said["others"].items():
        door.Workload(f"{other}-{name}", artifact_id=version, policies=named, tags=tags, **given)
"""
#: Puts something into some Workloads that no Workload can have.
CLUMSY = """\
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def ports(args):
    if args.name.startswith("odd"):
        args.props["service"] = {"port": "eighty"}
        return args.props


remedy = ResourceValidationPolicy(
    "ports", "Every port is eighty.", remediate=ports, enforcement_level=EnforcementLevel.REMEDIATE
)
PolicyPack("clumsy", [remedy])
"""
TYPES = {"dynamic": "pulumi-python:dynamic/inference:Workload", "plugin": WORKLOAD.token}
PRICES = {"prices": {"h100": 10}}
CONFIGURED: dict[str, dict[str, Any]] = {
    "allowed-locations": {"locations": [{"type": "continent", "name": "eu"}], "clusterRegion": "us-east-1"},
    "allowed-flavors": {"flavors": ["l4", "cpu"]},
    "pinned-images": {"registries": ["docker.io/vllm"]},
    "required-tags": {"tags": ["team"]},
    "default-tags": {"tags": {"owner": "platform"}},
    "workload-cost": {"ceiling": 5, **PRICES},
    "stack-cost": {"ceiling": 5, **PRICES},
}
#: In Europe and on an L4 by Policies, not by what it asks for; in a sandbox, where drafts may serve.
CONFINED = {
    **workload(),
    "environment": "sandbox",
    "runtime": {"container_groups": [{"resource_bundles": [{"name": "any", "cpu": 1, "gpu": 1, "price_per_hour": 1}]}]},
}
_NOBODY = {"labels": {"chosen": "by nobody"}}
POLICIES = {
    "eu": {"type": "location", "locations": [{"type": "continent", "name": "eu"}], **_NOBODY},
    "l4": {"type": "flavor", "flavors": [{"type": "gpu", "name": "l4"}], **_NOBODY},
}
ALLOWED: dict[str, dict[str, Any]] = {
    "allowed-locations": {"locations": [{"type": "continent", "name": "eu"}], "clusterRegion": "eu-central-1"},
    "allowed-flavors": {"flavors": ["h100", "cpu"]},
    "pinned-images": {"registries": ["docker.io/example"]},
    "required-tags": {"tags": ["team", "owner"]},
    "default-tags": {"tags": {"owner": "platform", "team": "nobody"}},
    "workload-cost": {"ceiling": 20, **PRICES},
    "stack-cost": {"ceiling": 80, **PRICES},
}
REFUSED = {
    "allowed-locations": "group default, its containers: runs in us-east-1, which is in US; allowed is eu",
    "allowed-flavors": "group default, its containers: asks for 1 GPU (NVIDIA-H100-80GB-HBM3); allowed are l4, cpu",
    "locked-artifacts": "a draft is to serve in production; set the Artifact's `status` to locked",
    "critical-replicas": "group default has 1 pod at least, and a critical Workload needs 2",
    "keep-old": "the old version is kept for 0 minutes, and production wants 10",
    "no-outage": "`surge: recreate` ends the old version before the new one is there",
    "required-tags": "the tag `team` is missing",
    "workload-cost": "it may cost 10 per hour, and a Workload may cost 5",
}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path / "host").start()


@pytest.fixture
def both(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str, host: Host) -> Stack:
    """A stack whose program uses both doors."""
    stack = Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace).start()
    stack.environment = {
        "PATH": os.pathsep.join(map(str, (host.folder, Path(sys.executable).parent, os.environ["PATH"]))),
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "provider", ROOT, pulumi_policy()))),
    }
    (stack.folder / "__main__.py").write_text(PROGRAM)
    return stack


def test_a_pack_refuses_before_anything_is_made_and_what_it_adds_is_checked_again(both: Stack, host: Host) -> None:
    pack = host.ours()
    careless = workload(importance="critical", replacement={"surge": "recreate"})
    both.declare(artifact=artifact(), workload=careless, policies=POLICIES, others={"confined": CONFINED})
    refused = both.run("preview", *_with(pack, CONFIGURED))
    _refuses_everything(refused)
    _lets_the_confined_pass_and_says_what_was_not_judged(refused)
    assert not both.resources()

    careful = workload(2, importance="critical", replacement={"keep_old_version_minutes": 10})
    tagged = {**careful, "tags": {"team": "ml"}}
    both.declare(artifact=artifact(status="locked"), workload=tagged, policies={}, others={"odd": careful})
    packs = (*_with(pack, ALLOWED), *_with(host.another(CLUMSY), {}))
    done = both.up("--skip-preview", "--continue-on-error", *packs)
    assert done.code != 0
    assert done.has("[remediate]", "default-tags", "(4 resources)"), done.text
    assert done.has("service.port: ", "it was changed after it had been checked, as policy packs do"), done.text
    _has_the_tags(both)


def _with(pack: Path, configured: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """The flags; the configuration lies beside the pack."""
    file = pack.parent / f"{pack.name}.json"
    file.write_text(json.dumps(configured))
    return "--policy-pack", str(pack), "--policy-pack-config", str(file)


def _refuses_everything(run: Run) -> None:
    """Each rule, of each door's resource, with its own sentence on the line after it."""
    assert run.code != 0
    after = dict.fromkeys(run.lines)
    for door, token in TYPES.items():
        for rule, sentence in REFUSED.items():
            assert run.has("[mandatory]", f"  {rule}  ({token}: chat-{door})"), run.text
            assert any(line.startswith(sentence) for line in after), run.text
        assert run.has("[mandatory]", f"  pinned-images  ({token.replace('Workload', 'Artifact')}: llama-{door})")
    assert run.has("images may come from docker.io/vllm"), run.text
    assert run.has("4 Workloads together may cost 22 per hour, and a stack may cost 5"), run.text


def _lets_the_confined_pass_and_says_what_was_not_judged(run: Run) -> None:
    for door in TYPES:
        said = [line for line in run.lines if f"confined-{door})" in line]
        assert any("[advisory]  required-tags" in line for line in said), run.text
        assert not any("[mandatory]" in line for line in said), run.text
    assert run.has("can't run policy 'required-tags'", "string value at .tags.team can't be known during preview")


def _has_the_tags(stack: Stack) -> None:
    """Inputs and outputs: those of the program first, and not a second time in the stack's own way."""
    made = [each for each in stack.resources() if each["type"] in TYPES.values()]
    assert {each["type"] for each in made} == set(TYPES.values()), "those that were refused were not made"
    for each in made:
        wanted = {"team": "ml", "owner": "platform"}
        assert each["inputs"]["tags"] == wanted
        assert each["outputs"]["tags"] == wanted
    assert len(made) == len(TYPES)
