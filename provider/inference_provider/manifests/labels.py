"""Which labels and annotations our objects carry, and how traffic is told apart.

Traffic goes by *slots*: every proton has one, a candidate's is its predecessor's + 1. Each pod of the primary group
carries ``even = slot // 2`` and ``odd = (slot + 1) // 2``. Both together name one slot; one of them alone names
exactly two neighbours, which is what a switch widens to without touching any pod.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DOMAIN = "pulumi-inference.dev"
MANAGED_BY = "pulumi-inference"

WORKLOAD = f"{DOMAIN}/workload"
REVISION = f"{DOMAIN}/revision"
GROUP = f"{DOMAIN}/group"
TEMPLATE = f"{DOMAIN}/template"
ARTIFACT = f"{DOMAIN}/artifact"
CONTENT = f"{DOMAIN}/content"
SERVES = f"{DOMAIN}/serves"
EVEN = f"{DOMAIN}/even"
ODD = f"{DOMAIN}/odd"
PART = f"{DOMAIN}/part"
POLICY = f"{DOMAIN}/policy"
#: Instead of ``WORKLOAD`` on a record that has outlived its Workload: nobody takes it for one of a later life.
FORMER = f"{DOMAIN}/former"

# Annotations of the Workload's Service, the anchor.
ACTIVE = f"{DOMAIN}/active"
EPOCH = f"{DOMAIN}/epoch"
LAST_REVISION = f"{DOMAIN}/last-revision"
UNDER_WAY = f"{DOMAIN}/under-way"
HOLD = f"{DOMAIN}/hold"
SUPERSEDE = f"{DOMAIN}/supersede"
PROMOTED = f"{DOMAIN}/promoted"
STOPPED = f"{DOMAIN}/stopped"
AUTOSCALING = f"{DOMAIN}/autoscaling"
SHARED = f"{DOMAIN}/shared-roles"
GATEWAY = f"{DOMAIN}/gateway"
INCARNATION = f"{DOMAIN}/incarnation"
DRIVER = f"{DOMAIN}/driver"
URN = f"{DOMAIN}/urn"
STACK = f"{DOMAIN}/stack"
DISPLAY_NAME = f"{DOMAIN}/display-name"
DESCRIPTION = f"{DOMAIN}/description"
IMPORTANCE = f"{DOMAIN}/importance"
ENVIRONMENT = f"{DOMAIN}/environment"
TAGS = f"{DOMAIN}/tags"
ARTIFACT_ID = f"{DOMAIN}/artifact-id"
ARTIFACT_TYPE = f"{DOMAIN}/artifact-type"
POLICIES = f"{DOMAIN}/policies"
CREATED_AT = f"{DOMAIN}/created-at"
UPDATED_AT = f"{DOMAIN}/updated-at"
CREATOR = f"{DOMAIN}/creator"
UPDATER = f"{DOMAIN}/updater"
SERVICE_ANNOTATIONS = f"{DOMAIN}/service-annotations"

# Annotations of a proton's Service and of a revision's record.
GROUPS = f"{DOMAIN}/groups"
SLOT = f"{DOMAIN}/slot"
FAILED = f"{DOMAIN}/failed"
INLINE_OF = f"{DOMAIN}/inline-of"
DRIVEN_BY = f"{DOMAIN}/driven-by"
STAGED = f"{DOMAIN}/staged"
VACATED = f"{DOMAIN}/vacated"
BUNDLES = f"{DOMAIN}/bundles"
KEEP_UNTIL = f"{DOMAIN}/keep-until"
PHASE = f"{DOMAIN}/phase"
PHASES = f"{DOMAIN}/phases"
OUTCOME = f"{DOMAIN}/outcome"
MESSAGE = f"{DOMAIN}/message"
WARM_UP = f"{DOMAIN}/warm-up"
PODS = f"{DOMAIN}/pods"
NODES = f"{DOMAIN}/nodes"
LIFE = f"{DOMAIN}/life"
DELETED_AT = f"{DOMAIN}/deleted-at"
DELETED_BY = f"{DOMAIN}/deleted-by"

# Annotations of the Job of a warm-up.
ORDER = f"{DOMAIN}/order"
WARMS = f"{DOMAIN}/warms"

# Annotations of what has an API server hold to a Policy: the version of the rule, whose pods it is about, who of them
# joined lately, a digest of the words that it was read from, the release that read them; and of the dry run that asks
# whether such a version is in effect.
DIGEST = f"{DOMAIN}/digest"
GOVERNED = f"{DOMAIN}/governed"
JOINED = f"{DOMAIN}/joined"
SAID = f"{DOMAIN}/said"
RELEASE = f"{DOMAIN}/release"
ASKS = f"{DOMAIN}/asks"


@dataclass(frozen=True)
class Traffic:
    """What the Workload's Service selects: one slot (both numbers known) or two neighbours (one of them)."""

    even: int | None
    odd: int | None

    @property
    def slots(self) -> tuple[int, ...]:
        """The slots that get traffic, lowest first. Empty when the selector is not one of ours."""
        if self.even is not None and self.odd is not None:
            return (self.even + self.odd,) if self.odd - self.even in (0, 1) else ()
        if self.even is not None:
            return (2 * self.even, 2 * self.even + 1)
        if self.odd is not None:
            return (2 * self.odd - 1, 2 * self.odd)
        return ()

    def selector(self, workload: str) -> dict[str, str]:
        """The Service selector for this traffic; only pods of the primary group carry these labels."""
        chosen = {SERVES: workload}
        if self.even is not None:
            chosen[EVEN] = str(self.even)
        if self.odd is not None:
            chosen[ODD] = str(self.odd)
        return chosen

    @classmethod
    def of(cls, selector: Mapping[str, str]) -> "Traffic":
        """Read a selector back; values that are not numbers count as absent."""
        return cls(even=_number(selector.get(EVEN)), odd=_number(selector.get(ODD)))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def only(slot: int) -> Traffic:
    """Traffic to one slot."""
    return Traffic(even=slot // 2, odd=(slot + 1) // 2)


def pair(one: int, other: int) -> Traffic:
    """Traffic to two neighbouring slots. Raises ValueError when they are not neighbours."""
    lower, upper = sorted((one, other))
    if upper - lower != 1:
        raise ValueError(f"slots {one} and {other} are not neighbours")
    return Traffic(even=lower // 2, odd=None) if lower % 2 == 0 else Traffic(even=None, odd=upper // 2)


def slot_labels(workload: str, slot: int) -> dict[str, str]:
    """What a pod of the primary group carries so that its slot can be selected."""
    return only(slot).selector(workload)


def identity(workload: str, *, version: str | None = None) -> dict[str, str]:
    """The labels that every object of a Workload carries."""
    named = {
        "app.kubernetes.io/name": workload,
        "app.kubernetes.io/instance": workload,
        "app.kubernetes.io/managed-by": MANAGED_BY,
        "app.kubernetes.io/part-of": MANAGED_BY,
        WORKLOAD: workload,
    }
    return named | {"app.kubernetes.io/version": version} if version else named
