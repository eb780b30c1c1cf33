"""Rights to share that are missing are told in the preview, in the words of the update that is then refused."""

import pytest

from inference_provider.errors import Forbidden, InferenceError
from inference_provider.manifests.kinds import ROLE
from inference_provider.resources import births
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_words import warnings
from inference_provider.resources.workload import diff
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Plan
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_cluster import Fault

ANN: Properties = {"role": "OWNER", "shareRecipientType": "user", "name": "ann"}
WEB: Properties = {"role": "CONSUMER", "shareRecipientType": "group", "name": "web"}


async def shared(outside: Outside, *people: Properties, before: tuple[Properties, ...] = ()) -> Plan:
    """The plan that shares a Workload with these people, which was shared with others before."""
    made = await outside.artifact(llama())
    known = chat(made["versionId"], namespace="models", sharedRoles=list(before))
    refused, outside.cluster.refused = outside.cluster.refused, set()
    olds = {**known, **await outside.workload(known)}
    outside.cluster.refused = refused
    news = chat(made["versionId"], namespace="models", sharedRoles=list(people))
    return await plan_of(outside.world(), olds, news, diff(olds, news))


async def test_who_may_share_is_warned_of_nothing(outside: Outside) -> None:
    plan = await shared(outside, ANN, WEB)
    assert (plan.unshared, plan.refused, warnings(plan)) == (None, False, ())


async def test_who_may_not_touch_roles_is_told_before_anything_moves(outside: Outside) -> None:
    outside.cluster.refused = {"create roles", "create rolebindings"}
    plan = await shared(outside, ANN)
    assert plan.refused
    (said,) = warnings(plan)
    assert said == (
        "it will be refused: could not share Workload models/chat: this identity may not touch Roles and RoleBindings "
        "of the namespace (create roles.rbac.authorization.k8s.io, create rolebindings.rbac.authorization.k8s.io). "
        "Grant it get, list, create, patch and delete on roles and rolebindings in namespace models (the built-in role "
        "`admin` has these)"
    )


async def test_rights_that_are_given_and_not_held_are_named(outside: Outside) -> None:
    outside.cluster.refused = {"create jobs", "update leases"}
    plan = await shared(outside, ANN, WEB)
    assert plan.unshared is not None
    assert "Kubernetes lets nobody grant rights that they do not hold themselves" in plan.unshared
    assert "(update leases.coordination.k8s.io, create jobs.batch)" in plan.unshared


async def test_only_what_is_given_has_to_be_held(outside: Outside) -> None:
    outside.cluster.refused = {"create jobs", "delete roles"}
    assert (await shared(outside, WEB)).unshared is None
    taken_out = await shared(outside, before=(WEB,))
    assert taken_out.unshared is not None
    assert "(delete roles.rbac.authorization.k8s.io)" in taken_out.unshared


async def test_who_shares_as_before_is_asked_for_no_rights(outside: Outside) -> None:
    outside.cluster.refused = {"create roles", "create jobs"}
    assert (await shared(outside, ANN, before=(ANN,))).unshared is None
    assert not [each for each in outside.cluster.calls if "RulesReview" in each]


async def test_what_the_preview_told_is_what_the_update_says(outside: Outside) -> None:
    made = await outside.artifact(llama())
    olds = await outside.workload(chat(made["versionId"], namespace="models"))
    news = chat(made["versionId"], namespace="models", sharedRoles=[ANN])
    refused = Forbidden("list", kind="Role", namespace="models", name="*")
    outside.cluster.faults += [Fault("list", ROLE, refused), Fault("list", ROLE, refused)]
    outside.cluster.refused = {"list roles"}
    plan = await plan_of(outside.world(), olds, news, diff(olds, news))
    assert plan.unshared is not None
    assert "(list roles.rbac.authorization.k8s.io)" in plan.unshared
    with pytest.raises(InferenceError, match="this identity may not touch Roles and RoleBindings of the namespace"):
        await outside.workload(news, olds)


async def test_a_creation_tells_them_too(outside: Outside) -> None:
    outside.cluster.refused = {"create services"}
    program: Properties = {"name": "chat", "namespace": "models", "sharedRoles": [ANN]}
    await births.announce(outside.world(), program, ("artifactId",))
    (said,) = outside.heard.warnings
    assert said.startswith("Workload models/chat will be refused, as it could not be shared: Kubernetes lets nobody")
    assert "(create services)" in said


async def test_a_creation_that_is_shared_with_nobody_asks_nothing(outside: Outside) -> None:
    outside.cluster.refused = {"create services"}
    await births.announce(outside.world(), {"name": "chat"}, ("artifactId",))
    await births.announce(outside.world(), {"name": "chat", "sharedRoles": [ANN]}, ("artifactId", "runtime"))
    assert (outside.heard.warnings, [each for each in outside.cluster.calls if "Review" in each]) == ([], [])
