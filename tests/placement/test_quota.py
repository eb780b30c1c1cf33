"""What a namespace's quotas leave: compared with an API server that admits one pod after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.quota import GPUS, Ask, Count, asks_of, asks_of_pods, object_shortages, shortages
from inference_provider.placement.surge import Budget, Gpus, Room, as_known, demands_of, judge
from inference_provider.placement.usage import usage_of
from tests.placement.test_surge import node, pod

SCOPES = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort")
CLASSES = ("high", "low", None)


def spec_of(gpus: int, priority: str | None = None, *, cpu: int = 0, gib: int = 0, sidecar: int = 0) -> Body:
    """A pod's spec as ours are written; ``sidecar`` is the CPU of a second container."""
    named = {"nvidia.com/gpu": str(gpus), "cpu": f"{cpu * 1000}m", "memory": f"{gib}Gi"}
    limits = {key: written for (key, written), much in zip(named.items(), (gpus, cpu, gib), strict=True) if much}
    beside = [{"resources": {"limits": {"cpu": str(sidecar)}}}] if sidecar else []
    containers = [{"resources": {"limits": limits}}, *beside]
    return {"containers": containers} | ({"priorityClassName": priority} if priority else {})


def ask(pods: int, gpus: int) -> Ask:
    """Pods with so many GPUs each."""
    return Ask(pods, {GPUS: Fraction(gpus)})


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
        return len(living) if resource == "pods" else sum(self.uses(spec, resource) for spec in living)

    def concerns(self, one: Body, spec: Body) -> bool:
        sized = [{"cpu", "memory"} & each["resources"]["limits"].keys() for each in spec["containers"]]
        best_effort = not any(sized)
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

    def uses(self, spec: Body, resource: str) -> int:
        """Of one pod, in GPUs, thousandths of a core, GiB."""
        name = resource.removeprefix("requests.").removeprefix("limits.")
        found = [str(each["resources"]["limits"].get(name, "0")) for each in spec["containers"]]
        if name == "cpu":
            return sum(int(each[:-1]) if each.endswith("m") else int(each) * 1000 for each in found)
        return sum(int(each.removesuffix("Gi")) for each in found)

    def admits(self, spec: Body) -> bool:
        for one in self.quotas:
            for resource, hard in one["spec"]["hard"].items():
                adds = 1 if "pods" in resource else self.uses(spec, resource)
                most = int(hard) * 1000 if "cpu" in resource else int(hard.removesuffix("Gi"))
                if adds and self.concerns(one, spec) and self.usage(one, resource) + adds > most:
                    return False
        self.pods.append((spec, "Pending"))
        return True

    def counted(self) -> list[Body]:
        """The quotas with what is used of them."""
        used = [{key: self.written(key, self.usage(one, key)) for key in one["spec"]["hard"]} for one in self.quotas]
        return [one | {"status": {"used": each}} for one, each in zip(self.quotas, used, strict=True)]

    def written(self, resource: str, amount: int) -> str:
        """As the server has it in a status."""
        return f"{amount}m" if "cpu" in resource else f"{amount}Gi" if "memory" in resource else str(amount)


NUMBERS = (GPUS, "pods", "count/pods", "cpu", "requests.cpu", "limits.cpu")
numbers = st.dictionaries(st.sampled_from(NUMBERS), st.integers(0, 9).map(str), max_size=3)
SIZES = ("memory", "requests.memory", "limits.memory")
sizes = st.dictionaries(st.sampled_from(SIZES), st.integers(0, 9).map("{}Gi".format), max_size=1)
hards = st.builds(lambda one, other: one | other, numbers, sizes)


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


few = st.integers(0, 3)
specs = st.builds(spec_of, few, st.sampled_from(CLASSES), cpu=few, gib=few, sidecar=few)
phases = st.sampled_from(["Pending", "Running", "Succeeded", "Failed"])
crowds = st.lists(st.tuples(specs, phases), max_size=6)


@settings(max_examples=400)
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
    (short,) = shortages([ask(2, 2)], [held])
    assert short == Count("budget", GPUS, needed=Fraction(4), left=Fraction(2), hard=Fraction(6))
    assert short.sentence == "needs 4 GPUs, and the namespace's quota budget leaves 2 of 6"
    serving = [{"spec": spec_of(2), "status": {"phase": "Running"}}] * 2
    assert shortages([ask(2, 2)], [held], ending=serving) == []


@pytest.mark.parametrize("amount", ["1 k", "1kk", "", "-1", "many", "1e999"])
def test_an_amount_that_cannot_be_read_stands_in_nobodys_way(amount: str) -> None:
    assert shortages([ask(9, 9)], [quota({GPUS: amount})]) == []


def test_a_quota_of_other_things_stands_in_nobodys_way() -> None:
    others = {"requests.storage": "1Gi", "limits.memory": "1Gi", "requests.amd.com/gpu": "0"}
    assert shortages([ask(9, 9)], [quota(others), {"metadata": {}}]) == []


@pytest.mark.parametrize(
    ("hard", "used", "said"),
    [
        ({"requests.cpu": "10"}, {"requests.cpu": "9500m"}, "1 of requests.cpu, and {} leaves 500m of 10"),
        ({"cpu": "2"}, {"cpu": "1500m"}, "1 of cpu, and {} leaves 500m of 2"),
        ({"limits.memory": "96Gi"}, {"limits.memory": "64Gi"}, "64Gi of limits.memory, and {} leaves 32Gi of 96Gi"),
        ({"limits.memory": "1e11"}, {"limits.memory": "64G"}, "64Gi of limits.memory, and {} leaves 36G of 100G"),
        ({GPUS: "1k"}, {GPUS: "999"}, "2 GPUs, and {} leaves 1 of 1000"),
        ({"requests.amd.com/gpu": "1"}, {}, "2 of requests.amd.com/gpu, and {} leaves 1 of 1"),
    ],
)
def test_cpu_memory_and_other_makers_gpus_are_counted_as_the_quota_calls_them(
    hard: dict[str, str], used: dict[str, str], said: str
) -> None:
    amounts = {"nvidia.com/gpu": "2", "amd.com/gpu": "2", "cpu": "1", "memory": "64Gi"}
    asks = asks_of({"default": Hardware({"vllm": {"requests": amounts, "limits": amounts}})}, {"default": 1}, None)
    (short,) = shortages(asks, [quota(hard, used)])
    assert short.sentence == "needs " + said.format("the namespace's quota budget")


def test_what_starts_before_the_others_counts_at_its_greediest_moment() -> None:
    """As the API server adds up: a proxy that stays and a loader that ends, before a server."""
    spec: Body = {
        "initContainers": [
            {"restartPolicy": "Always", "resources": {"requests": {"cpu": "1"}}},
            {"resources": {"requests": {"cpu": "5"}, "limits": {"memory": "8Gi"}}},
        ],
        "containers": [{"resources": {"requests": {"cpu": "2"}}}],
        "overhead": {"cpu": "250m"},
    }
    assert usage_of(spec) == {
        "cpu": Fraction(25, 4),
        "requests.cpu": Fraction(25, 4),
        "memory": 8 * 1024**3,
        "requests.memory": 8 * 1024**3,
        "limits.memory": 8 * 1024**3,
    }


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
