"""Admission policies in memory: which version of which is in effect, as far as dry runs that ask for one can tell."""

import asyncio

from inference_provider.manifests import labels
from inference_provider.manifests.admission import ADMISSION_BINDING, ADMISSION_POLICY, in_effect
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from tests.support.fake_store import FakeStore


class FakeAdmission:
    """Looks at nothing but such questions. What is written is in effect at once, or after what ``takes`` says."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self._taken_up: set[str] | None = None
        self._seconds = 0.0

    def takes(self, seconds: float) -> None:
        """From now on, what is written is in effect so much later."""
        self._taken_up, self._seconds = self._written(), seconds
        self._store.after_write.append(self._look_later)

    def denied(self, body: Body) -> str | None:
        """What is said of a question about a version that is in effect."""
        asked = annotation(body, labels.ASKS) or ""
        return in_effect(asked) if asked in self.in_effect else None

    @property
    def in_effect(self) -> set[str]:
        """The versions that refuse."""
        return self._written() if self._taken_up is None else self._taken_up

    def _look_later(self) -> None:
        asyncio.get_running_loop().call_later(self._seconds, self._take_up)

    def _take_up(self) -> None:
        self._taken_up = self._written()

    def _written(self) -> set[str]:
        bindings = self._store.all_of(ADMISSION_BINDING)
        denying = {each["spec"]["policyName"] for each in bindings if "Deny" in each["spec"]["validationActions"]}
        policies = self._store.all_of(ADMISSION_POLICY)
        return {str(annotation(each, labels.DIGEST)) for each in policies if each["metadata"]["name"] in denying}
