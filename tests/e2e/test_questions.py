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
if said.get("missing"):
    pulumi.export("missing", pulumi.runtime.invoke("inference:index:getWorkload", {"name": "chatt"}).value)
"""


def test_a_program_asks_and_its_stack_has_the_answers(plugged: Stack) -> None:
    (plugged.folder / "__main__.py").write_text(PROGRAM)
    plugged.declare(artifact=artifact(server(env={"SIM_LOAD_TIME": "1s"})), workload=workload())

    plugged.must_up()  # the preview first: what is not there yet is not asked for

    told = json.loads(json.dumps(plugged.outputs()))
    assert (told["serves"]["id"], told["serves"]["revision"]) == (f"{plugged.namespace}/chat", "r1")
    assert told["serves"]["artifact"]["id"] == told["serves"]["activeArtifactId"]
    assert [each["name"] for each in told["found"]["workloads"]] == ["chat"]
    assert told["room"]["fits"] is True
    assert [(each["revision"], each["outcome"]) for each in told["past"]["history"]] == [("r1", "completed")]
    assert told["ran"]["images"] == list(told["serves"]["images"].values())

    plugin = ("--package", str(Path(sys.executable).parent / "pulumi-resource-inference"))
    listed = plugged.run("do", *plugin, WORKLOAD.token, "list", "--inference:namespace", plugged.namespace)
    assert f"{plugged.namespace}/chat" in listed.text, listed.text

    plugged.declare(artifact=artifact(server(env={"SIM_LOAD_TIME": "1s"})), workload=workload(), missing=True)
    wrong = plugged.preview()
    assert wrong.code != 0
    assert f"could not find Workload {plugged.namespace}/chatt: it is not there. There are: chat" in wrong.text
