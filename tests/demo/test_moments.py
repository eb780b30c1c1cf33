"""What the demonstration's table says of a look at the cluster."""

from inference_provider.manifests import labels
from tools.cluster.client import Answer
from tools.demo.moment import Moment, Version, heading, moment_of

SERVICE: Answer = {"metadata": {"name": "chat", "namespace": "default"}, "spec": {"ports": [{"port": 80}]}}


def pod(uid: str, version: str, *, ready: bool) -> Answer:
    """A pod of a version."""
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return {"metadata": {"uid": uid, "labels": {labels.REVISION: version}}, "status": {"conditions": conditions}}


def part(service: str, *uids: str) -> Answer:
    """A slice of a Service that sends to these pods."""
    endpoints = [{"targetRef": {"uid": uid}, "conditions": {"ready": True}} for uid in uids]
    return {"metadata": {"labels": {"kubernetes.io/service-name": service}}, "endpoints": endpoints}


def test_the_old_version_keeps_its_traffic_while_the_new_one_loads() -> None:
    pods = [pod("a", "r1", ready=True), pod("b", "r1", ready=True), pod("c", "r2", ready=False)]

    moment = moment_of("chat", SERVICE, [part("chat", "a", "b"), part("chat-r2", "c")], pods)

    assert moment == Moment(
        "http://chat.default.svc.cluster.local",
        {"r1": Version(pods=2, ready=2, traffic=2), "r2": Version(pods=1, ready=0, traffic=0)},
    )
    assert moment.serving == 2


def test_a_row_stands_under_its_heading() -> None:
    row = Moment("http://chat", {"r2": Version(pods=2, ready=1, traffic=1)}).row(12.34)

    assert row.startswith(" 12.3 s")
    assert row.index("1 of 2") == heading().index("r2 ready")
    assert row.index("http://chat") == heading().index("endpoint")


def test_before_there_is_a_service_nothing_is_shown() -> None:
    assert moment_of("chat", None, [], []) == Moment()
