"""Who refused, when the API server says that an admission policy did?"""

import re
from dataclasses import dataclass

from inference_provider.manifests.admission import policy_of

_SAID = re.compile(r"ValidatingAdmissionPolicy '([^']+)' with binding '[^']*' denied request: ?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Denial:
    """``admission`` is the ValidatingAdmissionPolicy's name, ``sentence`` what it says, without a full stop."""

    admission: str
    sentence: str

    @property
    def who(self) -> str:
        """In words: the Policy that it was made for, or the object itself where somebody else made it."""
        policy = policy_of(self.admission)
        return f"Policy {policy}" if policy else f"ValidatingAdmissionPolicy {self.admission}"

    @property
    def cure(self) -> str:
        """What to do about what we made ourselves, and placed as the Policy says; nothing for other people's."""
        older = "If the preview saw nothing against it, the API server holds to an older reading of that Policy"
        return f"{older}: run `pulumi up` where it is declared" if policy_of(self.admission) else ""


def denial(message: str) -> Denial | None:
    """Read the server's own words, in an answer or in a controller's condition; None when no such policy refused."""
    found = _SAID.search(message)
    return Denial(found[1], " ".join(found[2].split()).removesuffix(".")) if found else None
