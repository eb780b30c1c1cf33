"""What the API server says becomes one of our errors, in words that help."""

import json

import pytest

from inference_provider.cluster import requests, responses
from inference_provider.cluster.requests import Request
from inference_provider.cluster.responses import Answer
from inference_provider.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    Denied,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    Unauthorized,
    Unavailable,
)
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, SECRET

READ = requests.get(CONFIG_MAP, "n", "a")
A = {"metadata": {"namespace": "n", "name": "a"}}
TEST = {"op": "test", "path": "/metadata/uid", "value": "u1"}
#: Word for word what API server 1.36 answers to any JSON patch that does not fit.
MISFIT = "the server rejected our request due to an error in our request"


def refused(request: Request, code: int, message: str = "no", reason: str = "", **more: object) -> ClusterError:
    body = {"kind": "Status", "message": message, "reason": reason, "code": code, **more}
    return responses.error_of(request, Answer(code, json.dumps(body)))


@pytest.mark.parametrize(
    ("code", "reason", "error"),
    [
        (400, "BadRequest", Invalid),
        (401, "Unauthorized", Unauthorized),
        (403, "Forbidden", Forbidden),
        (404, "NotFound", NotFound),
        (409, "AlreadyExists", AlreadyExists),
        (409, "Conflict", Conflict),
        (410, "Expired", Expired),
        (422, "Invalid", Invalid),
        (429, "TooManyRequests", Unavailable),
        (500, "InternalError", Unavailable),
        (504, "Timeout", Unavailable),
    ],
)
def test_every_refusal_has_its_error(code: int, reason: str, error: type[ClusterError]) -> None:
    assert type(refused(READ, code, reason=reason)) is error


DENIED = "ValidatingAdmissionPolicy '{0}' with binding '{0}' denied request: {1}"


@pytest.mark.parametrize(("code", "reason"), [(422, "Invalid"), (403, "Forbidden"), (401, "Unauthorized")])
def test_a_policy_that_refuses_is_named_whatever_status_it_wants(code: int, reason: str) -> None:
    said = DENIED.format("pulumi-inference.models.gdpr", "Pods run in the EU only.")
    error = refused(requests.create(DEPLOYMENT, A), code, f'deployments.apps "a" is forbidden: {said}', reason)
    assert type(error) is Denied
    place = "could not create Deployment n/a"
    cure = "the API server holds to an older reading of that Policy: run `pulumi up` where it is declared"
    refuses = f"Policy models/gdpr refuses it: Pods run in the EU only ({code})"
    assert str(error) == f"{place}: {refuses}. If the preview saw nothing against it, {cure}"


def test_who_may_not_change_a_policy_is_not_sent_to_renew_it() -> None:
    said = DENIED.format("pulumi-inference.models.gdpr", "Who may not change it may not change its rule.")
    error = refused(requests.create(CONFIG_MAP, A), 422, said, "Invalid")
    assert str(error).endswith("refuses it: Who may not change it may not change its rule (422)")


def test_a_policy_that_refuses_a_guarded_patch_is_no_conflict() -> None:
    guarded = requests.patch(DEPLOYMENT, "n", "a", [TEST])
    assert type(refused(guarded, 422, DENIED.format("eu", "no"), "Invalid")) is Denied


def test_what_a_policy_says_of_a_secret_is_withheld() -> None:
    error = refused(requests.create(SECRET, A), 422, DENIED.format("eu", "data is 'hunter2'"), "Invalid")
    assert str(error).endswith("ValidatingAdmissionPolicy eu refuses it: (the rest is withheld: a Secret) (422)")
    assert "hunter2" not in str(error)


def test_a_server_that_fails_while_it_quotes_a_policy_may_answer_later() -> None:
    assert type(refused(READ, 500, DENIED.format("eu", "no"))) is Unavailable


def test_the_sentence_says_what_where_why_and_the_code() -> None:
    error = refused(READ, 404, 'configmaps "a" not found', "NotFound")
    assert str(error) == 'could not read ConfigMap n/a: configmaps "a" not found (404)'


def test_a_failed_test_of_a_patch_is_a_conflict() -> None:
    guarded = requests.patch(CONFIG_MAP, "n", "a", [TEST])
    assert isinstance(refused(guarded, 422, MISFIT, "Invalid", details={}), Conflict)


def test_a_patch_without_a_test_that_does_not_fit_is_invalid() -> None:
    unguarded = requests.patch(CONFIG_MAP, "n", "a", [{"op": "remove", "path": "/data/x"}])
    assert isinstance(refused(unguarded, 422, MISFIT, "Invalid", details={}), Invalid)


def test_a_guarded_patch_with_refused_content_is_invalid_not_a_conflict() -> None:
    guarded = requests.patch(CONFIG_MAP, "n", "a", [TEST])
    causes = {"causes": [{"field": "metadata.labels", "message": "Invalid value"}]}
    assert isinstance(refused(guarded, 422, "ConfigMap is invalid", "Invalid", details=causes), Invalid)


def test_an_expired_credential_is_answered_with_what_to_do() -> None:
    assert "log in to the cluster again" in str(refused(READ, 401, "Unauthorized"))


@pytest.mark.parametrize(
    ("request_", "right"),
    [
        (requests.list_all(CONFIG_MAP, "n"), "list configmaps in namespace n"),
        (requests.scale(DEPLOYMENT, "n", "w", 1), "patch deployments/scale in namespace n"),
        (requests.delete(JOB, "n", "j"), "delete jobs.batch in namespace n"),
    ],
)
def test_a_missing_right_is_named(request_: Request, right: str) -> None:
    error = refused(request_, 403, 'configmaps is forbidden: User "ci" cannot', "Forbidden")
    assert str(error).endswith(f"Grant this identity the right for it: {right}.")
    assert 'User "ci"' in str(error)


def test_the_data_of_a_secret_is_never_repeated() -> None:
    create = requests.create(SECRET, {"metadata": {"name": "s", "namespace": "n"}})
    cause = {"field": "data[key]", "message": 'Invalid value: "hunter2"'}
    error = refused(create, 422, 'data[key]: Invalid value: "hunter2"', "Invalid", details={"causes": [cause]})
    assert "hunter2" not in str(error)
    assert "data[key]" in str(error)


def test_a_proxys_web_page_is_cut_and_put_on_one_line() -> None:
    error = responses.error_of(READ, Answer(502, "<html>\n" + "x" * 5000))
    assert isinstance(error, Unavailable)
    assert len(str(error)) < 400
    assert "\n" not in str(error)


def test_a_successful_answer_that_is_not_json_is_no_object() -> None:
    with pytest.raises(Unavailable, match="not JSON"):
        responses.body_of(READ, Answer(200, "<html>sign in</html>"))


def test_the_servers_wish_for_a_pause_is_kept() -> None:
    assert responses.error_of(READ, Answer(429, "", {"retry-after": "7"})).retry_after == 7.0


def test_items_of_a_list_get_the_type_that_lists_leave_out() -> None:
    found = responses.items_of(requests.list_all(DEPLOYMENT, "n"), {"items": [{"metadata": {"name": "w"}}]})
    assert found == [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "w"}}]
