"""What would an update do? The whole answer as a value, before anything happens.

Previews, the command line and programs read the same one. None stands wherever something is not known: nobody may
look at nodes, a preview does not know an input yet, no replacement was recorded so far.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from inference_provider.rollout.hold import Hold


class PlanVerdict(StrEnum):
    """What becomes of a Workload."""

    NOTHING = "nothing"  # at most what is out of order is put right
    IN_PLACE = "inPlace"  # no pod restarts
    ROLLS = "rolls"  # a new version comes up beside what serves
    MAY_ROLL = "mayRoll"  # that, or nothing: what decides is not known yet
    GOES_BACK = "goesBack"  # to pods that are kept
    SWITCHES = "switches"  # to the version that waited for promotion
    STAYS_STAGED = "staysStaged"  # that goes on waiting
    CANCELS = "cancels"  # that is removed, and what serves serves on
    REFUSED = "refused"  # before anything moves
    WITHHELD = "withheld"  # a person has said so
    STOPS = "stops"
    STARTS = "starts"
    MADE_ANEW = "madeAnew"  # as another Workload, with another endpoint
    NOT_HERE = "notHere"  # an update would fail: it is not in this cluster


class SurgeOutcome(StrEnum):
    """How the new version comes by its GPUs."""

    FREE = "free"
    UNKNOWN = "unknown"  # nobody may count
    WAITS = "waits"
    REFUSED = "refused"
    ENDS_KEPT = "endsKept"  # kept versions end before their time
    PUSHES_OUT = "pushesOut"
    OUTAGE = "outage"  # what serves ends first
    COMES_BACK = "comesBack"  # what serves had made room, is brought back, and only then room is sought


@dataclass(frozen=True)
class Surge:
    """What ``replacement.surge`` makes of the room that there is; ``said`` is the warning, None where none is due."""

    outcome: SurgeOutcome
    said: str | None = None


@dataclass(frozen=True)
class Cause:
    """An input that makes the Workload roll. Not ``known``: a preview does not know its new value yet."""

    path: str
    known: bool = True


@dataclass(frozen=True)
class GroupPlan:
    """The pods of one container group that are still to find a place, and where they would.

    ``bundle`` is the resource bundle that was chosen for the group, None without bundles. GPUs ``free`` on matching
    nodes (node by node in ``free_on``), ``nodes`` on which the pods fit (the scheduler may choose others), and GPUs
    that are ``missing`` are None where nobody may count. ``said`` is all that in words.
    ``later_pods`` follow once the version serves, as it starts with as many pods as served before; so many GPUs are
    missing for these as long as the old version holds its own.
    """

    group: str
    pods: int
    gpus_per_pod: int
    gpus: int
    model: str | None
    gpu_memory_mib: int | None
    bundle: str | None = None
    free: int | None = None
    free_on: Mapping[str, int] | None = None
    nodes: tuple[str, ...] | None = None
    missing: int | None = None
    later_pods: int = 0
    later_missing: int | None = None
    said: str = ""


@dataclass(frozen=True)
class QuotaPlan:
    """What a ResourceQuota of the namespace leaves of one resource beside all that runs, and what the pods that are
    still to find a place need of it; amounts as Kubernetes writes them.
    """

    quota: str
    resource: str
    needed: str
    left: str
    hard: str
    fits: bool


@dataclass(frozen=True)
class GpuCount:
    """GPUs, all groups together.

    ``active``: of what serves, at full strength. ``candidate``: of the version that takes over, once it has all its
    pods. ``others``: kept, failed and ending versions of the same Workload. ``peak``: the most that the Workload holds
    at any one time until the update has ended well; kept versions that go early make it less. ``free`` and ``missing``
    are about the pods that are still to find a place. None where nobody can tell.
    """

    active: int | None
    candidate: int | None
    others: int | None
    peak: int | None
    free: int | None = None
    missing: int | None = None


@dataclass(frozen=True)
class Expected:
    """How long it takes, from what is known beforehand. Waiting for room or for a person is not in it.

    ``load_seconds``: until all new pods are ready; as long as the replacement of revision ``measured`` took, or, where
    that is None, at most as long as the probes allow. ``minutes``: until the new version serves (load and warm-up;
    after the old one has ended, with ``outage_minutes``). ``overlap_minutes``: how long both hold their GPUs: until
    then, and while the old one drains or is kept. ``gpu_hours`` is what both hold in that time, ``extra_gpu_hours``
    what that is more than one version alone would. ``not_counted``: the requests of a warm-up that come on top of all
    this, as no record tells how long one takes. None where it depends on what is not known, as on a promotion by
    hand.
    """

    load_seconds: float | None
    measured: str | None
    warmup_seconds: float
    drain_seconds: float
    keep_old_seconds: float
    minutes: float | None = None
    outage_minutes: float | None = None
    overlap_minutes: float | None = None
    gpu_hours: float | None = None
    extra_gpu_hours: float | None = None
    not_counted: str | None = None


@dataclass(frozen=True)
class Waiting:
    """The version that waits for promotion, since when (RFC 3339), and which one the program promotes, if any."""

    revision: str
    artifact_id: str | None
    since: str | None
    promote: str | None = None


@dataclass(frozen=True)
class Plan:
    """What an update of one Workload would do.

    ``causes`` make it roll; ``in_place`` and ``next_roll`` are the other changed inputs, ``replaces`` those that make
    another Workload, ``unknown`` those whose value a preview does not know; ``mended`` is what is put right in the
    cluster. ``to_revision`` is None for a version that has no number yet. ``already``: the revision that runs just what
    is wanted, though inputs say it otherwise; ``renamed``: only the Artifact's name differs. ``groups`` is None where
    the hardware is not known; ``quotas`` is empty where none counts its pods, or nobody may look. ``manual``: the new
    version waits for promotion. ``budgets``: other people's PodDisruptionBudgets in the way, a sentence each;
    ``autoscalers``: theirs that scale ours, too.
    ``violations``: policies that what serves is against, a sentence each; ``denied``: why none allow a new version;
    ``places``: which of them it is under, and where that leaves it.
    ``unshared``: why it cannot be shared as is wanted, for which the whole update would be refused.
    ``unseen``: that nobody answered, and what is not known therefore; ``right_missing``: the one to count free GPUs.
    ``bundle_said``: why the new version does not get the first of its resource bundles, or that none has room.
    """

    namespace: str
    name: str
    verdict: PlanVerdict
    causes: tuple[Cause, ...] = ()
    in_place: tuple[str, ...] = ()
    next_roll: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    from_revision: str | None = None
    from_version: str | None = None
    to_revision: str | None = None
    to_version: str | None = None
    kept_until: str | None = None
    already: str | None = None
    renamed: bool = False
    manual: bool = False
    waiting: Waiting | None = None
    hold: Hold | None = None
    groups: tuple[GroupPlan, ...] | None = None
    quotas: tuple[QuotaPlan, ...] = ()
    gpus: GpuCount | None = None
    surge: Surge | None = None
    bundle_said: str | None = None
    expected: Expected | None = None
    budgets: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    denied: str | None = None
    places: str | None = None
    autoscalers: tuple[str, ...] = ()
    unshared: str | None = None
    unseen: tuple[str, ...] = ()
    right_missing: str | None = None

    @property
    def rolls(self) -> bool:
        """Whether new pods of another version come up."""
        return self.verdict in (PlanVerdict.ROLLS, PlanVerdict.MAY_ROLL)

    @property
    def refused(self) -> bool:
        """Whether the update would end before anything moves."""
        no_room = self.surge is not None and self.surge.outcome is SurgeOutcome.REFUSED
        denied = self.rolls and self.denied is not None
        return self.verdict is PlanVerdict.REFUSED or no_room or denied or self.unshared is not None
