"""How a Workload looks on 80 columns, to the letter."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console, RenderableType

from inference_provider.cli.pods import cells, short_model
from inference_provider.cli.times import age, ago, left, length, moment
from inference_provider.cli.tree import tree
from inference_provider.resources.history import Past
from inference_provider.resources.pods import PodSeen
from inference_provider.resources.status import LockSeen, Status, Version
from inference_provider.rollout.hold import Hold

NOW = datetime(2026, 11, 21, 3, 0, 40, tzinfo=UTC)
LOADS = "0 of 2 pods ready; chat-r3-6fbddf5879-648fh: container server has no room on any of 8 nodes"


def pod(name: str, *, node: str) -> PodSeen:
    """A pod that is ready, with four H100s."""
    since = "2026-11-20T23:14:00Z"
    model = "NVIDIA-H100-80GB-HBM3"
    return PodSeen(name, ready=True, said="is ready", node=node, reason="Ready", gpus=4, model=model, since=since)


PAST = Past(
    revision="r2",
    kind="replacement",
    phase="completed",
    outcome="completed",
    artifact_id="models/llama@651a27e26124",
    who="ann",
    commit="c0ffee",
    began="2026-11-20T23:14:00Z",
    switched="2026-11-20T23:14:31Z",
    ended="2026-11-20T23:14:33Z",
    seconds=33.0,
    message=None,
    back_to=None,
)
ACTIVE = Version(
    revision="r2",
    role="active",
    artifact_id="models/llama@651a27e26124",
    number="v7",
    ready=2,
    wanted=2,
    said="2 of 2 pods ready",
    until=None,
    failed=None,
    staged=None,
    ending=False,
    pods=(
        pod("chat-r2-566cc76d67-ff28f", node="gpu-h100-2"),
        pod("chat-r2-566cc76d67-pjz8h", node="gpu-h100-1"),
    ),
)
CANDIDATE = replace(
    ACTIVE,
    revision="r3",
    role="candidate",
    artifact_id="models/llama@19a5670a7916",
    number="",
    ready=0,
    said=LOADS,
    pods=(
        PodSeen(
            "chat-r3-6fbddf5879-648fh",
            ready=False,
            said="has no node",
            node="",
            reason="Unschedulable",
            gpus=4,
            since="2026-11-21T03:00:02Z",
        ),
    ),
)
KEPT = replace(
    ACTIVE, revision="r1", role="retained", until="2026-11-21T03:09:00Z", artifact_id="models/llama@25bb86eb4d6d"
)
SERVING = Status(
    namespace="models",
    name="chat",
    status="running",
    message="2 of 2 pods ready",
    endpoint="http://chat.models.svc.cluster.local",
    revision="r2",
    artifact_id="models/llama@651a27e26124",
    since="2026-11-20T23:14:31Z",
    ready=2,
    wanted=2,
    traffic=("r2",),
    held=None,
    lock=None,
    versions=(KEPT, ACTIVE),
    records=(PAST,),
)


def shown(renderable: RenderableType, *, width: int = 80) -> str:
    """What a terminal of that width shows, without colours and blanks at the ends of lines."""
    out = StringIO()
    Console(file=out, width=width, color_system=None, highlight=False, markup=False).print(renderable)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def look(status: Status, *, width: int = 80) -> str:
    """The tree of a status."""
    return shown(tree(status, now=NOW, command="pulumi-inference {} chat -n models"), width=width)


def test_a_quiet_night() -> None:
    assert (
        look(SERVING)
        == """\
models/chat  running
├── http://chat.models.svc.cluster.local
├── ● r2 serves since 2026-11-20 23:14 UTC (3 h ago)  ■■
│   llama@651a27e26124 (v7), 2 of 2 pods ready
│   chat-r2-566cc76d67-ff28f  ready  gpu-h100-2  4 × H100  3 h
│   chat-r2-566cc76d67-pjz8h  ready  gpu-h100-1  4 × H100  3 h
├── ○ r1 is kept until 03:09:00 UTC (8:20 min left)  ■■
│   llama@25bb86eb4d6d (v7), 2 of 2 pods ready, holding 8 × H100
│   `pulumi-inference undo chat -n models` goes back to it without loading
└── history
    r2  replacement  completed  ann  2026-11-20 23:14 UTC  33 s"""
    )


def test_a_night_in_the_middle_of_a_replacement() -> None:
    lock = LockSeen("root@vm/17595/abc", "2026-11-21T03:00:00Z", "2026-11-21T03:00:38Z", 15.0)
    begun = replace(PAST, revision="r3", outcome=None, phase="initializing", began="2026-11-21T03:00:02Z", seconds=None)

    assert (
        look(replace(SERVING, versions=(ACTIVE, CANDIDATE), lock=lock, records=(PAST, begun)))
        == """\
models/chat  running
├── http://chat.models.svc.cluster.local
├── ● r2 serves since 2026-11-20 23:14 UTC (3 h ago)  ■■
│   llama@651a27e26124 (v7), 2 of 2 pods ready
│   chat-r2-566cc76d67-ff28f  ready  gpu-h100-2  4 × H100  3 h
│   chat-r2-566cc76d67-pjz8h  ready  gpu-h100-1  4 × H100  3 h
├── ◐ r3 is coming up (38 s so far)  □□
│   llama@19a5670a7916, 0 of 2 pods ready; chat-r3-6fbddf5879-648fh: container
│   server has no room on any of 8 nodes
│   chat-r3-6fbddf5879-648fh  no node    4 × GPU  38 s
│   `pulumi-inference cancel chat -n models` calls it off
├── worked on by root@vm/17595/abc
│   since 03:00:00 UTC (40 s ago), last sign of life 2 s ago
└── history
    r3  replacement  initializing  ann  03:00:02 UTC          38 s so far
    r2  replacement  completed     ann  2026-11-20 23:14 UTC  33 s"""
    )


def test_a_hold_says_who_when_why_and_how_to_lift_it() -> None:
    held = Hold("undo", "t3", "r3", "ann", "2026-11-21T02:40:00Z", "answers slowly")

    assert """\
