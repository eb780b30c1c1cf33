"""Whom may a proxy send a new connection to? Read from the EndpointSlices of a Service, as kube-proxy reads them."""

from collections.abc import Iterable
from dataclasses import dataclass

from tools.traffic.watching import Body


@dataclass(frozen=True, order=True)
class Endpoint:
    """A pod behind a Service."""

    pod: str
    uid: str


def receivers(slices: Iterable[Body]) -> tuple[Endpoint, ...]:
    """The ready endpoints of all slices; where there is none, those that end and still serve."""
    listed = [each for part in slices for each in part.get("endpoints") or [] if each.get("targetRef")]
    ready = {_endpoint(each) for each in listed if each["conditions"].get("ready") is not False}
    ending = {_endpoint(each) for each in listed if _serves_while_it_ends(each["conditions"])}
    return tuple(sorted(ready or ending))


def _endpoint(listed: Body) -> Endpoint:
    return Endpoint(listed["targetRef"]["name"], listed["targetRef"]["uid"])


def _serves_while_it_ends(conditions: Body) -> bool:
    return conditions.get("terminating") is True and conditions.get("serving") is not False
