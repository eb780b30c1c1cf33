"""A life in a few steps, with the real CLI and the real API server; all must be well after each."""

from tests.e2e.stack import Stack
from tests.e2e.walk import chosen, story
from tests.e2e.walker import Walker
from tools.cluster import Cluster
from tools.interrupt.stage import watching


def test_whatever_happens_one_up_makes_it_well_and_nobody_was_lost(stack: Stack, simulated_cluster: Cluster) -> None:
    again, steps = chosen()
    steps = ("same", *steps)
    walker = Walker(stack)
    try:
        for step in steps:
            with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
                walker.take(step, stage)
    except AssertionError as error:
        where = f"{again}\n{story(steps, walker.taken)}\nWhat the CLI said is in {stack.transcript}"
        raise AssertionError(f"{error}\n\n{where}") from error
    assert stack.destroy().code == 0
