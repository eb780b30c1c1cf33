"""What generators of SDKs are told of functions: all that they take and answer, and no two types of one name."""

from typing import Any

from inference_provider.functions.registry import FUNCTIONS
from inference_provider.plugin.schema import schema
from inference_provider.resources.registry import KINDS


def test_every_function_is_there_with_all_that_it_takes_and_answers() -> None:
    found = schema()["functions"]

    assert set(found) == set(FUNCTIONS)
    for token, function in FUNCTIONS.items():
        sides = {"inputs": function.arguments, "outputs": function.answer}
        for side, model in sides.items():
            names = {field.alias or name for name, field in model.model_fields.items()}
            assert set(found[token][side]["properties"]) == names, "an answer may have an id, a resource may not"


def test_what_may_be_null_is_promised_nowhere() -> None:
    document = schema()
    objects = [*document["types"].values(), *(each["outputs"] for each in document["functions"].values())]

    assert "version" not in document["types"]["inference:index:ArtifactInfo"]["required"]
    assert "lockedBy" not in document["functions"]["inference:index:getWorkload"]["outputs"]["required"]
    assert all(set(each.get("required", [])) <= set(each["properties"]) for each in objects if "properties" in each)


def test_no_two_models_share_the_name_of_a_type() -> None:
    roots = [each.inputs for each in KINDS.values()] + [each.told for each in KINDS.values()]
    roots += [model for each in FUNCTIONS.values() for model in (each.arguments, each.answer)]
    known: dict[str, set[str]] = {}
    for root in roots:
        for name, body in root.model_json_schema(by_alias=True).get("$defs", {}).items():
            known.setdefault(name, set()).add(repr(_shape(body)))

    assert [name for name, shapes in known.items() if len(shapes) > 1] == []


def _shape(body: dict[str, Any]) -> list[str]:
    return sorted(body.get("properties", {}))


def test_every_resource_says_how_its_list_may_be_narrowed() -> None:
    for resource in schema()["resources"].values():
        assert set(resource["listInputs"]["properties"]) == {"namespace", "allNamespaces", "search"}
