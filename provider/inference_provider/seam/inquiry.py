"""Check and diff as both doors do them: unknown values are taken out first, and put back afterwards."""

from inference_provider.resources.registry import Kind
from inference_provider.resources.world import Checked, Difference, Properties, World
from inference_provider.seam.unknowns import as_before, concerns_unknown, with_unknowns, without_unknowns


async def checked(kind: Kind, world: World, olds: Properties, given: Properties) -> Checked:
    """What is known is validated, and nothing is said about what is not known yet."""
    known, unknown = without_unknowns(given)
    found = await kind.check(world, olds, known, unknown=unknown)
    faults = tuple(fault for fault in found.faults if not concerns_unknown(fault, unknown))
    if world.previewing and not olds and not faults:
        await foretell_creation(kind, world, given)
    return Checked(with_unknowns(found.inputs, given, unknown), faults)


async def differing(kind: Kind, world: World, identifier: str, olds: Properties, news: Properties) -> Difference:
    """What surely differs, what may, and what is not in order in the cluster."""
    _, unknown = without_unknowns(news)
    found = await kind.found(world, identifier, olds)
    return kind.diff(olds, as_before(news, olds)).and_perhaps(unknown).and_found(found)


async def foretell_creation(kind: Kind, world: World, given: Properties) -> None:
    """One line about what the creation of something will do to what is there; none where it makes something new."""
    known, unknown = without_unknowns(given)
    line = await kind.announced(world, known, unknown) if kind.announced is not None else None
    if line:
        world.report.info(line)


async def foretell(kind: Kind, world: World, olds: Properties, news: Properties, difference: Difference) -> None:
    """One line that stays, about what an update will do; none when the tree says it all."""
    line = await kind.foretell(world, olds, as_before(news, olds), difference)
    if line:
        world.report.info(line)
