"""Whether a patch whose answer was lost has been applied, told from the object alone."""

import pytest

from inference_provider.cluster.effect import in_effect
from inference_provider.manifests.kinds import Body

BODY: Body = {
    "metadata": {"resourceVersion": "7", "annotations": {"a.b/epoch": "3", "a.b/active": "r2"}, "ownerReferences": []},
    "spec": {"ports": [{"port": 80}]},
}
EPOCH: Body = {"op": "test", "path": "/metadata/annotations/a.b~1epoch", "value": "3"}


@pytest.mark.parametrize(
    ("operations", "applied"),
    [
        ([EPOCH, {"op": "add", "path": "/metadata/annotations/a.b~1active", "value": "r2"}], True),
        ([EPOCH, {"op": "add", "path": "/metadata/annotations/a.b~1active", "value": "r1"}], False),
        ([EPOCH, {"op": "remove", "path": "/metadata/annotations/a.b~1under-way"}], True),
        ([EPOCH, {"op": "remove", "path": "/metadata/annotations/a.b~1active"}], False),
        ([{**EPOCH, "value": "2"}, {"op": "remove", "path": "/metadata/annotations/a.b~1under-way"}], False),
        ([{"op": "replace", "path": "/spec/ports/0/port", "value": 80}], True),
        ([{"op": "replace", "path": "/spec/ports/1/port", "value": 80}], False),
        ([{"op": "add", "path": "/metadata/annotations", "value": {}}], True),
        ([{"op": "test", "path": "/metadata/resourceVersion", "value": "6"}], False),
        ([{"op": "test", "path": "/metadata/resourceVersion", "value": "6"}, EPOCH], True),
    ],
)
def test_a_patch_is_in_effect_when_all_it_says_is_so(operations: list[Body], applied: object) -> None:
    assert in_effect(BODY, operations) is applied
