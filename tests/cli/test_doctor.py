"""`pulumi-inference doctor`: one line for each thing that may keep a `pulumi up` from working."""

import json
import re
from pathlib import Path

import pytest

from inference_provider.errors import Forbidden, Unavailable
from inference_provider.manifests.kinds import NAMESPACE, NODE, PRIORITY_CLASS, Body
from inference_provider.manifests.priority import VALUES, priority_class_name
from inference_provider.resources.rights import LOOKING, NEEDED
from tests.cli.desk import Desk, unreachable
from tests.cli.fitted import in_cluster, node, told, tool
from tests.support.fake_cluster import Fault

README = Path(__file__).parents[2] / "README.md"


def test_where_all_is_well_every_line_says_ok(fit: Desk) -> None:
    assert fit.types("doctor").exit_code == 0
    assert told(fit) == {
        "cluster": ["ok: context lab at https://lab:6443, as ann"],
        "Kubernetes": ["ok: v1.36.3 (1.30 or newer is needed)"],
        "namespace": ["ok: models exists"],
        "rights": [f"ok: all {len(NEEDED)} that are needed in namespace models"],
        "sharing": ["ok: may share Workloads in namespace models, also as OWNER"],
        "GPUs": ["ok: H100: 9 of 12 free on 2 nodes"],
        "priorities": ["ok: PriorityClasses are made when used"],
        "pulumi": [f"ok: v3.272.0 at {fit.home}/pulumi (3.259 or newer is needed)"],
        "backend": ["ok: stacks are kept at file://"],
    }


def test_the_rights_are_those_of_the_readme() -> None:
    rules = re.findall(r'- \{apiGroups: \["?(.*?)"?\], resources: \[(.*?)\], verbs: \[(.*?)\]\}', README.read_text())
    written = {(group, resource, verb) for group, resource, verbs in rules for verb in verbs.split(", ")}

    asked = {
        (each.group, "/".join(filter(None, (each.resource, each.subresource))), each.verb)
        for each in (*NEEDED, *LOOKING)
    }

    assert asked == written


def test_a_right_that_is_missing_is_a_problem_of_its_own(fit: Desk) -> None:
    fit.cluster.refused = {"patch deployments/scale", "delete secrets"}

    said = fit.types("doctor")

    assert said.exit_code == 1
    assert re.findall(r"problem  rights +(.*)", said.stdout) == [
        "may not delete secrets in namespace models",
        "may not patch deployments/scale.apps in namespace models",
    ]
    assert "README, section `On your own cluster`, has the whole Role." in said.stdout


def test_without_the_right_to_see_events_it_works_and_shows_less(fit: Desk) -> None:
    fit.cluster.refused = {"list events"}

    assert fit.types("doctor").exit_code == 0
    assert told(fit)["rights"][1:] == [
        "warning: may not list events in namespace models: `events` tells of our records alone",
        "Grant it: README, section `On your own cluster`, has the whole Role.",
    ]


@pytest.mark.parametrize(
    ("refused", "why", "cure"),
    [
        (
            "create roles",
            "Roles and RoleBindings of the namespace (create roles.rbac",
            "Grant it get, list",
        ),
        ("create jobs", "lacks some of those that the role means (create jobs.batch)", "Let somebody share it who has"),
    ],
)
def test_rights_that_sharing_takes_are_a_warning(fit: Desk, refused: str, why: str, cure: str) -> None:
    fit.cluster.refused = {refused}
    fit.types("doctor")
    said, mend = told(fit)["sharing"]
    assert said.startswith("warning: may not share Workloads in namespace models as OWNER: ")
    assert why in said
    assert mend.startswith(cure)


def test_an_old_api_server_is_a_problem(fit: Desk) -> None:
    fit.version = "v1.29.8-gke.100"
    assert told(fit)["Kubernetes"] == ["problem: v1.29.8-gke.100 is too old", "Upgrade the cluster to 1.30 or newer."]

    fit.version = "mine"
    assert told(fit)["Kubernetes"][0] == "warning: version mine cannot be read"


def test_a_namespace_that_is_not_there_is_a_problem(fit: Desk) -> None:
    said = told(fit, "-n", "modles")["namespace"]

    assert said[0] == "problem: modles does not exist"
    assert "kubectl create namespace modles" in said[1]


def test_a_namespace_that_goes_away_is_a_problem(fit: Desk) -> None:
    fit.does(in_cluster(fit, {"metadata": {"name": "models"}, "status": {"phase": "Terminating"}}))

    assert told(fit)["namespace"][0] == "problem: models is being deleted"


def test_who_may_not_look_at_the_cluster_is_warned_only(fit: Desk) -> None:
    for verb, kind in (("find", NAMESPACE), ("list", NODE)):
        refusal = Forbidden(verb, kind=kind.name, namespace=None, name="*", said="no right")
        fit.cluster.faults.append(Fault(verb, kind, refusal))
    fit.cluster.refused = {"create priorityclasses"}

    said = fit.types("doctor")

    assert said.exit_code == 0
    assert "no right to see whether models exists" in said.stdout
    assert "no right to see nodes and all pods: free GPUs stay unknown" in said.stdout
    assert "no right to create PriorityClass pulumi-inference-critical" in said.stdout


