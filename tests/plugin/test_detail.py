"""A difference as the tree of `pulumi preview --diff` shows it."""

from pulumi.runtime.proto.provider_pb2 import PropertyDiff

from inference_provider.plugin.detail import detailed
from inference_provider.resources.changes import changed_paths
from inference_provider.resources.world import Difference, Properties
from tests.plugin.door import Door
from tests.resources.outside import chat, llama, runtime


def test_each_property_says_whether_it_comes_goes_changes_or_makes_another_resource() -> None:
    olds: Properties = {"name": "chat", "tags": {"team": "a"}, "runtime": {"containerGroups": [{"replicaCount": 1}]}}
    news: Properties = {
        "name": "talk",
        "tags": {},
        "runtime": {"containerGroups": [{"replicaCount": 2}]},
        "description": "x",
    }
    paths = ("tags.team", "runtime.containerGroups[0].replicaCount", "description", "name")

    found = detailed(Difference(paths, replaces=("name",)), olds, news)

    kinds = {path: entry.kind for path, entry in found.items()}
    assert kinds == {
        "name": PropertyDiff.UPDATE_REPLACE,
        "tags.team": PropertyDiff.DELETE,
        "runtime.containerGroups[0].replicaCount": PropertyDiff.UPDATE,
        "description": PropertyDiff.ADD,
    }
    assert all(entry.inputDiff for entry in found.values())


def test_what_is_only_out_of_order_in_the_cluster_is_not_drawn_as_an_output_that_is_taken_away() -> None:
    """Of outputs, the engine shows the old value, and what the new inputs say there: nothing."""
    found = detailed(Difference(("held",), found=("r2 is half made",)), {"name": "chat"}, {"name": "chat"})

    assert {path: (entry.kind, entry.inputDiff) for path, entry in found.items()} == {
        "held": (PropertyDiff.UPDATE, True),
        "status": (PropertyDiff.UPDATE, True),
    }


def test_nothing_is_listed_when_nothing_changes() -> None:
    assert detailed(Difference(), {"name": "chat"}, {"name": "chat"}) == {}


def test_a_key_with_a_dot_is_one_step_of_the_path() -> None:
    olds: Properties = {"tags": {"example.com/team": "a", 'say "x"': "1"}}
    news: Properties = {"tags": {"example.com/team": "b", 'say "x"': "1", "new.one": "c"}}

    found = detailed(Difference(tuple(changed_paths(olds, news))), olds, news)

    kinds = {path: entry.kind for path, entry in found.items()}
    assert kinds == {'tags["example.com/team"]': PropertyDiff.UPDATE, 'tags["new.one"]': PropertyDiff.ADD}


def test_an_input_that_the_program_says_no_more_is_taken_away() -> None:
    found = detailed(Difference(("description",)), {"description": "x"}, {})

    assert {path: entry.kind for path, entry in found.items()} == {"description": PropertyDiff.DELETE}


async def test_what_the_tree_shows_on_one_line_are_properties_as_the_program_had_them(door: Door) -> None:
    """The engine's summary leaves out every path that is no property: of more pods it said `[diff: ]`."""
    made = await door.outside.artifact(llama())
    olds = await door.create(chat(made["versionId"], runtime=runtime(replicas=1.0)))
    more = chat(made["versionId"], runtime=runtime(replicas=2.0), description="x", tags={"a": "b"})

    answer = await door.diff(olds, more)

    assert sorted(answer.diffs) == ["description", "runtime", "tags"]
    kinds = {path: entry.kind for path, entry in answer.detailedDiff.items()}
    assert kinds == {
        "description": PropertyDiff.ADD,
        "runtime.containerGroups[0].replicaCount": PropertyDiff.UPDATE,
        "tags.a": PropertyDiff.ADD,
    }
