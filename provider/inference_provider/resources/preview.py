"""One line that says what an update will do to people's GPUs, before anything happens."""

from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_words import line, remarks, warnings
from inference_provider.resources.world import Difference, Properties, World
from inference_provider.rollout.plan import PlanVerdict


async def plan_line(world: World, olds: Properties, news: Properties, difference: Difference) -> str | None:
    """What rolls and why, GPUs needed and free; None when nothing rolls and the tree says it all.

    What is put right, and what somebody should be warned of, is reported beside it: above all another endpoint.
    """
    plan = await plan_of(world, olds, news, difference)
    for said in warnings(plan):
        world.report.warn(said)
    for said in remarks(plan):
        world.report.info(said)
    sentence = line(plan)
    if plan.verdict is PlanVerdict.MADE_ANEW and sentence is not None:  # whoever calls it has to know
        world.report.warn(sentence)
        return None
    return sentence
