"""Minutes and GPU-hours of a replacement, before it happens."""

import pytest

from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.warmup import Warmup
from inference_provider.rollout.expected import expected
from inference_provider.rollout.plan import Expected, GpuCount

#: Eight GPUs each.
BOTH = GpuCount(active=8, candidate=8, others=0, peak=16)


def foretold(load: float | None = 300.0, *, outage: float | None = None, **settings: object) -> Expected:
    """Of eight GPUs that are replaced by eight."""
    model = ReplacementSettings.model_validate(settings)
    waits = model.promotion == "manual"
    return expected(model, BOTH, load_seconds=load, measured="r2", waits=waits, outage_seconds=outage)


def test_both_hold_their_gpus_while_the_new_one_loads_and_the_old_one_drains() -> None:
    said = foretold(drainSeconds=60)

    assert (said.minutes, said.overlap_minutes) == (5.0, 6.0)
    assert said.gpu_hours == pytest.approx(1.6)
    assert said.extra_gpu_hours == pytest.approx(0.8)


def test_pods_that_are_added_after_the_switch_cost_nothing_before_it() -> None:
    grown = GpuCount(active=8, candidate=16, others=0, peak=24)

    said = expected(ReplacementSettings(), grown, load_seconds=3570.0, measured="r2", starts=8)

    assert said.gpu_hours == pytest.approx((16 * 3570 + 24 * 30) / 3600)
    assert said.extra_gpu_hours == pytest.approx(8.0)


def test_warm_up_and_a_kept_version_prolong_it() -> None:
    said = foretold(warmupDurationMinutes=1, keepOldVersionMinutes=24)

    assert (said.minutes, said.overlap_minutes) == (6.0, 30.0)
    assert said.gpu_hours == pytest.approx(8.0)


def test_what_has_made_room_costs_no_overlap_but_an_outage() -> None:
    said = foretold(outage=60.0, warmupDurationMinutes=2, keepOldVersionMinutes=24)

    assert (said.outage_minutes, said.minutes, said.overlap_minutes, said.gpu_hours) == (8.0, 8.0, 0.0, 0.0)


def test_nobody_knows_when_a_person_lets_it_through() -> None:
    said = foretold(promotion="manual")

    assert (said.minutes, said.overlap_minutes, said.gpu_hours) == (5.0, None, None)


def test_without_a_load_time_no_minutes_are_promised() -> None:
    said = foretold(None)

    assert (said.minutes, said.overlap_minutes, said.gpu_hours) == (None, None, None)


def test_kept_pods_are_not_loaded_nor_warmed_up_again() -> None:
    settings = ReplacementSettings(warmup_duration_minutes=5, keep_old_version_minutes=10)

    said = expected(settings, BOTH, load_seconds=0.0, measured=None, runs=True)

    assert (said.minutes, said.overlap_minutes) == (0.0, 10.0)


def test_requests_that_nobody_has_timed_are_named_and_not_counted_at_their_time_out() -> None:
    said = foretold(warmup={"path": "/v1/models"})

    assert (said.minutes, said.warmup_seconds, said.not_counted) == (5.0, 0.0, "50 requests, 4 at a time")


def test_requests_take_what_they_took_the_last_time() -> None:
    settings = ReplacementSettings(warmup=Warmup(path="/v1/models"))

    said = expected(settings, BOTH, load_seconds=274.0, measured="r2", each=2.0)

    assert (said.minutes, said.warmup_seconds, said.not_counted) == (5.0, 26.0, None)
