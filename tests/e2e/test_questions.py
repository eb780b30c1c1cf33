"""A program asks what serves, and the CLI lists what is there: functions and List through the real engine."""

import json
import sys
from pathlib import Path

from inference_provider.resources.registry import WORKLOAD
from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack

PROGRAM = """\
import json
import pathlib

import pulumi

from tests.e2e.door import Artifact, Workload

said = json.loads(pathlib.Path("program.json").read_text())
llama = Artifact("llama", **said["artifact"])
chat = Workload("chat", artifact_id=llama.version_id, **said["workload"])


def asks(function, **given):
    options = pulumi.InvokeOutputOptions(depends_on=[chat])
    return pulumi.runtime.invoke_output(f"inference:index:{function}", given, options)


pulumi.export("serves", asks("getWorkload", name="chat"))
pulumi.export("found", asks("listWorkloads", search="CHAT", artifactId=[llama.version_id]))
pulumi.export("room", asks("getCapacity", gpuModel="NVIDIA-H100-80GB-HBM3", pods=1, gpusPerPod=1))
pulumi.export("past", asks("getHistory", name="chat", limit=1))
pulumi.export("ran", asks("getRevision", name="chat", revision="r1"))
pulumi.export("versions", asks("getProtons", name="chat"))
pulumi.export("last", asks("getReplacement", name="chat"))
pulumi.export("records", asks("getRevisions", name="chat"))
pulumi.export("events", asks("getEvents", name="chat"))
pulumi.export("related", asks("getRelated", name="chat"))
pulumi.export("plan", asks("planReplacement", name="chat", replicas={"default": 2}))
try:
    pulumi.runtime.invoke("inference:index:getWorkload", {"name": "chatt"})
except Exception as error:
    pulumi.export("missing", str(error))
"""


def test_a_program_asks_and_its_stack_has_the_answers(plugged: Stack) -> None:
    (plugged.folder / "__main__.py").write_text(PROGRAM)
    plugged.declare(artifact=artifact(server(env={"SIM_LOAD_TIME": "1s"})), workload=workload())

    plugged.must_up()  # the preview first: of what is not there yet nothing is asked

    told = json.loads(json.dumps(plugged.outputs()))
    assert (told["serves"]["id"], told["serves"]["revision"]) == (f"{plugged.namespace}/chat", "r1")
    assert told["serves"]["artifact"]["id"] == told["serves"]["activeArtifactId"]
    assert [each["name"] for each in told["found"]["workloads"]] == ["chat"]
    assert told["room"]["fits"] is True
    assert [(each["revision"], each["outcome"]) for each in told["past"]["history"]] == [("r1", "completed")]
    (proton,) = told["versions"]["protons"]
    assert [(each["ready"], each["model"]) for each in proton["pods"]] == [(True, "NVIDIA-H100-80GB-HBM3")]
    assert (told["last"]["kind"], told["last"]["status"]) == ("create", "completed")
    assert told["records"]["totalCount"] == 1
    assert "tenantId" not in told["records"]["revisions"][0], "null is nothing in a dictionary of Python's SDK"
    assert told["records"]["revisions"][0]["clusterId"], "an administrator may see kube-system"
    assert "create completed" in [each["said"] for each in told["events"]["events"]]
    assert [each["type"] for each in told["related"]["related"]] == ["proton", "artifact", "artifact_repository"]
    assert (told["plan"]["verdict"], told["plan"]["gpus"]["peak"]) == ("inPlace", 2)
    assert told["ran"]["images"] == list(told["serves"]["images"].values())

    assert f"could not find Workload {plugged.namespace}/chatt: it is not there" in told["missing"]

    plugin = ("--package", str(Path(sys.executable).parent / "pulumi-resource-inference"))
    listed = plugged.run("do", *plugin, WORKLOAD.token, "list", "--inference:namespace", plugged.namespace)
    assert f"{plugged.namespace}/chat" in listed.text, listed.text
