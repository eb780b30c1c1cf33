"""Resource bundles: what may be said, which choices there are, and what of them enters the pods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.domain.bundle import ResourceBundle, choices
from inference_provider.domain.content import content_of
from inference_provider.domain.faults import parse_workload
from inference_provider.domain.rolling import template_hash
from inference_provider.errors import InputError
from tests.domain.programs import Inputs, inline, server, sidecar, workload

H100: Inputs = {"name": "h100", "gpu": 2.0, "gpuModel": "NVIDIA-H100-80GB-HBM3", "pricePerHour": 8.25}
L4: Inputs = {"name": "l4", "gpu": 4.0, "gpuModel": "NVIDIA-L4", "env": {"TENSOR_PARALLEL": "4"}}


def given_to(*bundles: object, **more: object) -> Inputs:
    """A runtime whose default group may have these bundles."""
    return {"containerGroups": [{"resourceBundles": list(bundles), **more}]}


def faults(runtime: Inputs) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        parse_workload(workload(runtime=runtime))
    return {fault.path.removeprefix("runtime.containerGroups[0]."): fault.reason for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("bundle", "path", "reason"),
    [
        ({"gpu": 1}, "name", "is required"),
        ({**H100, "name": "two words"}, "name", "cannot name a bundle"),
        ({"name": "a", "gpuModel": "NVIDIA-L4"}, "gpuModel", "no `gpu` is asked for"),
        ({**H100, "pricePerHour": -1}, "pricePerHour", "must be 0 or more"),
        ({**H100, "nodePool": "a"}, "nodePool", "there is no field `nodePool`"),
        ({**H100, "tolerations": [{"operator": "Exists", "key": "a", "value": "b"}]}, "tolerations[0].value", "Exists"),
        ({**H100, "tolerations": [{"value": "b"}]}, "tolerations[0].key", "is required, unless"),
        ({**H100, "env": {"1A": "x"}}, "env", "environment variable"),
    ],
)
def test_what_is_wrong_in_a_bundle_is_said_where_it_is(bundle: Inputs, path: str, reason: str) -> None:
    found = faults(given_to(bundle))

    assert [key for key in found if key.startswith(f"resourceBundles[0].{path}")]
    assert reason in " ".join(found.values())


def test_a_name_stands_for_one_bundle_of_a_group() -> None:
    assert faults(given_to(H100, L4, {**L4, "name": "h100"})) == {
        "resourceBundles[2].name": "`h100` is already the name of resourceBundles[0]"
    }


def test_more_bundles_than_anybody_can_try_are_refused() -> None:
    many = [{**L4, "name": f"l4-{index}"} for index in range(9)]
    assert faults(given_to(*many)) == {"resourceBundles": "has 9 bundles; at most 8 can be chosen from"}


def test_more_ways_to_choose_than_anybody_can_try_are_refused() -> None:
    eight = [{**L4, "name": f"l4-{index}"} for index in range(8)]
    groups = [{"name": name, "resourceBundles": eight} for name in ("decode", "prefill", "router")]

    with pytest.raises(InputError) as caught:
        parse_workload(workload(runtime={"containerGroups": groups}))

    (fault,) = caught.value.faults
    assert (fault.path, "leave 512 ways to choose" in fault.reason) == ("runtime.containerGroups", True)


def test_the_gpus_of_a_group_are_said_in_one_place() -> None:
    containers = [{"name": "sidecar", "resourceAllocation": {"cpu": 1, "gpu": 1}}]
    assert list(faults(given_to(H100, containers=containers))) == ["containers[0].resourceAllocation.gpu"]


def test_what_the_main_container_is_given_is_said_in_one_place() -> None:
    containers = [{"name": each, "resourceAllocation": {"cpu": 1}} for each in ("server", "sidecar")]

    with pytest.raises(InputError) as caught:
        parse_workload(inline(server(), sidecar(), runtime=given_to(H100, containers=containers)))

    (fault,) = caught.value.faults
    assert fault.path == "runtime.containerGroups[0].containers[0].resourceAllocation"
    assert "`resourceBundles` say what `server` is given" in fault.reason


def templates(*bundles: Inputs) -> list[str]:
    """The template of each choice, the best first."""
    model = parse_workload(inline(runtime=given_to(*bundles)))
    assert model.artifact is not None
    content = content_of(model.artifact.type, model.artifact.spec, images={})
    offered = choices({"default": model.runtime.group("default").resource_bundles})
    return [template_hash(content, model.runtime, bundles=each) for each in offered]


@pytest.mark.parametrize(
    ("change", "rolls"),
    [
        ({"name": "hopper"}, False),
        ({"pricePerHour": 1}, False),
        ({"gpu": 2}, False),
        ({"nodeSelector": {}}, False),
        ({"gpu": 4}, True),
        ({"cpu": 8}, True),
        ({"memory": "64Gi"}, True),
        ({"gpuMemory": "80Gi"}, True),
        ({"nodeSelector": {"pool": "a"}}, True),
        ({"tolerations": [{"key": "reserved", "operator": "Exists"}]}, True),
        ({"env": {"A": "1"}}, True),
    ],
)
def test_only_what_enters_the_pods_makes_another_template(change: Inputs, *, rolls: bool) -> None:
    assert (templates({**H100, **change}) != templates(H100)) == rolls


@given(st.permutations([H100, L4, {"name": "cpu", "cpu": 8.0}]))
def test_the_order_of_the_list_changes_no_template(listed: list[Inputs]) -> None:
    assert set(templates(*listed)) == set(templates(H100, L4, {"name": "cpu", "cpu": 8.0}))
    assert templates(*listed)[0] == templates(listed[0])[0]


def test_a_workload_without_bundles_keeps_the_template_that_it_had() -> None:
    model = parse_workload(inline())
    assert model.artifact is not None
    content = content_of(model.artifact.type, model.artifact.spec, images={})
    assert template_hash(content, model.runtime, bundles={}) == template_hash(content, model.runtime)


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 4), max_size=3))
def test_every_choice_is_there_once_and_a_better_one_comes_first(sizes: dict[str, int]) -> None:
    listed = {group: [ResourceBundle(name=f"{group}{rank}") for rank in range(size)] for group, size in sizes.items()}

    found = [tuple(int(each.name[1:]) for each in chosen.values()) for chosen in choices(listed)]

    having = [size for size in sizes.values() if size]
    assert len(found) == len(set(found))
    assert all(len(ranks) == len(having) for ranks in found)
    total = 1
    for size in having:
        total *= size
    assert len(found) == total
    for place, ranks in enumerate(found):
        assert not [worse for worse in found[:place] if worse != ranks and all(map(int.__ge__, worse, ranks))]
