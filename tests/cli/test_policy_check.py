"""`pulumi-inference policy check`, and what `status` says of policies."""

import json

from inference_provider.errors import Forbidden, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, NODE
from inference_provider.resources.world import Properties
from tests.cli.desk import Desk
from tests.resources.outside import chat, llama, runtime
from tests.resources.ruled import EU, flavors, inside, made, node
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import FakeScheduler

VIOLATED = 7
WHY = "pods run where it allows none: node gpu-1 is in region us-east-1, in US"


async def in_virginia(desk: Desk) -> None:
    """One node, far away from Europe."""
    FakeScheduler(desk.outside.cluster, desk.outside.controllers)
    node(desk.outside, "us-east-1")


def serving(desk: Desk, *, name: str = "chat", **more: object) -> Properties:
    """A Workload that serves from one GPU in Virginia."""
    desk.does(in_virginia(desk))
    version = desk.does(desk.outside.artifact(llama()))["versionId"]
    inputs = {**chat(version, **{"runtime": runtime(gpu=1.0), **more}), "name": name}
    return desk.does(desk.outside.workload(inputs))


def test_what_runs_against_a_policy_is_named_with_what_the_verdict_rests_on(desk: Desk) -> None:
    serving(desk)
    desk.does(made(desk.outside, EU))

    said = desk.types("policy", "check")

    assert said.exit_code == VIOLATED
    assert said.stdout.splitlines() == [
        "models/chat  r1  violated",
        "├── violated  Policy models/eu-only (location; for the whole namespace)",
        f"│   {WHY}",
        "├── pods of default ask for 1 GPU, on any node",
        "└── they run on gpu-1 (us-east-1, US, H100)",
        "What runs is left alone; the next version of each is only started where its policies allow it.",
    ]


def test_programs_get_the_words_of_the_outputs(desk: Desk) -> None:
    out = serving(desk)
    desk.does(made(desk.outside, EU))

    said = desk.types("policy", "check", "--json")

    assert said.exit_code == VIOLATED
    (seen,) = json.loads(said.stdout)
    assert (seen["namespace"], seen["name"], seen["revision"], seen["role"]) == ("models", "chat", "r1", "active")
    assert (seen["verdict"], out["policyVerdicts"]) == ("violated", [])
    because = "for the whole namespace"
    eu = {"policy": "models/eu-only", "type": "location", "verdict": "violated", "message": WHY, "because": because}
    assert seen["policyVerdicts"] == [eu]
    assert seen["inputs"] == [{"group": "default", "gpus": 1, "nodeSelector": {}, "nodeAffinity": []}]
    place = {"node": "gpu-1", "pods": 1, "region": "us-east-1", "country": "US", "gpu": "NVIDIA-H100-80GB-HBM3"}
    assert seen["nodes"] == [place]


def test_where_all_is_well_a_line_for_each_is_enough_and_the_code_is_nought(desk: Desk) -> None:
    desk.does(made(desk.outside, {**inside("US"), "labels": {"tier": "gold"}}))
    serving(desk, tags={"tier": "gold"})
    serving(desk, name="free")

    said = desk.types("policy", "check")

    assert (said.exit_code, said.stderr) == (0, "")
    assert said.stdout.splitlines() == [
        "models/chat  r1  allowed by models/eu-only",
        "models/free  r1  under no policy",
        "2 versions: 1 allowed, 1 under no policy",
    ]


def test_one_that_is_named_is_told_in_full_though_all_is_well(desk: Desk) -> None:
    desk.does(made(desk.outside, {**inside("US"), "labels": {"tier": "gold"}}))
    serving(desk, tags={"tier": "gold"}, policies=[{"refType": "localPolicy", "name": "eu-only"}])

    by_id, by_name = desk.types("policy", "check", "models/chat", "-n", "other"), desk.types("policy", "check", "chat")

    assert by_id.stdout == by_name.stdout
    assert "├── allowed  Policy models/eu-only (location; named by the Workload)\n" in by_name.stdout
    assert "ask for 1 GPU, on nodes chosen by topology.kubernetes.io/region\n" in by_name.stdout


