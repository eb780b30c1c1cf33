"""What happens in the demonstration, one act after the other."""

from dataclasses import dataclass
from pathlib import Path

from tools.cluster.nodes import DEFAULT_NODES
from tools.demo.crowd import Crowd
from tools.demo.leftovers import Leftovers, leftovers
from tools.demo.moment import Viewer
from tools.demo.place import NAMESPACE, WORKLOAD, DemoError, Place
from tools.demo.stack import Run, Stack
from tools.demo.voice import Voice
from tools.demo.watching import Seen, watched

LOAD = "8s"
"""How long a simulated server loads its model; real ones take minutes."""
ANSWERS, PATIENCE = 200, 10.0
"""How many answers of the version that serves now are waited for at the end of an act, and for how many seconds."""
OLD_MODEL, NEW_MODEL = "Qwen/Qwen3-32B", "Qwen/Qwen3-32B-FP8"


@dataclass(frozen=True)
class Story:
    """Everything the acts need."""

    voice: Voice
    place: Place
    stack: Stack
    viewer: Viewer
    crowd: Crowd


def prologue(voice: Voice) -> None:
    """What is real and what is not."""
    voice.say("A rolling replacement of a GPU model server, with `pulumi up`.")
    voice.say(
        "Real: the Pulumi CLI, etcd, and Kubernetes' API server, controllers and scheduler, all on this machine. "
        f"Simulated: the GPU nodes and the pods. A simulated server takes {LOAD.removesuffix('s')} seconds to load its "
        "model. In the place of each pod a small HTTP server on loopback answers, while the pod is ready; callers "
        "ask all the time, and go where the Service's EndpointSlices send them."
    )


def first_version(story: Story) -> None:
    """The Workload is born."""
    voice = story.voice
    voice.chapter("2. The first version")
    voice.say(
        f"The root Pulumi.yaml runs examples/quickstart: {OLD_MODEL} on vLLM, 2 pods with 2 H100 each. "
        "SIM_LOAD_TIME is for the simulation only."
    )
    story.stack.init()
    _configure(story, "env.SIM_LOAD_TIME", LOAD)
    run, _ = _up(story, "r1")
    if run.mentions("could not resolve image"):
        voice.say("(No image registry was reached, so the draft keeps the image's tag instead of a digest.)")
    outputs = story.stack.outputs()
    voice.say(f"Revision {outputs['revision']} serves {outputs['endpoint']} after {run.seconds:.0f} s.")


def replacement(story: Story) -> Leftovers:
    """Another model takes over."""
    voice = story.voice
    voice.chapter("3. A change")
    voice.say("Another model means other pods. The preview says what that takes, before anything happens:")
    before = leftovers(story.viewer)
    _configure(story, "model", NEW_MODEL)
    _preview(story)
    run, seen = _up(story, "r2")
    outputs, after = story.stack.outputs(), leftovers(story.viewer)
    voice.say(
        f"Revision {outputs['revision']} serves after {run.seconds:.0f} s. r1 kept the traffic until r2 was ready: "
        f"{_counted(seen)}. {_none_lost(seen)} {_same_endpoint(before, after)}"
    )
    return after


def remainder(story: Story, there: Leftovers) -> None:
    """What the replacement left."""
    story.voice.chapter("4. What is left")
    for row in there.rows():
        story.voice.row(row)
    story.voice.say(
        "A kept version ends by itself: a Kubernetes Job that never runs a pod owns it, and takes it along when it "
        "expires. No process of ours has to be there. A record holds all that is needed to make its version again."
    )


def step_back(story: Story, before: Leftovers) -> None:
    """The old version returns, with its own pods."""
    voice = story.voice
    voice.chapter("5. A step back")
    voice.say("The new model disappoints. While the old version is kept, going back loads nothing:")
    _configure(story, "model", OLD_MODEL)
    _preview(story)
    run, seen = _up(story, "r1")
    after = leftovers(story.viewer)
    if after.pod_uids("r1") != before.pod_uids("r1"):
        raise DemoError("Going back started other pods of r1, which it should not: this is a bug of the product.")
    names = " and ".join(after.pod_names("r1"))
    voice.say(
        f"r1 serves again: the whole `pulumi up` took {run.seconds:.0f} s{_share(run)}. {names} are the very pods of "
        f"the beginning. {_counted(seen).capitalize()}. {_none_lost(seen)} {_same_endpoint(before, after)}"
    )
    whole = story.crowd.counts()
    answered = sum(whole.answered.values())
    voice.say(f"From the first answer on, {answered:,} requests were answered, and {whole.lost:,} lost.")


