"""`policy check`: does everything that runs stand where policies allow it? A verdict for each policy and version."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from inference_provider.cli.call import Call, command
from inference_provider.cli.failure import VIOLATED
from inference_provider.cli.options import AllNamespaces
from inference_provider.cli.pods import short_model
from inference_provider.cli.terminal import remarks
from inference_provider.resources.policy_check import Asked, Judged, Place, PolicySaid, judged
from inference_provider.rollout.fleet import Role
from inference_provider.seam.errand import Errand

STYLES = {"violated": "bold red", "warned": "yellow", "allowed": "green"}
_ORDER = (*STYLES, "under no policy")
#: What people call a version that does not serve.
_ROLES = {Role.CANDIDATE.value: "coming up", Role.RETAINED.value: "kept", Role.FAILED.value: "failed"}
_LEFT = "What runs is left alone; the next version of each is only started where its policies allow it."
#: So many nodes are named; JSON has them all.
_NODES = 6

_Workloads = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAMESPACE/WORKLOAD",
        help="Workloads, as in chat or models/chat; without any all of the namespace.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Give the command line what is asked about policies."""
    group = typer.Typer(name="policy", help="Whether what runs is where policies allow it.", no_args_is_help=True)
    command(group, "check")(_check)
    app.add_typer(group)


def _check(call: Call, workloads: _Workloads = None, *, all_namespaces: AllNamespaces = False) -> None:
    """What each policy says of what runs, and what that rests on.

    Nothing is changed. Ends with 7 when something is violated; a sandbox only warns.
    """
    if workloads and all_namespaces:
        raise typer.BadParameter("name Workloads or say -A; write those of other namespaces as in models/chat")

    async def look(errand: Errand) -> tuple[str | None, tuple[Judged, ...]]:
        place = None if all_namespaces else errand.namespace
        return place, await judged(errand.world, place, workloads or ())

    namespace, found = call.asks(look)
    if found or call.json:
        call.says(found, lambda: verdicts(found, named=bool(workloads)))
    if not call.json:
        _remark(found, namespace)
    if any(each.verdict == "violated" for each in found):
        raise typer.Exit(VIOLATED)


def _remark(found: Sequence[Judged], namespace: str | None) -> None:
    """What is no answer: that there is nothing, or that not everything could be looked at."""
    if not found:
        where = f"in namespace {namespace}; name another one with -n, or see all with -A" if namespace else "anywhere"
        remarks().print(f"There is no Workload {where}.")
    for line in sorted({line for each in found for line in each.unseen}):
        remarks().print(Text(line, "dim"))


def verdicts(found: Sequence[Judged], *, named: bool) -> RenderableType:
    """What there is to say of each version; one line for what is allowed, unless it was asked for by name."""
    shown = [_in_full(each) if named or not _is_plain(each) else _in_short(each) for each in found]
    left = [Text(_LEFT, "dim")] if any(each.verdict == "violated" for each in found) else []
    return Group(*shown, *([Text(_sum(found))] if len(found) > 1 else []), *left)


def _is_plain(each: Judged) -> bool:
    return not any(said.message for said in each.policy_verdicts)


def _in_short(each: Judged) -> RenderableType:
    said = "  under no policy"
    if each.verdict is not None:
        said = f" by {' and '.join(str(one.policy) for one in each.policy_verdicts)}"
    word = Text(f"  {each.verdict}", STYLES[each.verdict]) if each.verdict is not None else Text()
    return Text.assemble(_head(each), word, said)


def _head(each: Judged) -> Text:
    """Which version: ``models/chat  r1 (retained)``."""
    role = "" if each.role == Role.ACTIVE else f" ({_ROLES.get(each.role, each.role)})"
    return Text.assemble((f"{each.namespace}/{each.name}", "bold"), f"  {each.revision}{role}")


def _in_full(each: Judged) -> RenderableType:
    word = Text(f"  {each.verdict}", STYLES[each.verdict]) if each.verdict is not None else Text("  under no policy")
    root = Tree(Text.assemble(_head(each), word), guide_style="dim")
    for said in each.policy_verdicts:
        root.add(_said(said))
    for line in _grounds(each):
        root.add(Text(line))
    return root


def _said(said: PolicySaid) -> RenderableType:
    which = f"  Policy {said.policy} ({said.type}; {said.because})" if said.policy else "  its policies"
    head = Text.assemble((said.verdict, STYLES[said.verdict]), which)
    return Group(head, Text(said.message)) if said.message else head


def _grounds(each: Judged) -> Iterator[str]:
    """What the verdicts rest on."""
    for asked in each.inputs:
        yield f"pods of {asked.group} ask for {_wishes(asked)}"
    if each.nodes:
        more = f" and {len(each.nodes) - _NODES} more" if len(each.nodes) > _NODES else ""
        yield f"they run on {', '.join(_node(one) for one in each.nodes[:_NODES])}{more}"


def _wishes(asked: Asked) -> str:
    count = "no GPUs" if not asked.gpus else f"{asked.gpus} GPU" if asked.gpus == 1 else f"{asked.gpus} GPUs"
    selected = [f"{key}={value}" for key, value in sorted(asked.node_selector.items())]
    keys = {str(one["key"]) for term in asked.node_affinity for one in term.get("matchExpressions") or ()}
    where = [*selected, *([f"nodes chosen by {', '.join(sorted(keys))}"] if keys else [])]
    return f"{count}, on {' and '.join(where)}" if where else f"{count}, on any node"


def _node(place: Place) -> str:
    known = [place.region, place.country, short_model(place.gpu) if place.gpu else None]
    said = ", ".join(filter(None, known)) or "says no region"
    return f"{place.node} ({said})"


def _sum(found: Sequence[Judged]) -> str:
    counts = Counter(each.verdict or "under no policy" for each in found)
    return f"{len(found)} versions: " + ", ".join(f"{counts[word]} {word}" for word in _ORDER if counts[word])