def test_a_version_that_is_kept_is_judged_as_well(desk: Desk) -> None:
    keep: Properties = {"keepOldVersionMinutes": 30.0}
    first = serving(desk, replacement=keep)
    desk.does(made(desk.outside, inside("US")))
    second = {**chat(first["artifactId"], replacement=keep), "runtime": runtime(gpu=2.0)}
    desk.does(desk.outside.workload(second, first))
    desk.does(made(desk.outside, flavors("t4", name="small")))

    said = desk.types("policy", "check")

    assert said.exit_code == VIOLATED
    assert "models/chat  r1 (kept)  violated\n" in said.stdout
    assert "nothing keeps further pods of this version there; its next version is kept there" in said.stdout
    assert "2 versions: 2 violated" in said.stdout.splitlines()


def test_a_sandbox_warns_and_ends_well(desk: Desk) -> None:
    serving(desk)
    desk.does(made(desk.outside, {**EU, "sandbox": True}))

    said = desk.types("policy", "check")

    assert said.exit_code == 0
    assert said.stdout.startswith("models/chat  r1  warned\n")
    assert f"warned: Policy models/eu-only: {WHY}" in desk.types("status", "chat").stdout


def test_a_policy_that_somebody_took_away_under_a_workload_that_names_it_is_a_violation(desk: Desk) -> None:
    desk.does(made(desk.outside, inside("US")))
    serving(desk, policies=[{"refType": "localPolicy", "name": "eu-only"}])
    desk.does(desk.cluster.delete(CONFIG_MAP, "models", "policy-eu-only"))

    said = desk.types("policy", "check")

    assert said.exit_code == VIOLATED
    assert "violated  its policies\n│   Policy models/eu-only is named, and not in this cluster\n" in said.stdout


def test_where_nobody_may_look_at_nodes_what_nothing_keeps_in_place_is_not_called_allowed(desk: Desk) -> None:
    serving(desk)
    desk.does(made(desk.outside, inside("US")))
    refusal = Forbidden("list", kind="Node", namespace=None, name="*", said="no right")
    desk.cluster.faults.extend([Fault("list", NODE, refusal)] * 3)

    said = desk.types("policy", "check")

    assert said.exit_code == VIOLATED
    assert "where they are nobody may look, which takes the right to list nodes" in said.stdout
    assert said.stderr == "no right to list nodes: verdicts rest on what pods ask for, not on where they are\n"


def test_a_workload_that_is_not_there_is_answered_with_those_that_are(desk: Desk) -> None:
    serving(desk)

    said = desk.types("policy", "check", "models/chta")

    assert (said.exit_code, said.stdout) == (3, "")
    assert said.stderr == "error: could not find Workload models/chta: it is not there. There are: chat\n"


def test_names_and_all_namespaces_at_once_are_a_mistake(desk: Desk) -> None:
    assert desk.types("policy", "check", "chat", "-A").exit_code == 2


def test_a_namespace_without_workloads_is_told_and_all_is_well(desk: Desk) -> None:
    said = desk.types("policy", "check", "-n", "other")

    assert (said.exit_code, said.stdout) == (0, "")
    assert said.stderr == "There is no Workload in namespace other; name another one with -n, or see all with -A.\n"
    assert json.loads(desk.types("policy", "check", "-n", "other", "--json").stdout) == []


def test_status_says_what_serves_against_a_policy_in_one_line(desk: Desk) -> None:
    serving(desk)
    desk.does(made(desk.outside, EU))

    said = desk.types("status", "chat")

    assert said.exit_code == 0
    assert f"── violated: Policy models/eu-only: {WHY}\n" in said.stdout
    seen = json.loads(desk.types("status", "chat", "--json").stdout)["policyVerdicts"]
    assert seen == [{"policy": "models/eu-only", "type": "location", "verdict": "violated", "message": WHY}]


def test_a_list_names_those_that_are_against_policies_below(desk: Desk) -> None:
    serving(desk)
    desk.does(made(desk.outside, EU))

    said = desk.types("status")

    assert said.stderr.splitlines() == [
        "Policy models/eu-only is violated by models/chat",
        "`pulumi-inference policy check` says why",
    ]


def test_a_status_while_policies_cannot_be_judged_says_that(desk: Desk) -> None:
    serving(desk)
    desk.does(made(desk.outside, EU))
    down = Unavailable("list", kind="Node", namespace=None, name="*", said="no answer")
    desk.cluster.faults.append(Fault("list", NODE, down))

    said = desk.types("status", "chat")

    assert said.exit_code == 0
    assert "── what policies say of it is unknown: could not list Node *: no answer\n" in said.stdout
