"""Which policies hold for the pods that are about to be made? Asked when a run has its turn, and not before."""

from dataclasses import dataclass, field

from inference_provider.converge.ports import Cluster
from inference_provider.placement.allowance import Rules
from inference_provider.resources.admission import joins, leaves
from inference_provider.resources.policies_in_force import Whom, in_force
from inference_provider.resources.world import World


@dataclass
class Overseen:
    """The policies over one Workload; ``rules`` are those that were read last."""

    world: World
    whom: Whom
    rules: Rules = field(default_factory=Rules)

    async def read(self) -> Rules:
        """The rules as they are now, with the API server held to them as well. Raises ClusterErrors and NameTaken."""
        self.rules = await in_force(self.world, self.whom)
        await _at_the_api_server(self.world, await self.world.connect(), self.rules, self.whom)
        return self.rules


async def _at_the_api_server(world: World, cluster: Cluster, rules: Rules, whom: Whom) -> None:
    """It holds the pods that are made next to these policies, and to no others. One that is named counts, whether or
    not it can be read; one that this run changes counts as it stands, until that is done."""
    standing = {f"{each.namespace}/{each.name}": each for each in reversed(rules.policies)}
    workload = f"{whom.namespace}/{whom.name}"
    for said in [
        *await leaves(cluster, {*whom.named, *standing}, workload),
        *await joins(cluster, [standing[each] for each in sorted(standing)], workload),
    ]:
        world.report.warn(said)
