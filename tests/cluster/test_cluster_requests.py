"""Requests are values: what goes over the wire can be read without a wire."""

import json

import pytest

from inference_provider.cluster import requests
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, NODE, POD, SECRET, Body, Kind

DEPLOYMENT_BODY: Body = {"metadata": {"name": "w", "namespace": "n"}, "spec": {"paused": True}}


@pytest.mark.parametrize(
    ("kind", "namespace", "name", "path"),
    [
        (CONFIG_MAP, "n", "a", "/api/v1/namespaces/n/configmaps/a"),
        (DEPLOYMENT, "n", "", "/apis/apps/v1/namespaces/n/deployments"),
        (POD, None, "", "/api/v1/pods"),
        (NODE, None, "gpu-1", "/api/v1/nodes/gpu-1"),
        (NODE, "ignored", "gpu-1", "/api/v1/nodes/gpu-1"),
    ],
)
def test_paths_follow_group_scope_and_name(kind: Kind, namespace: str | None, name: str, path: str) -> None:
    assert requests.path_of(kind, namespace, name) == path


def test_a_name_with_slashes_cannot_reach_another_path() -> None:
    assert requests.path_of(CONFIG_MAP, "n", "../secrets/x") == "/api/v1/namespaces/n/configmaps/..%2Fsecrets%2Fx"


def test_an_apply_is_forced_and_names_its_manager_and_type() -> None:
    request = requests.apply(DEPLOYMENT, DEPLOYMENT_BODY, manager="spec")
    assert (request.method, request.headers["content-type"]) == ("PATCH", "application/apply-patch+yaml")
    assert (request.params["fieldManager"], request.params["force"]) == ("spec", "true")
    sent = json.loads(request.content or "")
    assert (sent["apiVersion"], sent["kind"], sent["spec"]) == ("apps/v1", "Deployment", {"paused": True})


def test_a_namespaced_body_without_a_namespace_is_not_sent_to_the_default_one() -> None:
    with pytest.raises(KeyError):
        requests.create(CONFIG_MAP, {"metadata": {"name": "a"}})


def test_a_deletion_states_whom_it_means_and_how() -> None:
    request = requests.delete(POD, "n", "p", uid="u1", resource_version="7", foreground=True)
    options = json.loads(request.content or "")
    assert options["preconditions"] == {"uid": "u1", "resourceVersion": "7"}
    assert options["propagationPolicy"] == "Foreground"


def test_a_deletion_without_preconditions_states_none() -> None:
    options = json.loads(requests.delete(POD, "n", "p").content or "")
    assert "preconditions" not in options
    assert options["propagationPolicy"] == "Background"


def test_only_a_patch_with_a_test_is_guarded() -> None:
    write = {"op": "add", "path": "/data/a", "value": "1"}
    test = {"op": "test", "path": "/metadata/uid", "value": "u1"}
    assert requests.patch(CONFIG_MAP, "n", "a", [test, write]).guarded
    assert not requests.patch(CONFIG_MAP, "n", "a", [write]).guarded


def test_scaling_sends_the_count_and_nothing_else() -> None:
    request = requests.scale(DEPLOYMENT, "n", "w", 3)
    assert request.path.endswith("/deployments/w/scale")
    assert json.loads(request.content or "") == {"spec": {"replicas": 3}}


def test_a_secret_does_not_show_in_the_repr_of_its_request() -> None:
    body: Body = {"metadata": {"name": "s", "namespace": "n"}, "stringData": {"key": "hunter2"}}
    assert "hunter2" not in repr(requests.create(SECRET, body))
