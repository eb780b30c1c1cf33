"""What a preview says of a Workload that another name makes anew: the engine foretells that as a creation."""

from tests.plugin.door import Door
from tests.resources.outside import chat, llama


async def test_another_name_warns_of_another_endpoint_though_the_engine_asks_for_a_creation(door: Door) -> None:
    made = await door.outside.artifact(llama())
    olds = await door.create(chat(made["versionId"]))
    door.outside.heard.warnings.clear()
    renamed = {**chat(made["versionId"]), "name": "talk"}

    assert (await door.diff(olds, renamed)).replaces == ["name"]
    await door.create(renamed, preview=True)

    warned = ["Workload models/talk: name changes, so it is made anew and its endpoint changes"]
    assert door.outside.heard.warnings == warned
    await door.create(renamed, preview=True)
    assert door.outside.heard.warnings == warned, "what is simply new has no endpoint to change"


async def test_a_workload_that_is_new_warns_of_nothing(door: Door) -> None:
    made = await door.outside.artifact(llama())

    await door.create(chat(made["versionId"]), preview=True)

    assert door.outside.heard.warnings == []
