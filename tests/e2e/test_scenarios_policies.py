"""One story, two doors: where models may run is said, changed, broken, kept to, and taken back."""

from inference_provider.manifests import labels
from tests.e2e.doors import Door, Doors
from tests.e2e.programs import Arguments, artifact, server, workload

#: The only nodes with their GPU in Ireland, and in Virginia.
HERE, THERE = {"gpu-a100-1"}, {"gpu-a100-2"}


def chat() -> Arguments:
    """A Workload on an A100."""
    allocation = {"cpu": 1, "memory": "1Gi", "gpu": 1, "gpu_model": "NVIDIA-A100-SXM4-80GB"}
    groups = [{"replica_count": 1, "containers": [{"name": "vllm", "resource_allocation": allocation}]}]
    return workload(runtime={"container_groups": groups})


def within(country: str, **more: object) -> Arguments:
    """A policy about one country."""
    return {"type": "location", "locations": [{"type": "country", "name": country}], **more}


def test_a_policy_is_changed_obeyed_and_not_taken_away_from_who_is_under_it(doors: Doors) -> None:
    doors.tell(is_moved_to_another_country)


def is_moved_to_another_country(stack: Door) -> None:
    mine, home = f"{stack.namespace}/chat", f"Policy {stack.namespace}/home"
    first, second = artifact(), artifact(server("v2"))
    short: Arguments = {"timeouts": {"delete": "1s"}}
    dream = within("FR", sandbox=True, force_delete=True)
    stack.declare(policies={"home": within("DE", **short), "dream": dream}, artifact=first, workload=chat())
    up = stack.must_up("--skip-preview")
    assert up.has("warning: Policy dream", "dream is a sandbox, so that is only said"), up.text
    before = stack.pods("r1")
    assert nodes(stack, "r1") == HERE
    assert verdicts(stack) == {"dream": "warned", "home": "allowed"}

    stack.declare(policies={"home": within("US", **short), "dream": dream}, artifact=first, workload=chat())
    changed = stack.must_up()
    foretold, _, _ = changed.text.partition("\nUpdating (")
    against = (f"warning: r1 of Workload {mine} is against {home}: pods run where it allows none", "in DE")
    assert said(foretold, f"{home} touches {mine}"), foretold
    assert said(foretold, *against), foretold

    stack.declare(policies={"home": within("FR", **short), "dream": dream}, artifact=second, workload=chat())
    nowhere = stack.preview()
    assert nowhere.code != 0
    assert nowhere.has("Policy home allows no place where this cluster has a node", "in region"), nowhere.text

    stack.declare(artifact=first, workload=chat())
    kept = stack.up("--skip-preview", "--refresh")
    assert kept.code != 0
    assert kept.has(*against), kept.text
    assert kept.has(f"could not delete {home}: {mine} is under it", "forceDelete"), kept.text
    assert kept.has(f"Policy {stack.namespace}/dream is deleted, and {mine} was under it"), kept.text
    assert verdicts(stack)["home"] == "violated"
    assert stack.pods("r1") == before
    assert admission(stack) == ["home"]

    stack.declare(policies={"home": within("US")}, artifact=second, workload=chat())
    stack.must_up("--skip-preview")
    assert nodes(stack, "r2") == THERE
    assert verdicts(stack) == {"home": "allowed"}

    assert stack.destroy().code == 0
    assert admission(stack) == []


def said(text: str, *parts: str) -> bool:
    """Whether one line of it holds all the parts."""
    return any(all(part in line for part in parts) for line in text.splitlines())


def nodes(stack: Door, revision: str) -> set[str]:
    """Where a revision's pods are."""
    found = stack.items("api/v1/{}/pods")
    return {each["spec"]["nodeName"] for each in found if each["metadata"]["labels"].get(labels.REVISION) == revision}


def verdicts(stack: Door) -> dict[str, str]:
    """What the stack says that policies say of its Workload."""
    [one] = [each for each in stack.resources() if each["urn"].endswith("Workload::chat")]
    return {each["policy"].rpartition("/")[2]: each["verdict"] for each in one["outputs"]["policyVerdicts"]}


def admission(stack: Door) -> list[str]:
    """The policies of its namespace that the API server holds to."""
    path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
    names = [each["metadata"]["name"].split(".") for each in stack.cluster.request("GET", path)["items"]]
    return [each[-1] for each in names if stack.namespace in each]
