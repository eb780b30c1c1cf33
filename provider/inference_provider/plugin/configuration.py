"""The provider's own configuration on its way: what is kept secret of it, and does a change mean another cluster?"""

import os

from google.protobuf.struct_pb2 import Struct

from inference_provider.cluster.identity import server_of
from inference_provider.domain.provider_settings import SECRET
from inference_provider.plugin.wire import Received, sent
from inference_provider.resources.world import Properties
from inference_provider.seam.configuration import context_in, faults
from inference_provider.seam.unknowns import UNKNOWN

__all__ = ["PLACE", "elsewhere", "faults", "kept"]

#: What decides which cluster is meant.
PLACE = ("kubeconfig", "context")


def kept(config: Received) -> Struct:
    """The configuration as the stack's state is to have it: a program in YAML, or without an SDK, marks no secrets."""
    return sent(config.values, config.secret(SECRET))


def moved(olds: Properties, news: Properties) -> str:
    """What will come of another cluster: one sentence for whoever has not meant that, and may stop now.

    Providers know clusters by their addresses only; the engine makes everything of a replaced provider anew.
    """
    before, after = _server(_as_said(olds)), _server(news)
    return (
        f"the stack's resources of this provider are in the cluster at {before}, and its settings now lead to {after}: "
        f"every one of them is made anew there, and the old one is deleted at {before} afterwards. If both are the "
        f"same cluster, stop here, and name {before} as the `server` in the kubeconfig (or choose the `context` that "
        "has it)"
    )


def _as_said(config: Properties) -> Properties:
    return {key.removeprefix("inference:"): value for key, value in config.items()}


def elsewhere(olds: Properties, news: Properties) -> tuple[str, ...]:
    """The settings that lead to another cluster; none where that cannot be told, or is not known yet.

    ``olds`` may be those of the dynamic door's provider, which has them as the stack says them: ``inference:context``.
    """
    olds = _as_said(olds)
    changed = tuple(key for key in PLACE if olds.get(key) != news.get(key))
    if not changed or any(each.get(key) == UNKNOWN for each in (olds, news) for key in PLACE):
        return ()
    before, after = (_server(each) for each in (olds, news))
    return changed if before and after and before != after else ()


def _server(config: Properties) -> str | None:
    return server_of(_text(config, "kubeconfig"), _text(config, "context") or context_in(os.environ))


def _text(config: Properties, key: str) -> str | None:
    value = config.get(key)
    return value if isinstance(value, str) and value else None
