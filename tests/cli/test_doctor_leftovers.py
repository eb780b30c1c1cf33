"""What `pulumi-inference doctor` says of what runs that died have left behind."""

import asyncio
import itertools
from pathlib import Path

from inference_provider.manifests.kinds import LEASE, SERVICE
from tests.cli.desk import Desk
from tests.cli.fitted import told
from tests.cli.test_status import lease, serving
from tests.resources.outside import Outside
from tests.resources.test_replacement import created, serves, to
from tests.support.fake_cluster import FakeCluster

README = Path(__file__).parents[2] / "README.md"


def test_what_a_killed_run_or_a_foreign_hand_has_left_is_told_unless_somebody_is_at_it(fit: Desk) -> None:
    serving(fit)
    stranger = [{"op": "replace", "path": "/spec/selector", "value": {"app": "mine"}}]
    fit.does(fit.cluster.patch(SERVICE, "models", "chat", stranger))

    assert told(fit)["leftovers"] == [
        "warning: chat: the endpoint does not send to r1 alone: nothing of ours gets its traffic",
        "The next `pulumi up` of its stack puts it right.",
    ]
    fit.does(fit.cluster.create(LEASE, lease("ann@vm/1/a")))
    assert "leftovers" in told(fit), "who was killed could not give the lock back"
    renewing = fit.loop.create_task(renews(fit.cluster))
    assert "leftovers" not in told(fit)
    renewing.cancel()


async def renews(cluster: FakeCluster) -> None:
    """Somebody who lives, and works on it."""
    for second in itertools.count(15):
        await asyncio.sleep(5)
        held = cluster.named(LEASE, "chat")
        spec = {**held["spec"], "renewTime": f"2026-11-21T03:00:{second}Z"}
        await cluster.replace(LEASE, {**held, "spec": spec})


def test_a_candidate_of_a_replacement_that_died_and_left_its_program_is_named_and_can_be_removed(fit: Desk) -> None:
    fit.does(orphaned(fit.outside))

    assert told(fit)["leftovers"] == [
        "warning: chat: r2 is half made: its Replacement is under way, or died",
        "`pulumi-inference cancel chat -n models` removes it; a `pulumi up` with that Replacement carries on with it.",
    ]
    assert fit.types("cancel", "chat", "--yes").exit_code == 0
    assert "leftovers" not in told(fit)
    assert [each for each in fit.outside.pods() if "-r2-" in each] == []


async def orphaned(outside: Outside) -> None:
    """A Replacement is killed while it is created, and taken out of its program."""
    _, _, second = await serves(outside)
    await outside.killed_while_loading(created(outside, to(second)))
