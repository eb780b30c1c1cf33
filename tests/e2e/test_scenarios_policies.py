"""One story, two doors: where models may run is said, changed, broken, kept to, and taken back."""

from inference_provider.manifests import labels
from tests.e2e.doors import Door, Doors
from tests.e2e.programs import Arguments, artifact, server, workload

HERE, THERE = {"gpu-h100-1", "gpu-h100-2"}, {"gpu-h100-3"}


def within(country: str, **more: object) -> Arguments:
    """A policy about one country."""
    return {"type": "location", "locations": [{"type": "country", "name": country}], **more}


def test_a_policy_is_changed_obeyed_and_not_taken_away_from_who_is_under_it(doors: Doors) -> None:
    doors.tell(is_moved_to_another_country)


def is_moved_to_another_country(stack: Door) -> None:
    mine = f"{stack.namespace}/chat"
    short: Arguments = {"timeouts": {"delete": "1s"}}
    stack.declare(policies={"home": within("IE", **short)}, artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    before = stack.pods("r1")
    assert nodes(stack, "r1") <= HERE

    stack.declare(policies={"home": within("US", **short)}, artifact=artifact(), workload=workload())
    changed = stack.must_up()
    foretold, _, done = changed.text.partition("\nUpdating (")
    assert said(foretold, f"Policy {stack.namespace}/home touches {mine}"), foretold
    against = (f"r1 of Workload {mine} is against Policy {stack.namespace}/home: pods run where it allows none", "IE")
    assert said(foretold, *against), foretold
    assert done
    refreshed = stack.refresh()
    assert refreshed.has(*against), refreshed.text
    assert verdicts(stack) == ["violated"]
    assert stack.pods("r1") == before

    stack.declare(policies={"home": within("DE", **short)}, artifact=artifact(server("v2")), workload=workload())
    nowhere = stack.preview()
    assert nowhere.code != 0
    assert nowhere.has("Policy home allows no place where this cluster has a node", "in region"), nowhere.text

    stack.declare(artifact=artifact(), workload=workload())
    kept = stack.up("--skip-preview")
    assert kept.code != 0
    assert kept.has(f"could not delete Policy {stack.namespace}/home: {mine} is under it", "forceDelete"), kept.text
    assert admission(stack) == [f"pulumi-inference.{stack.namespace}.home"]

    forced = within("US", force_delete=True)
    stack.declare(policies={"home": forced}, artifact=artifact(server("v2")), workload=workload())
    stack.must_up("--skip-preview")
    assert nodes(stack, "r2") == THERE
    assert verdicts(stack) == ["allowed"]

    stack.declare(artifact=artifact(server("v2")), workload=workload())
    gone = stack.must_up("--skip-preview")
    assert gone.has(f"Policy {stack.namespace}/home is deleted, and {mine} was under it"), gone.text
    assert admission(stack) == []


def test_a_sandbox_only_warns_and_everything_goes_at_once(doors: Doors) -> None:
    doors.tell(is_only_warned_of)


def is_only_warned_of(stack: Door) -> None:
    policies = {"dream": within("DE", sandbox=True), "home": within("IE")}
    stack.declare(policies=policies, artifact=artifact(), workload=workload())
    up = stack.must_up()
    assert up.has("Policy dream", "dream is a sandbox, so that is only said"), up.text
    assert nodes(stack, "r1") <= HERE
    assert sorted(verdicts(stack)) == ["allowed", "warned"]

    assert stack.destroy().code == 0
    assert admission(stack) == []
    assert stack.items("api/v1/{}/pods") == []


def said(text: str, *parts: str) -> bool:
    """Whether one line of it holds all the parts."""
    return any(all(part in line for part in parts) for line in text.splitlines())


def nodes(stack: Door, revision: str) -> set[str]:
    """Where a revision's pods are."""
    found = stack.items("api/v1/{}/pods")
    return {each["spec"]["nodeName"] for each in found if each["metadata"]["labels"].get(labels.REVISION) == revision}


def verdicts(stack: Door) -> list[str]:
    """What the stack says that policies say of its Workload."""
    [one] = [each for each in stack.resources() if each["urn"].endswith("Workload::chat")]
    return [each["verdict"] for each in one["outputs"]["policyVerdicts"]]


def admission(stack: Door) -> list[str]:
    """By which objects the API server holds to its policies."""
    path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
    names = [each["metadata"]["name"] for each in stack.cluster.request("GET", path)["items"]]
    return [each for each in names if f".{stack.namespace}." in each]
