"""The benchmark of policies with two Workloads here, and that what it measures is under twenty policies."""

from benchmarks.policy import POLICIES, TAGS, measured, policies
from inference_provider.domain.policy import chosen
from inference_provider.manifests.pod import GPU, Hardware
from inference_provider.placement.allowance import Rules, allowance
from inference_provider.placement.confined import REGION
from tools.cluster import Cluster

ONE_GPU = {"vllm": {"limits": {GPU: "1"}}}


async def test_two_workloads_are_checked_under_policies_and_without(simulated_cluster: Cluster, namespace: str) -> None:
    figure = await measured(simulated_cluster, count=2, rounds=1, within=namespace)

    assert (figure.name, figure.limit, figure.ours.median > 0, figure.reference.median > 0) == ("policy", 1, True, True)


def test_each_of_the_twenty_counts_for_every_workload_and_together_they_leave_something() -> None:
    every = tuple(policies("models"))
    assert len(every) == POLICIES
    assert all(chosen(each, artifact_type="service", tags=TAGS) for each in every)

    left = allowance(Rules(every), Hardware(resources=ONE_GPU))
    assert left.denied is None
    for term in left.terms or ():
        where = next(one["values"] for one in term["matchExpressions"] if one["key"] == REGION)
        assert "eu-central-1" in where, "where the simulated nodes are"
        assert "us-east-1" not in where
    elsewhere = Hardware(resources=ONE_GPU, node_labels={REGION: "us-east-1"})
    assert allowance(Rules(every), elsewhere).denied is not None
