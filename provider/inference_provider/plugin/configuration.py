"""The provider's own configuration: what is wrong with it, and does a change of it mean another cluster?"""

from collections.abc import Iterator
from difflib import get_close_matches

from inference_provider.cluster.identity import server_of
from inference_provider.domain.names import check_namespace
from inference_provider.errors import Fault
from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN

KEYS = ("kubeconfig", "context", "namespace")
#: What decides which cluster is meant.
PLACE = ("kubeconfig", "context")
#: How much alike two words are when one is taken for a slip of the other.
_ALIKE = 0.7


def faults(config: Properties) -> Iterator[Fault]:
    """What cannot be accepted. A key that is like none of ours is let be: a project may be called ``inference`` too."""
    for key, value in config.items():
        if key not in KEYS:
            meant = {each.lower(): each for each in KEYS}
            close = get_close_matches(key.lower(), list(meant), n=1, cutoff=_ALIKE)
            if close:
                yield Fault(key, f"there is no such setting; did you mean `{meant[close[0]]}`?")
        elif value is not None and not isinstance(value, str):
            yield Fault(key, "must be text")
    namespace = config.get("namespace")
    if isinstance(namespace, str) and namespace not in ("", UNKNOWN):
        try:
            check_namespace(namespace)
        except ValueError as error:
            yield Fault("namespace", str(error))


def elsewhere(olds: Properties, news: Properties) -> tuple[str, ...]:
    """The settings that lead to another cluster; none where that cannot be told, or is not known yet."""
    changed = tuple(key for key in PLACE if olds.get(key) != news.get(key))
    if not changed or any(each.get(key) == UNKNOWN for each in (olds, news) for key in PLACE):
        return ()
    before, after = (server_of(_text(each, "kubeconfig"), _text(each, "context")) for each in (olds, news))
    return changed if before and after and before != after else ()


def _text(config: Properties, key: str) -> str | None:
    value = config.get(key)
    return value if isinstance(value, str) and value else None
