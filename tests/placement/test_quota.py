"""What a namespace's quotas leave: compared with an API server that admits one pod after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.quota import GPUS, Ask, Short, asks_of, asks_of_pods, object_shortages, shortages
from inference_provider.placement.surge import Budget, Gpus, Room, as_known, demands_of, judge
from tests.placement.test_surge import node, pod

SCOPES = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort")
CLASSES = ("high", "low", None)


def spec_of(gpus: int, priority: str | None = None, *, bare: bool = True) -> Body:
    """A pod's spec as ours are written."""
    limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    given: Body = {"limits": limits | ({} if bare else {"cpu": "1"})}
    return {"containers": [{"resources": given}]} | ({"priorityClassName": priority} if priority else {})


def quota(hard: dict[str, str], used: dict[str, str] | None = None, **spec: object) -> Body:
    return {
        "metadata": {"name": "budget"},
        "spec": {"hard": hard, **spec},
        "status": {"hard": hard, "used": used or {}},
    }


@dataclass
class ApiServer:
    """Admits pods one by one, as the admission plugin for quotas does, and knows nothing of the rule under test."""

    quotas: Sequence[Body]
    pods: list[tuple[Body, str]] = field(default_factory=list)

    def usage(self, one: Body, resource: str) -> int:
        """What the pods that are there use of a quota, counted anew each time."""
        counted = [(spec, phase) for spec, phase in self.pods if self.concerns(one, spec)]
        living = [spec for spec, phase in counted if phase not in ("Succeeded", "Failed")]
        if resource == "count/pods":
            return len(counted)
        return len(living) if resource == "pods" else sum(self.gpus(spec) for spec in living)

    def concerns(self, one: Body, spec: Body) -> bool:
        best_effort = all("cpu" not in each["resources"]["limits"] for each in spec["containers"])
        facts = {
            "Terminating": False,
            "NotTerminating": True,
            "BestEffort": best_effort,
            "NotBestEffort": not best_effort,
        }
        if not all(facts[scope] for scope in one["spec"].get("scopes", [])):
            return False
        for term in one["spec"].get("scopeSelector", {}).get("matchExpressions", []):
            has = spec.get("priorityClassName")
            right = {
                "In": has in term.get("values", []),
                "NotIn": has not in term.get("values", []),
                "Exists": has is not None,
                "DoesNotExist": has is None,
            }
            if not right[term["operator"]]:
                return False
        return True

    def gpus(self, spec: Body) -> int:
        return sum(int(each["resources"]["limits"].get("nvidia.com/gpu", 0)) for each in spec["containers"])

    def admits(self, spec: Body) -> bool:
        for one in self.quotas:
            for resource, hard in one["spec"]["hard"].items():
                adds = self.gpus(spec) if resource == GPUS else 1
                if adds and self.concerns(one, spec) and self.usage(one, resource) + adds > int(hard):
                    return False
        self.pods.append((spec, "Pending"))
        return True

    def counted(self) -> list[Body]:
        """The quotas with what is used of them."""
        used = [{key: str(self.usage(one, key)) for key in one["spec"]["hard"]} for one in self.quotas]
        return [one | {"status": {"used": each}} for one, each in zip(self.quotas, used, strict=True)]


amounts = st.integers(0, 9).map(str)
hards = st.dictionaries(st.sampled_from([GPUS, "pods", "count/pods"]), amounts, max_size=3)