def test_priorities_that_an_administrator_made_need_no_right_to_make_them(fit: Desk) -> None:
    async def made() -> None:
        for importance in VALUES:
            fit.cluster.put(PRIORITY_CLASS, {"metadata": {"name": priority_class_name(importance)}})

    fit.does(made())
    fit.cluster.refused = {"create priorityclasses"}
    assert told(fit)["priorities"] == ["ok: every PriorityClass is there"]

    fit.cluster.refused = {"get priorityclasses"}
    assert told(fit)["priorities"][0].startswith("warning: no right to see PriorityClasses")


def test_a_server_that_stops_answering_in_the_middle_is_a_problem(fit: Desk) -> None:
    for verb, kind in (("find", NAMESPACE), ("list", NODE), ("find", PRIORITY_CLASS)):
        fit.cluster.faults.append(Fault(verb, kind, Unavailable(verb, kind=kind.name, namespace=None, name="x")))

    said = told(fit)

    assert [said[subject][0].partition(":")[0] for subject in ("namespace", "GPUs", "priorities")] == ["problem"] * 3


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([node("cpu-1", 0)], "warning: none of 1 nodes has nvidia.com/gpu"),
        ([node("gpu-1", 8, ready=False)], "warning: none of the 1 nodes with GPUs takes pods now"),
        (
            [node("gpu-1", 8, labels={})],
            "warning: model unknown (no label nvidia.com/gpu.product): 5 of 8 free on 1 node",
        ),
    ],
)
def test_gpus_that_cannot_be_used_are_a_warning(desk: Desk, nodes: list[Body], said: str) -> None:
    desk.does(in_cluster(desk, {"metadata": {"name": "models"}}, *nodes))

    assert told(desk)["GPUs"][0] == said


def test_a_cluster_that_does_not_answer_leaves_the_machine_to_be_looked_at(fit: Desk) -> None:
    fit.closed = Unavailable("log in to", kind="cluster", namespace=None, name="lab", said="connection refused")

    said = told(fit)

    assert said["cluster"] == ["problem: could not log in to cluster lab: connection refused"]
    assert said["pulumi"][0].startswith("ok")
    assert fit.types("doctor").exit_code == 1


def test_a_failure_that_is_not_the_clusters_ends_in_its_sentence(fit: Desk) -> None:
    fit.closed = unreachable()

    assert fit.types("doctor").stderr.startswith("error: could not log in")


def test_a_pulumi_that_is_missing_old_or_broken_is_a_problem(fit: Desk) -> None:
    tool(fit, "v3.100.0")
    assert told(fit)["pulumi"][0] == f"problem: v3.100.0 at {fit.home}/pulumi is too old"

    tool(fit, "dev")
    assert told(fit)["pulumi"][0] == f"warning: {fit.home}/pulumi says 'dev' for its version"

    tool(fit, "v3.272.0", code=1)
    assert told(fit)["pulumi"][0] == f"problem: {fit.home}/pulumi does not run"

    fit.environ = {"PATH": "/nowhere"}
    assert told(fit)["pulumi"][0] == "problem: it is not on PATH"


def test_where_stacks_are_kept_is_said_without_what_may_be_secret(fit: Desk) -> None:
    fit.environ = {"PATH": str(fit.home), "PULUMI_BACKEND_URL": "postgres://ann:hunter2@db/x"}
    said = told(fit)["backend"]
    assert said[0] == "warning: stacks are kept at postgres://, whose secrets ask for a passphrase"
    assert "hunter2" not in "".join(said)

    fit.environ = {"PATH": str(fit.home)}
    assert told(fit)["backend"][0] == "warning: nobody is logged in to Pulumi"

    credentials = fit.home / ".pulumi" / "credentials.json"
    credentials.parent.mkdir()
    credentials.write_text(json.dumps({"current": "https://api.pulumi.com"}))
    assert told(fit)["backend"] == ["ok: stacks are kept at https://"]

    credentials.write_text("torn")
    assert told(fit)["backend"][0].startswith("warning")


def test_a_stack_that_means_another_place_is_pointed_out(fit: Desk) -> None:
    config = "config:\n  inference:namespace: prod\n  inference:context: lab\n  inference:kubeconfig: {secure: abc}\n"
    (fit.folder / "Pulumi.dev.yaml").write_text(config)
    (fit.folder / "Pulumi.torn.yaml").write_text("config: [")
    (fit.folder / "Pulumi.bare.yaml").write_text("")

    assert told(fit)["stack"] == [
        "warning: Pulumi.dev.yaml says inference:namespace prod; this looks at models",
        "Add -n prod to look where that stack works.",
    ]
    assert "stack" not in told(fit, "-n", "prod")
