"""Who holds a Lease, on clocks that the test moves: no API server, no waiting."""

import asyncio
import copy
import json

import pytest

from inference_provider.cluster.lease import LeaseTimes, hold
from inference_provider.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    LockHeld,
    LockLost,
    NameTaken,
    NotFound,
    Unavailable,
)
from inference_provider.manifests.kinds import Body, Kind

OWNER: Body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "w", "uid": "svc-1"}}


class OneLease:
    """What an API server does with one Lease: uid, resourceVersion, conflicts."""

    def __init__(self) -> None:
        self.body: Body | None = None
        self.version = 0
        self.broken = False
        self.lose_next_answer = False

    async def find(self, _kind: Kind, _namespace: str | None, _name: str) -> Body | None:
        self._reachable("read")
        return copy.deepcopy(self.body)

    async def create(self, _kind: Kind, body: Body) -> Body:
        self._reachable("create")
        if self.body is not None:
            raise _error(AlreadyExists, "create")
        return self._keep(body, "lease-1")

    async def replace(self, _kind: Kind, body: Body) -> Body:
        self._reachable("replace")
        if self.body is None:
            raise _error(NotFound, "replace")
        if body["metadata"]["resourceVersion"] != self.body["metadata"]["resourceVersion"]:
            raise _error(Conflict, "replace")
        return self._keep(body, self.body["metadata"]["uid"])

    def _keep(self, body: Body, uid: str) -> Body:
        self.version += 1
        self.body = json.loads(json.dumps(body))
        self.body["metadata"] |= {"uid": uid, "resourceVersion": str(self.version)}
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise _error(Unavailable, "replace")
        return copy.deepcopy(self.body)

    def _reachable(self, attempted: str) -> None:
        if self.broken:
            raise _error(Unavailable, attempted)


def _error(error: type[ClusterError], attempted: str) -> ClusterError:
    return error(attempted, kind="Lease", namespace="n", name="w")


