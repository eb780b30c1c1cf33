"""What is about to be made anew, and what does its preview say? The engine foretells that as a creation.

Its Diff has said that another resource is needed, and why; what Create is asked then says neither.
"""

from inference_provider.resources.registry import Kind
from inference_provider.resources.world import Difference, Properties, World
from inference_provider.seam import inquiry


class Anew:
    """By URN, what the resource was when diff said that another one is needed."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[Properties, Difference]] = {}

    def remember(self, urn: str, olds: Properties, difference: Difference) -> None:
        """What diff has said."""
        self._before.pop(urn, None)
        if difference.replaces:
            self._before[urn] = (olds, difference)

    async def foretell(self, kind: Kind, world: World, given: Properties) -> None:
        """What becomes of the old one, and what the creation will do to what is there."""
        before = self._before.pop(world.urn, None)
        if before is not None:
            olds, difference = before
            await inquiry.foretell(kind, world, olds, given, difference)
        await inquiry.foretell_creation(kind, world, given)