├── held: ann took r3 back at 02:40:00 UTC (20 min ago)
│   reason: answers slowly
│   `pulumi-inference resume chat -n models` lifts it, as does any other version
│   in the program
""" in look(replace(SERVING, held=held))


def test_a_stopped_workload_says_so_and_how_to_start_it() -> None:
    held = Hold("stop", "t2", "r2", "ann", "2026-11-21T02:40:00Z")
    stopped = replace(ACTIVE, ready=0, wanted=0, pods=())

    said = look(replace(SERVING, status="stopped", versions=(stopped,), held=held))

    assert "├── ■ r2 is stopped\n│   llama@651a27e26124 (v7), no pods\n" in said
    assert "├── held: ann stopped it while r2 served at 02:40:00 UTC" in said
    assert "`pulumi-inference start chat -n models` lifts it" in said


def test_what_a_killed_run_left_is_no_order_unless_somebody_works_on_it() -> None:
    left = replace(SERVING, versions=(ACTIVE, CANDIDATE), disorder=("r3 is half made",))

    assert "├── r3 is half made; the next `pulumi up` puts it right\n" in look(left)
    orphan = replace(SERVING, unowned=("r3 is half made; `pulumi-inference cancel chat -n models` removes it",))
    assert "├── r3 is half made; `pulumi-inference cancel chat -n models` removes it\n" in look(orphan)
    assert "half made" not in look(replace(left, lock=LockSeen("ann@vm/1/a", None, None, 15.0)))


def test_the_hardware_that_was_chosen_stands_beside_the_version() -> None:
    one = replace(SERVING, versions=(replace(ACTIVE, bundles={"default": "a100"}),))
    two = replace(SERVING, versions=(replace(ACTIVE, bundles={"decode": "h100", "prefill": "l4"}),))

    assert "llama@651a27e26124 (v7) on a100, 2 of 2 pods ready" in look(one)
    assert "llama@651a27e26124 (v7) on decode: h100, prefill: l4, 2 of 2 pods ready" in look(two)


def test_undo_is_offered_where_it_would_be_obeyed() -> None:
    rejected = Hold("undo", "t1", "r1", "ann", "2026-11-21T02:40:00Z")

    assert "undo" in look(SERVING)
    assert "undo" not in look(replace(SERVING, versions=(KEPT, ACTIVE, CANDIDATE)))
    assert "undo" not in look(replace(SERVING, held=rejected))
    assert "├── ◌ r1 is ending\n" in look(replace(SERVING, versions=(replace(KEPT, ending=True), ACTIVE)))


def test_of_many_pods_those_that_are_not_ready_are_shown() -> None:
    pods = tuple(PodSeen(f"chat-{n:02d}", ready=n != 17, said="", node="gpu-1") for n in range(20))

    said = look(replace(SERVING, versions=(replace(ACTIVE, pods=pods),)))

    assert "chat-17  not ready  gpu-1" in said
    assert "and 12 more, all ready" in said
    assert said.count("chat-") == 8


def test_nothing_is_cut_however_narrow_the_terminal() -> None:
    wide, narrow = (
        sorted(re.sub(r"[│├└─\s]", "", look(replace(SERVING, versions=(ACTIVE, CANDIDATE)), width=width)))
        for width in (200, 60)
    )

    assert wide == narrow


def test_a_row_of_cells_shows_how_many_pods_are_ready() -> None:
    assert [cells(ready, wanted).plain for ready, wanted in ((0, 2), (1, 2), (2, 2), (0, 0))] == ["□□", "■□", "■■", ""]
    assert cells(99, 100).plain == "■■■■■■■■■■■□"
    assert cells(100, 100).plain == "■■■■■■■■■■■■"


def test_gpus_are_called_as_people_call_them() -> None:
    models = ("NVIDIA-H100-80GB-HBM3", "Tesla-T4", "NVIDIA-L4", "NVIDIA-GeForce-RTX-4090", "NVIDIA-RTX-A6000", "")

    assert [short_model(each) for each in models] == ["H100", "T4", "L4", "RTX 4090", "RTX A6000", ""]


def test_what_is_left_is_seen_to_run_down() -> None:
    assert [left(seconds) for seconds in (-1, 59.9, 60, 252, 3600, 11225)] == [
        "0 s",
        "59 s",
        "1:00 min",
        "4:12 min",
        "1:00 h",
        "3:07 h",
    ]


def test_times_are_said_so_that_one_can_act_on_them() -> None:
    assert [length(s) for s in (0, 99, 100, 5999, 6000, 172_799, 172_800)] == [
        "0 s",
        "99 s",
        "1 min",
        "99 min",
        "1 h",
        "47 h",
        "2 d",
    ]
    assert moment("2026-11-21T03:00:10.123456Z", NOW) == "03:00:10 UTC"
    assert ago("2026-11-21T03:00:10", NOW) == "03:00:10 UTC (30 s ago)"
    assert (moment(None, NOW), ago("soon", NOW), age(None, NOW)) == ("unknown", "an unknown time", "-")
