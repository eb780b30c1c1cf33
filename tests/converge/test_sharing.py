"""Sharing a Workload: before anything rolls, in place, and seen again after an interruption."""

from dataclasses import replace

import pytest

from inference_provider.converge.wanted import Wanted
from inference_provider.domain.shared_roles import MOST, ROLES, Role, SharedRole
from inference_provider.errors import Forbidden, InferenceError, LockLost, NameTaken, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import DEPLOYMENT, ROLE, ROLE_BINDING, SERVICE, Kind
from tests.converge.scaled import noticed
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import image_that_cannot_be_pulled


def shared(image: str = "v1", **people: Role) -> Wanted:
    """A Workload that is shared with these users."""
    roles = [SharedRole(role=role, share_recipient_type="user", name=name) for name, role in people.items()]
    return replace(wanted(image), shared=tuple(roles))


def people(stage: Stage) -> dict[str, list[str]]:
    """Who is bound by each RoleBinding whose Role is there."""
    return {
        name: [each["name"] for each in stage.cluster.named(ROLE_BINDING, name)["subjects"]]
        for name in stage.names(ROLE_BINDING)
        if name in stage.names(ROLE)
    }


async def test_a_workload_that_is_not_shared_asks_nobody_about_roles(stage: Stage) -> None:
    await stage.create(shared())
    await stage.update(shared("v2"))
    assert not [call for call in stage.cluster.calls if "Role" in call]


async def test_it_is_shared_without_a_roll_and_replaced_as_a_whole(stage: Stage) -> None:
    await stage.create(shared(ann="OWNER", bob="USER"))
    assert people(stage) == {"workload-llama-owner": ["ann"], "workload-llama-user": ["bob"]}
    pods = stage.pods(1)
    await stage.update(shared(ann="EDITOR", eve="USER"))
    assert people(stage) == {"workload-llama-editor": ["ann"], "workload-llama-user": ["eve"]}
    await stage.update(shared())
    assert (stage.names(ROLE), stage.names(ROLE_BINDING), await noticed(stage)) == ([], [], "")
    assert (stage.pods(1), stage.pods(2)) == (pods, [])


async def test_whoever_was_taken_out_is_out_though_the_roll_fails(stage: Stage) -> None:
    await stage.create(shared(ann="OWNER", bob="USER"))
    stage.fate_of({"v2": image_that_cannot_be_pulled("v2")})
    with pytest.raises(RolloutFailed):
        await stage.update(shared("v2", ann="OWNER"))
    assert people(stage) == {"workload-llama-owner": ["ann"]}


async def test_who_may_not_share_changes_nothing(stage: Stage) -> None:
    await stage.create(shared())
    stage.cluster.faults.append(Fault("create", ROLE, Forbidden("create", kind="Role", namespace="models", name="x")))
    with pytest.raises(InferenceError, match="this identity may not touch Roles and RoleBindings"):
        await stage.update(shared("v2", ann="OWNER"))
    assert (stage.names(DEPLOYMENT), stage.names(ROLE)) == (["llama-r1"], [])


async def test_who_may_not_look_goes_on_where_the_program_shares_as_before(stage: Stage) -> None:
    await stage.create(shared(ann="OWNER"))
    refused = Forbidden("list", kind="Role", namespace="models", name="*")
    stage.cluster.faults.append(Fault("list", ROLE, refused))
    await stage.update(shared("v2", ann="OWNER"))
    assert "nobody could see whether it is" in " ".join(stage.heard.warnings)
    assert stage.names(DEPLOYMENT)[-1] == "llama-r2"


@pytest.mark.parametrize("kind", [SERVICE, ROLE, ROLE_BINDING])
@pytest.mark.parametrize("after", [False, True])
async def test_an_interruption_anywhere_is_noticed_and_carried_on_with(
    stage: Stage, kind: Kind, *, after: bool
) -> None:
    await stage.create(shared())
    verb = "patch" if kind is SERVICE else "create"
    stage.cluster.faults.append(Fault(verb, kind, LockLost("killed"), after=after))
    with pytest.raises(LockLost):
        await stage.update(shared(ann="OWNER"))
    if annotation(stage.service(), labels.SHARED) is not None and not people(stage):
        assert "workload-llama-owner" in await noticed(stage)
    await stage.update(shared(ann="OWNER"))
    assert (people(stage), await noticed(stage)) == ({"workload-llama-owner": ["ann"]}, "")


async def test_a_role_of_that_name_that_is_not_ours_is_left_alone(stage: Stage) -> None:
    await stage.create(shared())
    meta = {"name": "workload-llama-owner", "namespace": "models", "labels": {}}
    await stage.cluster.create(ROLE, {"apiVersion": "v1", "kind": "Role", "metadata": meta, "rules": []})
    with pytest.raises(NameTaken, match="was not made by pulumi-inference"):
        await stage.update(shared(ann="OWNER"))
    assert stage.cluster.named(ROLE, "workload-llama-owner")["rules"] == []


async def test_new_revisions_are_named_before_they_are_made(stage: Stage) -> None:
    await stage.create(shared(ann="EDITOR"))
    for number in range(2, 13):
        await stage.update(shared(f"v{number}", ann="EDITOR"))
        rules = stage.cluster.named(ROLE, "workload-llama-editor")["rules"]
        named = {name for rule in rules for name in rule.get("resourceNames", [])}
        assert {f"llama-r{number}", f"llama-r{number + 1}", f"revision-llama-r{number + 1}"} <= named
        assert await noticed(stage) == ""


def crowd(name: str) -> Wanted:
    """As many people as it may be shared with, every role among them."""
    roles = [
        SharedRole(role=ROLES[number % len(ROLES)], share_recipient_type="user", name=f"{name}-{number}")
        for number in range(MOST)
    ]
    return replace(wanted("v1"), shared=tuple(roles))


async def test_a_hundred_people_are_replaced_as_a_whole_in_an_object_each_way_and_role(stage: Stage) -> None:
    await stage.create(shared())
    for name, verb in (("ann", "create"), ("bob", "patch")):
        stage.cluster.calls.clear()
        await stage.update(crowd(name))
        assert {each.partition("-")[0] for bound in people(stage).values() for each in bound} == {name}
        assert sum(map(len, people(stage).values())) == MOST
        writes = [each for each in stage.cluster.calls if "Role" in each and not each.startswith("list")]
        assert len(writes) == (10 if verb == "create" else 5), writes  # the Roles themselves stay
        assert all(each.startswith(verb) for each in writes)
    stage.cluster.calls.clear()
    await stage.update(crowd("bob"))
    assert [each for each in stage.cluster.calls if "Role" in each] == ["list Role", "list RoleBinding"]