class Clock:
    """Seconds that pass when the test says so, and ``step`` at every look."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 100.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def times(clock: Clock) -> LeaseTimes:
    # An hour between renewals: in these tests nothing renews unless the test does.
    return LeaseTimes(duration=10_800, poll=0.001, release=1.0, clock=clock)


async def test_the_second_is_refused_and_told_who_holds_it_since_when() -> None:
    store = OneLease()
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())) as first:
        assert store.body is not None
        since, _, _ = str(store.body["spec"]["acquireTime"]).partition(".")
        with pytest.raises(LockHeld) as caught:
            async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())):
                pass
        assert first.holder in str(caught.value)
        assert f"since {since}Z (last sign of life {since[:10]}" in str(caught.value)
        first.check()


async def test_a_lease_that_was_given_back_is_free_at_once_and_counts_its_holders() -> None:
    store, epochs = OneLease(), []
    for _ in range(3):
        async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())) as lease:
            epochs.append(lease.epoch)
    assert epochs == [1, 2, 3]
    assert store.body is not None
    assert store.body["spec"]["holderIdentity"] == ""


async def test_a_lease_that_stands_still_is_taken_over_and_the_paused_holder_notices() -> None:
    store = OneLease()
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())) as paused:
        async with hold(store, store, "n", "w", owner=OWNER, wait=1e6, times=times(Clock(step=4000))) as second:
            assert second.epoch == paused.epoch + 1
            await paused.renew()
            with pytest.raises(LockLost, match="has taken it over"):
                paused.check()
            second.check()
        assert store.body is not None
        assert store.body["spec"]["holderIdentity"] == ""
        left = copy.deepcopy(store.body)
    assert store.body == left, "the one who lost it must not give it back"


async def test_a_lease_that_is_renewed_is_never_taken_however_long_one_waits() -> None:
    store, watching = OneLease(), Clock(step=4000)
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())) as first:

        async def intrude() -> None:
            async with hold(store, store, "n", "w", owner=OWNER, wait=400_000, times=times(watching)):
                pass

        intruder = asyncio.create_task(intrude())
        while not intruder.done():
            await first.renew()
            await asyncio.sleep(0)
        assert isinstance(intruder.exception(), LockHeld)
        first.check()


async def test_a_holder_that_cannot_renew_stops_believing_before_others_may_take_it() -> None:
    store, clock = OneLease(), Clock()
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(clock)) as lease:
        store.broken = True
        clock.now += 10_799
        await lease.renew()
        lease.check()
        clock.now += 2
        with pytest.raises(LockLost, match="could not be renewed for 10801 s"):
            lease.check()
        store.broken = False


async def test_a_renewal_whose_answer_was_lost_does_not_lose_the_lease() -> None:
    store = OneLease()
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())) as lease:
        store.lose_next_answer = True
        await lease.renew()
        await lease.renew()
        await lease.renew()
        lease.check()
    assert store.body is not None
    assert store.body["spec"]["holderIdentity"] == ""


async def test_an_acquisition_whose_answer_was_lost_recognises_itself() -> None:
    store = OneLease()
    store.lose_next_answer = True
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())) as lease:
        lease.check()


async def test_a_deleted_lease_is_lost_and_giving_it_back_is_quiet() -> None:
    store = OneLease()
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())) as lease:
        store.body = None
        await lease.renew()
        with pytest.raises(LockLost, match="was deleted"):
            lease.check()


async def test_somebody_elses_lease_of_that_name_is_left_alone() -> None:
    store = OneLease()
    store.body = {"metadata": {"name": "w", "namespace": "n", "uid": "x", "resourceVersion": "1"}}
    with pytest.raises(NameTaken, match="is not ours"):
        async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())):
            pass


async def test_a_failing_operation_keeps_its_own_error_and_gives_the_lease_back() -> None:
    store = OneLease()
    with pytest.raises(ZeroDivisionError):
        async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())):
            raise ZeroDivisionError
    assert store.body is not None
    assert store.body["spec"]["holderIdentity"] == ""


async def test_a_broken_server_at_the_end_does_not_hide_the_operations_error() -> None:
    store = OneLease()

    async def work() -> None:
        async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())):
            store.broken = True
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()


async def test_a_cancelled_operation_gives_the_lease_back() -> None:
    store, held = OneLease(), asyncio.Event()

    async def work() -> None:
        async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock())):
            held.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await held.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.body is not None
    assert store.body["spec"]["holderIdentity"] == ""


async def test_a_lease_that_could_not_be_renewed_in_time_is_in_doubt_until_a_renewal_proves_it_ours() -> None:
    store, clock = OneLease(), Clock()
    long = LeaseTimes(duration=10_800, poll=0.001, release=1.0, patience=20_000, clock=clock)
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=long) as lease:
        clock.now += 15_000
        doubting = asyncio.create_task(lease.sure())
        await asyncio.sleep(0)
        assert not doubting.done()
        await lease.renew()
        await doubting
        lease.check()


async def test_a_lease_that_stays_in_doubt_is_lost_when_patience_ends() -> None:
    store, clock = OneLease(), Clock()
    long = LeaseTimes(duration=10_800, poll=0.001, release=1.0, patience=20_000, clock=clock)
    async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=long) as lease:
        clock.now += 20_001
        with pytest.raises(LockLost, match="could not be renewed for 20001 s"):
            await lease.sure()


async def test_a_server_that_cannot_write_the_lease_is_given_up_in_the_end() -> None:
    class ReadOnly(OneLease):
        async def create(self, _kind: Kind, _body: Body) -> Body:
            raise _error(Unavailable, "create")

    store = ReadOnly()
    with pytest.raises(Unavailable):
        async with hold(store, store, "n", "w", owner=OWNER, wait=0, times=times(Clock(step=10))):
            pass
