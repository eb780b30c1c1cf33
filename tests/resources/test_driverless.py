"""A run that was killed closes no record and signs nothing: what is shown of it then."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta

import pytest

from inference_provider.errors import LockLost
from inference_provider.functions.registry import FUNCTIONS
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE
from inference_provider.resources import replacement
from inference_provider.resources.driverless import is_silent
from inference_provider.resources.status import Status, status
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside
from tests.resources.test_replacement import CHAT, created, difference, serves, to
from tests.support.fake_cluster import Fault


async def told(outside: Outside) -> tuple[Status, Properties]:
    """What `status` and `getReplacement` say."""
    answer = FUNCTIONS["inference:index:getReplacement"].answered(outside.world(), {"name": "chat"})
    return await status(outside.world(), "models", "chat"), await answer


async def killed_before_it_made_anything(outside: Outside, work: Coroutine[object, object, object]) -> None:
    """Its record is there, and nothing else of it."""
    outside.cluster.faults.append(Fault("create", SERVICE, LockLost("killed")))  # it touches nothing more
    with pytest.raises(LockLost):
        await work
    assert outside.cluster.named(CONFIG_MAP, "revision-chat-r2")


async def killed_at_its_last_write(outside: Outside, inputs: Properties) -> None:
    """It would have been signed by that."""
    twin = Outside()
    await serves(twin)
    await created(twin, inputs)
    outside.cluster.breaks_at = twin.cluster.writes
    with pytest.raises(LockLost):
        await created(outside, inputs)


async def test_one_that_died_before_it_had_made_anything_is_not_under_way(outside: Outside) -> None:
    _, _, second = await serves(outside)
    await killed_before_it_made_anything(outside, replacement.create(outside.world(), to(second)))

    seen, answer = await told(outside)

    last = seen.records[-1]
    assert (last.revision, last.phase, last.outcome) == ("r2", "interrupted", None)
    said = "the run that drove it was interrupted before it had made anything; the next one closes this record"
    assert last.message == said
    assert (answer["revision"], answer["status"], answer["message"]) == ("r2", "errored", said)


async def test_the_replacement_that_died_has_something_to_put_right_though_its_program_was_put_back(
    outside: Outside,
) -> None:
    _, first, second = await serves(outside)
    out = await created(outside, to(first))
    await killed_before_it_made_anything(outside, replacement.update(outside.world(), CHAT, to(second), out))

    found = (await difference(outside, out, to(first))).found
    assert found == ("the replacement r2 did not come to its end: it was interrupted, or is under way",)
    out = await replacement.update(outside.world(), CHAT, to(first), out)

    assert not (await difference(outside, out, to(first))).changes
    seen, _ = await told(outside)
    last = seen.records[-1]
    assert (last.revision, last.phase, last.outcome) == ("r2", "errored", "cancelled")


async def test_what_was_proven_and_not_signed_belongs_to_no_replacement(outside: Outside) -> None:
    _, _, second = await serves(outside)

    await killed_at_its_last_write(outside, to(second, promotion="manual"))

    seen, answer = await told(outside)
    said = "r2 is proven and could be promoted, but belongs to no Replacement"
    assert (seen.records[-1].message or "").startswith(said)
    assert str(answer["message"]).startswith(said)
    assert answer["status"] == "awaiting_promotion"

    await created(outside, to(second, promotion="manual"))
    seen, answer = await told(outside)
    assert (seen.records[-1].phase, answer["status"]) == ("awaiting_promotion", "awaiting_promotion")


async def test_what_was_half_made_is_not_coming_up(outside: Outside) -> None:
    _, _, second = await serves(outside)
    await outside.killed_while_loading(replacement.create(outside.world(), to(second)))

    seen, answer = await told(outside)

    said = "r2 is half made: the run that drove it was interrupted; the next one carries on"
    assert (seen.records[-1].phase, seen.records[-1].message) == ("interrupted", said)
    assert (answer["status"], answer["message"]) == ("initializing", said)


@pytest.mark.parametrize(("ago", "silent"), [(2, False), (14, False), (40, True)])
def test_a_lock_that_is_not_renewed_is_nobody_s(ago: float, *, silent: bool) -> None:
    renewed = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()

    assert is_silent(renewed, 15) is silent
    assert not is_silent(None, 15), "nobody can tell"
