"""What holds for all bodies, whatever they are for."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from inference_provider.manifests import labels
from inference_provider.manifests.kinds import Body
from tests.manifests.bodies import HIDDEN, PREFILL, everything, proton_of, two_groups
from tests.support.blueprints import DIGEST, blueprint, content, gpus, group, vllm

LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
ALL = everything()
OWNED = sorted(set(ALL) - {"anchor", "artifact-head"})
ALL_DEPLOYMENTS = sorted(name for name in ALL if "deployment" in name)


def texts(value: object) -> Iterator[str]:
    """Every text inside of a body."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        yield str(value)


def pod_of(body: Body) -> Body:
    """The pod spec of a Deployment."""
    spec: Body = body["spec"]["template"]["spec"]
    return spec


def first(body: Body) -> Body:
    """The first container of a Deployment."""
    container: Body = pod_of(body)["containers"][0]
    return container


@pytest.mark.parametrize("name", OWNED)
def test_an_owned_object_has_exactly_one_owner(name: str) -> None:
    owners = ALL[name]["metadata"]["ownerReferences"]

    assert [sorted(owner) for owner in owners] == [["apiVersion", "kind", "name", "uid"]]


@pytest.mark.parametrize("name", sorted(ALL))
def test_names_and_labels_are_what_kubernetes_takes(name: str) -> None:
    body = ALL[name]
    found = [body["metadata"]["labels"], body.get("spec", {}).get("template", {}).get("metadata", {}).get("labels", {})]

    assert len(body["metadata"]["name"]) <= 63
    for value in (value for each in found for value in each.values()):
        assert len(value) <= 63
        assert LABEL_VALUE.fullmatch(value), value


def test_the_longest_names_still_fit() -> None:
    long = blueprint(content(group(vllm(), name="g" * 5)), workload="w" * 50, version="v123456")

    for body in proton_of(long, revision=99_999).values():
        assert len(body["metadata"]["name"]) <= 63


@pytest.mark.parametrize("name", sorted(set(ALL) - {"artifact-secret"}))
def test_a_secret_value_is_in_secrets_only(name: str) -> None:
    assert HIDDEN not in list(texts(ALL[name]))


def test_the_secret_environment_is_a_reference() -> None:
    assert first(ALL["one-deployment-default"])["envFrom"] == [{"secretRef": {"name": "artifact-llama-aaaaaaaaaaaa"}}]
    assert ALL["artifact-secret"]["stringData"] == {"TOKEN": HIDDEN}
    assert "envFrom" not in first(ALL["two-deployment-prefill"])


def test_worker_groups_never_carry_traffic_labels() -> None:
    traffic = {labels.SERVES, labels.EVEN, labels.ODD}

    assert not traffic & set(ALL["two-deployment-prefill"]["spec"]["template"]["metadata"]["labels"])
    assert traffic <= set(ALL["two-deployment-decode"]["spec"]["template"]["metadata"]["labels"])


@pytest.mark.parametrize("name", ALL_DEPLOYMENTS)
def test_a_deployment_selects_its_own_pods_and_no_traffic_decides_that(name: str) -> None:
    spec = ALL[name]["spec"]
    chosen = spec["selector"]["matchLabels"]

    assert chosen.items() <= spec["template"]["metadata"]["labels"].items()
    assert set(chosen) == {labels.WORKLOAD, labels.REVISION, labels.GROUP}


def test_services_send_to_a_port_by_its_name() -> None:
    port = first(ALL["one-deployment-default"])["ports"][0]

    for name in ("anchor", "one-service"):
        assert ALL[name]["spec"]["ports"][0]["targetPort"] == port["name"] == "serve"


def test_the_protons_own_service_takes_its_serving_pods() -> None:
    selector = ALL["one-service"]["spec"]["selector"]

    assert selector.items() <= ALL["one-deployment-default"]["spec"]["template"]["metadata"]["labels"].items()
    assert not selector.items() <= ALL["two-deployment-prefill"]["spec"]["template"]["metadata"]["labels"].items()


def test_shared_memory_comes_with_more_than_one_gpu() -> None:
    single = proton_of(blueprint(runtime=gpus(1)))["deployment-default"]

    assert "volumes" not in pod_of(single)
    volume = pod_of(ALL["one-deployment-default"])["volumes"][0]
    assert volume == {"name": "shared-memory", "emptyDir": {"medium": "Memory"}}
    assert [each["name"] for each in first(ALL["one-deployment-default"])["volumeMounts"]] == ["shared-memory"]


def test_a_pod_ends_after_its_drain_and_never_before_a_minute() -> None:
    assert pod_of(ALL["one-deployment-default"])["terminationGracePeriodSeconds"] == 60
    assert pod_of(ALL["two-deployment-decode"])["terminationGracePeriodSeconds"] == 135


def asked_after_it_was_told(spec: Body) -> int:
    """Seconds that a pod takes requests after it was told to end."""
    return int(spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"])


@pytest.mark.parametrize(("drain", "seconds"), [(0, 15), (30, 45), (600, 75)])
def test_a_group_behind_the_one_that_answers_is_there_until_that_has_finished(drain: int, seconds: int) -> None:
    made = proton_of(replace(two_groups(), drain_seconds=drain))
    answers, behind = (pod_of(made[f"deployment-{name}"]) for name in ("decode", "prefill"))

    assert (asked_after_it_was_told(answers), asked_after_it_was_told(behind)) == (15, seconds)
    assert behind["terminationGracePeriodSeconds"] == max(60, seconds + drain)


def test_gpus_of_a_size_are_chosen_by_the_node_label_and_not_by_name() -> None:
    terms = pod_of(ALL["two-deployment-prefill"])["affinity"]["nodeAffinity"]
    expression = terms["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"][0]["matchExpressions"][0]

    assert (expression["key"], expression["operator"]) == ("nvidia.com/gpu.memory", "Gt")
    assert int(expression["values"][0]) < 81559


def test_a_container_without_anything_special_says_nothing_special() -> None:
    plain = first(proton_of(blueprint(content(group(vllm(), PREFILL))))["deployment-default"])

    assert not {"command", "args", "env", "envFrom", "resources", "volumeMounts", "livenessProbe"} & set(plain)
    assert plain["image"].endswith(DIGEST)


def test_the_tombstone_never_makes_a_pod_and_would_pass_every_quota() -> None:
    spec = ALL["tombstone"]["spec"]

    assert (spec["completions"], spec["parallelism"], spec["ttlSecondsAfterFinished"]) == (0, 0, 300)
    assert spec["template"]["spec"]["containers"][0]["resources"]["limits"]


def test_a_record_keeps_facts_as_text_and_leaves_out_what_nobody_knows() -> None:
    data = ALL["record"]["data"]

    assert data == {"kind": "replacement", "actor": "ann", "images": json.dumps({"v": "v@sha256:1"})}


def test_the_pod_of_a_warm_up_is_nobody_s_and_gets_no_traffic() -> None:
    carried = ALL["warm-up"]["spec"]["template"]["metadata"]["labels"]

    for name in sorted(ALL):
        spec = ALL[name].get("spec", {})
        chosen = spec.get("selector", {}).get("matchLabels") or spec.get("selector", {})
        assert not chosen or not chosen.items() <= carried.items(), name
    assert labels.WORKLOAD not in carried
    assert "nvidia.com/gpu" not in json.dumps(first(ALL["warm-up"])["resources"])


def test_what_a_warm_up_sends_is_not_replaced_by_kubernetes() -> None:
    assert json.loads(first(ALL["warm-up"])["command"][3])["body"] == '{"prompt": "$$(HOME)"}'