@st.composite
def quotas(draw: st.DrawFn) -> Body:
    spec: Body = {"hard": draw(hards)}
    if scopes := draw(st.lists(st.sampled_from(SCOPES), max_size=2, unique=True)):
        spec["scopes"] = scopes
    if operator := draw(st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", None, None])):
        values = {"values": draw(st.lists(st.sampled_from(["high", "low"]), min_size=1))} if "In" in operator else {}
        term = {"scopeName": "PriorityClass", "operator": operator, **values}
        spec["scopeSelector"] = {"matchExpressions": [term]}
    return {"metadata": {"name": draw(st.sampled_from("abc"))}, "spec": spec}


specs = st.builds(spec_of, st.integers(0, 3), st.sampled_from(CLASSES), bare=st.booleans())
phases = st.sampled_from(["Pending", "Running", "Succeeded", "Failed"])
crowds = st.lists(st.tuples(specs, phases), max_size=6)


crowds = st.lists(st.tuples(specs, phases), max_size=6)


@settings(max_examples=1000)
@given(st.lists(quotas(), max_size=2), crowds, crowds, specs, st.integers(1, 3))
def test_what_fits_is_what_the_api_server_would_admit(
    drawn: list[Body], staying: list[tuple[Body, str]], leaving: list[tuple[Body, str]], spec: Body, count: int
) -> None:
    counted = ApiServer(drawn, [*staying, *leaving]).counted()
    ending = [{"spec": body, "status": {"phase": phase}} for body, phase in leaving]
    fits = not shortages([asks_of_pods(spec, count)], counted, ending=ending)
    server = ApiServer(drawn, staying)
    assert fits == all(server.admits(spec) for _ in range(count))


def test_surge_pods_count_beside_those_that_serve() -> None:
    held = quota({GPUS: "6"}, {GPUS: "4"})
    (short,) = shortages([Ask(pods=2, gpus=2)], [held])
    assert short == Short("budget", GPUS, needed=4, left=2, hard=6)
    assert short.sentence == "needs 4 GPUs, and the namespace's quota budget leaves 2 of 6"
    serving = [{"spec": spec_of(2), "status": {"phase": "Running"}}] * 2
    assert shortages([Ask(pods=2, gpus=2)], [held], ending=serving) == []


@pytest.mark.parametrize("amount", ["1k", "1.5", "", "-1", "many"])
def test_an_amount_that_cannot_be_read_stands_in_nobodys_way(amount: str) -> None:
    assert shortages([Ask(pods=9, gpus=9)], [quota({GPUS: amount})]) == []


def test_a_quota_of_other_things_stands_in_nobodys_way() -> None:
    assert (
        shortages([Ask(pods=9, gpus=9)], [quota({"requests.cpu": "1", "limits.memory": "1Gi"}), {"metadata": {}}]) == []
    )


def test_groups_ask_together() -> None:
    asks = asks_of({"decode": Hardware(), "prefill": Hardware()}, {"decode": 2, "prefill": 1, "gone": 0}, None)
    assert [each.sentence for each in shortages(asks, [quota({"pods": "2"})])] == [
        "needs 3 pods, and the namespace's quota budget leaves 2 of 2"
    ]


@pytest.mark.parametrize(
    ("hard", "used", "said"),
    [
        (
            {"count/deployments.apps": "3"},
            {"count/deployments.apps": "2"},
            ["2 Deployments, and the namespace's quota budget leaves 1 of 3"],
        ),
        ({"services": "2"}, {"services": "2"}, ["1 Service, and the namespace's quota budget leaves 0 of 2"]),
        (
            {"count/jobs.batch": "1"},
            {"count/jobs.batch": "1"},
            ["1 Job, and the namespace's quota budget leaves 0 of 1"],
        ),
        ({"count/configmaps": "9", "services": "9", "count/secrets": "0"}, {}, []),
    ],
)
def test_the_objects_of_a_version_count_too(hard: dict[str, str], used: dict[str, str], said: list[str]) -> None:
    held = quota(hard, used)
    assert [each.sentence.removeprefix("needs ") for each in object_shortages(2, [held])] == said
    assert object_shortages(2, [held], ending=1) == []
    assert object_shortages(2, [quota(hard, used, scopes=["NotTerminating"])]) == []


ROOMY = Gpus([node("gpu-1", 8)], [pod("serves", 2, on="gpu-1"), pod("kept", 2, on="gpu-1")], [])
TWO = {"vllm": {"limits": {"nvidia.com/gpu": "2"}}}


@pytest.mark.parametrize(("hard", "room"), [(6, Room.FREE), (4, Room.KEPT), (2, Room.ACTIVE), (1, Room.NONE)])
def test_a_quota_asks_who_gives_way_as_nodes_do(hard: int, room: Room) -> None:
    serves, kept = ROOMY.bound
    hardware = {"default": Hardware(TWO)}
    budget = Budget([quota({GPUS: str(hard)}, {GPUS: "4"})], asks_of(hardware, {"default": 1}, None), [kept], [serves])
    for gpus in (ROOMY, None):
        found = judge(demands_of(hardware, {"default": 1}), gpus, yielding=["kept"], active=["serves"], budget=budget)
        assert found.room is room
        assert found.by_quota == (room in (Room.ACTIVE, Room.NONE))
        assert (as_known(found, gpus) is None) == (gpus is None and room is Room.FREE)
        said = f"needs 2 GPUs, and the namespace's quota budget leaves {max(0, hard - 2)} of {hard}"
        assert (found.sentence == said) == (room in (Room.ACTIVE, Room.NONE))