def epilogue(voice: Voice, place: Place) -> None:
    """Where to go from here."""
    voice.chapter("It is yours now")
    voice.say("The cluster and the stack stay. To look around:")
    for command in (
        f"source {place.environment_file}",
        "kubectl get services,deployments,pods,jobs",
        "kubectl get configmap revision-chat-r2 --output=yaml",
        "pulumi stack output",
    ):
        voice.row(command)
    voice.say(f"Everything that the CLI printed is in {place.log}.")
    voice.say("To change something and watch it roll (in this folder, after the `source` above):")
    voice.row("pulumi config set model Qwen/Qwen3-30B-A3B && pulumi up")
    voice.say("To remove everything:")
    voice.row("make clean-demo")
    voice.say("The same program on a cluster of your own (KUBECONFIG set, pulumi on PATH, in a fresh shell):")
    voice.row("make venv && pulumi stack init dev && pulumi up")


def cluster_made(voice: Voice, *, seconds: float) -> None:
    """Say what the cluster has."""
    gpus = {node.gpu.product for node in DEFAULT_NODES if node.gpu}
    total = sum(node.gpus for node in DEFAULT_NODES)
    h100 = sum(node.gpus for node in DEFAULT_NODES if node.gpu and "H100" in node.gpu.product)
    voice.say(
        f"Ready after {seconds:.0f} s: {len(DEFAULT_NODES)} nodes, {total} GPUs of {len(gpus)} kinds, "
        f"{h100} of them H100."
    )


def stack_of(place: Place, parts: Path) -> Stack:
    """The demonstration's stack."""
    return Stack(parts / "pulumi", place.environment(parts), place.log)


def viewer_of(place: Place) -> Viewer:
    """Somebody who looks at the demonstration's Workload. Raises ClusterError."""
    return Viewer(place.cluster.client(), NAMESPACE, WORKLOAD)


def _configure(story: Story, key: str, value: str) -> None:
    flag = "--path " if "." in key else ""
    story.voice.command(f"pulumi config set {flag}{key} {value}")
    story.stack.configure(key, value)


def _preview(story: Story) -> None:
    story.voice.command("pulumi preview")
    plan = story.stack.preview().plan
    if plan:
        story.voice.quote(plan)


def _up(story: Story, then: str) -> tuple[Run, Seen]:
    """Run it, and watch on until the version that serves then has answered a while."""
    story.voice.command("pulumi up --yes")
    with watched(story.viewer, story.voice, story.crowd, then=then) as seen:
        run = story.stack.up()
        story.crowd.until_answered(then, more=ANSWERS, within=PATIENCE)
    return run, seen


def _counted(seen: Seen) -> str:
    if not seen.fewest:
        raise DemoError("For a moment nobody was behind the endpoint, which must not be: this is a bug of the product.")
    return f"in {seen.looks} looks there were never fewer than {seen.fewest} pods behind the endpoint"


def _none_lost(seen: Seen) -> str:
    if seen.requests.lost:
        raise DemoError(f"{seen.requests.lost} requests were lost, and none must be: this is a bug of the product.")
    return f"Of {sum(seen.requests.answered.values()):,} requests none was lost."


def _same_endpoint(before: Leftovers, after: Leftovers) -> str:
    if before.address != after.address:
        raise DemoError("The Workload's Service was replaced, which it never should be: this is a bug of the product.")
    return f"The endpoint is the same object with the same address, {after.anchor['spec']['clusterIP']}."


def _share(run: Run) -> str:
    return "" if run.workload_seconds is None else f", the Workload's share of it {run.workload_seconds:.2g} s"
