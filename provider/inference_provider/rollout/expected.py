"""How long does a replacement take, and how many GPU-hours does it cost that two versions hold GPUs at once?"""

from dataclasses import replace

from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.warmup import request_words
from inference_provider.rollout.plan import Expected, GpuCount
from inference_provider.rollout.warmup import warmup_seconds


def expected(
    settings: ReplacementSettings,
    gpus: GpuCount | None,
    *,
    load_seconds: float | None,
    measured: str | None,
    each: float | None = None,
    starts: int | None = None,
    runs: bool = False,
    waits: bool = False,
    outage_seconds: float | None = None,
) -> Expected:
    """What to expect of a replacement.

    ``load_seconds`` until the new pods are ready (None: nobody knows), as the revision ``measured`` took; ``each``
    of the requests of a warm-up takes so many (None: nobody knows, and they are not counted). ``starts``:
    GPUs that the new version begins with, where it gets more once it serves. ``runs``: the
    pods are proven already, and are not warmed up. ``waits``: for a person to let it through.
    ``outage_seconds``: the old version takes so long to end, first.
    """
    warmup = None if runs else settings.warmup
    said = Expected(
        load_seconds=load_seconds,
        measured=measured,
        warmup_seconds=0.0 if runs else warmup_seconds(settings, each=each),
        drain_seconds=settings.drain_seconds,
        keep_old_seconds=settings.keep_old_version_minutes * 60,
        not_counted=request_words(warmup) if warmup is not None and each is None else None,
    )
    if load_seconds is None:
        return said
    up = load_seconds + said.warmup_seconds
    if outage_seconds is not None:  # never both: nothing is kept of what has made room
        minutes = (outage_seconds + up) / 60
        none = 0.0 if gpus is not None else None
        return replace(said, minutes=minutes, outage_minutes=minutes, overlap_minutes=0.0, gpu_hours=none)
    if waits:  # when it serves, and so how long both run, is up to a person
        return replace(said, minutes=up / 60)
    away = max(said.keep_old_seconds, said.drain_seconds)
    timed = replace(said, minutes=up / 60, overlap_minutes=(up + away) / 60)
    if gpus is None or gpus.candidate is None or gpus.active is None:
        return timed
    first = gpus.candidate if starts is None else starts
    both = (gpus.active + first) * up + (gpus.active + gpus.candidate) * away
    return replace(timed, gpu_hours=both / 3600, extra_gpu_hours=(first * up + gpus.active * away) / 3600)
