"""Which part of an object a person could apply by hand."""

from benchmarks.plain_objects import plain
from inference_provider.manifests.kinds import Body


def test_what_only_the_server_fills_in_is_left_out() -> None:
    service: Body = {
        "kind": "Service",
        "metadata": {
            "name": "chat",
            "namespace": "models",
            "uid": "1",
            "resourceVersion": "2",
            "labels": {"a": "b"},
            "ownerReferences": [{"uid": "3"}],
        },
        "spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{"port": 80}]},
        "status": {"loadBalancer": {}},
    }

    assert plain(service) == {
        "kind": "Service",
        "metadata": {"name": "chat", "labels": {"a": "b"}, "annotations": {}},
        "spec": {"ports": [{"port": 80}]},
    }
