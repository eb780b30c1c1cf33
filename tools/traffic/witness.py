"""Were two versions ever behind a Service at the same time? Told of every change of its EndpointSlices."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.traffic.endpoints import Endpoint, receivers
from tools.traffic.watching import Body


@dataclass(eq=False)
class Witness:
    """What was seen; who is of which version is asked at the end, when every pod is known."""

    _seen: list[tuple[Endpoint, ...]] = field(default_factory=list)

    def told(self, slices: Mapping[str, Body]) -> None:
        """These are the slices now."""
        found = receivers(slices.values())
        if not self._seen or self._seen[-1] != found:
            self._seen.append(found)

    def mixed(self, versions: Mapping[str, str]) -> int:
        """How often traffic began to go to more than one version, given the version of each pod by uid."""
        each_time = [len({versions.get(each.uid, each.uid) for each in found}) > 1 for found in self._seen]
        return sum(now and not before for before, now in zip([False, *each_time], each_time, strict=False))
