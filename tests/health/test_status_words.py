"""From observation to the words of the seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.health.status_words import (
    ProtonStatus,
    Situation,
    WorkloadStatus,
    proton_status,
    workload_status,
)
from inference_provider.health.verdict import Reason, State, Verdict

READY = Verdict(State.READY, Reason.READY, "")
LOADING = Verdict(State.PROGRESSING, Reason.LOADING, "")
LOST = Verdict(State.PROGRESSING, Reason.NODE_LOST, "")
NO_GPU = Verdict(State.WAITING, Reason.UNSCHEDULABLE, "")
ABSENT = Verdict(State.PROGRESSING, Reason.NOT_CREATED, "")
CRASHED = Verdict(State.FAILED, Reason.CRASH_LOOP, "")


@pytest.mark.parametrize(
    ("now", "proton", "workload"),
    [
        (Situation(None, wanted=1, ready=0, pods=0), "unknown", "unknown"),
        (Situation(ABSENT, wanted=1, ready=0, pods=0), "submitted", "submitted"),
        (Situation(ABSENT, wanted=2, ready=0, pods=1), "initializing", "submitted"),
        (Situation(NO_GPU, wanted=1, ready=0, pods=1), "provisioning", "provisioning"),
        (Situation(LOADING, wanted=1, ready=0, pods=1), "launching", "launching"),
        (Situation(LOADING, wanted=2, ready=1, pods=2), "launching", "launching"),
        (Situation(READY, wanted=1, ready=1, pods=1, warming=True), "warming", "launching"),
        (Situation(READY, wanted=1, ready=1, pods=1), "running", "running"),
        (Situation(LOADING, wanted=2, ready=1, pods=2, served=True), "running", "running"),
        (Situation(CRASHED, wanted=2, ready=1, pods=2, served=True), "running", "running"),
        (Situation(CRASHED, wanted=2, ready=1, pods=2), "errored", "errored"),
        (Situation(CRASHED, wanted=1, ready=0, pods=1, served=True), "errored", "errored"),
        (Situation(LOADING, wanted=1, ready=0, pods=1, served=True), "restarting", "interrupted"),
        (Situation(LOST, wanted=1, ready=0, pods=1, served=True), "interrupted", "interrupted"),
        (Situation(READY, wanted=1, ready=1, pods=1, served=True, draining=True), "draining", "stopping"),
        (Situation(READY, wanted=0, ready=0, pods=2, served=True), "stopping", "stopping"),
        (Situation(READY, wanted=0, ready=0, pods=0, served=True), "stopped", "stopped"),
        (Situation(READY, wanted=0, ready=0, pods=0, served=True, idle=True), "suspended", "suspended"),
        (Situation(READY, wanted=1, ready=1, pods=1, deleting=True), "draining", "stopping"),
        (Situation(None, wanted=1, ready=0, pods=0, deleting=True), "terminated", "terminated"),
    ],
)
def test_a_situation_has_one_word(now: Situation, proton: str, workload: str) -> None:
    assert (proton_status(now), workload_status(now)) == (proton, workload)


def troubles() -> st.SearchStrategy[Verdict]:
    states = st.sampled_from([state for state in State if state is not State.READY])
    reasons = st.sampled_from([reason for reason in Reason if reason is not Reason.READY])
    return st.builds(Verdict, states, reasons, st.just(""))


@given(
    st.builds(
        Situation,
        st.none() | st.just(READY) | troubles(),
        wanted=st.integers(0, 2),
        ready=st.integers(0, 2),
        pods=st.integers(0, 2),
        served=st.booleans(),
        warming=st.booleans(),
        draining=st.booleans(),
        deleting=st.booleans(),
        idle=st.booleans(),
    )
)
def test_every_situation_has_words_and_running_means_somebody_answers(now: Situation) -> None:
    assert isinstance(proton_status(now), ProtonStatus)
    if workload_status(now) is WorkloadStatus.RUNNING:
        assert now.verdict == READY or (now.served and now.ready > 0)
