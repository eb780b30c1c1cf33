"""The commands that only look: what serves now, what was before, what happened."""

from pathlib import Path

import typer
from rich.console import RenderableType
from rich.text import Text

from inference_provider.cli.address import address
from inference_provider.cli.call import Call, command
from inference_provider.cli.changes import facts
from inference_provider.cli.options import (
    AllNamespaces,
    Deleted,
    Page,
    Revision,
    SomeWorkload,
    Watch,
    Workload,
    revision_of,
)
from inference_provider.cli.page import page
from inference_provider.cli.past import happenings, in_full, lives, pasts
from inference_provider.cli.table import against, listed_facts, listing
from inference_provider.cli.terminal import remarks
from inference_provider.cli.tree import tree
from inference_provider.cli.watching import Shown, watch
from inference_provider.cli.written import listed
from inference_provider.domain.names import parse_revision
from inference_provider.errors import InferenceError
from inference_provider.resources import following
from inference_provider.resources import status as asked
from inference_provider.resources.deleted import deleted
from inference_provider.resources.events import events
from inference_provider.resources.revision import history, revision
from inference_provider.resources.status import Status
from inference_provider.resources.timeline import timeline
from inference_provider.seam.errand import Errand

_HERE = "There is no Workload here"


def register(app: typer.Typer) -> None:
    """Give the command line what looks."""
    command(app, "status")(_status)
    command(app, "list")(_list)
    command(app, "history")(_history)
    command(app, "revision")(_revision)
    command(app, "events")(_events)


def _status(call: Call, workload: SomeWorkload = None, *, watching: Watch = False) -> None:
    """What serves, what comes, what is kept, who is at it."""
    if workload is None:
        _list(call, watching=watching)
        return

    def drawn(seen: Status) -> RenderableType:
        return tree(seen, now=call.here.now(), command=address(call.target, workload))

    if not watching:
        found = call.asks(lambda errand: asked.status(errand.world, errand.namespace, workload))
        call.says(found, lambda: drawn(found))
    elif watch(
        call,
        Shown(drawn, facts, lambda seen: seen),
        lambda errand, onlooker: following.follow(errand.world, errand.namespace, workload, onlooker),
    ):
        remarks().print(f"Workload {workload} is gone")


def _list(call: Call, *, all_namespaces: AllNamespaces = False, gone: Deleted = False, watching: Watch = False) -> None:
    """Every Workload of a namespace, or of all, a row each."""
    if gone:
        left = call.asks(lambda errand: deleted(errand.world, None if all_namespaces else errand.namespace))
        call.says(left, lambda: lives(left, now=call.here.now(), everywhere=all_namespaces))
        return

    def place(errand: Errand) -> str | None:
        return None if all_namespaces else errand.namespace

    def drawn(seen: tuple[Status, ...]) -> RenderableType:
        return listing(seen, now=call.here.now(), everywhere=all_namespaces) if seen else Text(_HERE)

    if watching:
        shown = Shown(drawn, listed_facts, listed)
        watch(call, shown, lambda errand, who: following.follow_all(errand.world, place(errand), who))
        return

    async def look(errand: Errand) -> tuple[str | None, tuple[Status, ...]]:
        return place(errand), await asked.listing(errand.world, place(errand))

    namespace, found = call.asks(look)
    if found or call.json:
        call.says(listed(found), lambda: drawn(found))
    else:
        where = f"in namespace {namespace}; name another one with -n, or see all with -A" if namespace else "anywhere"
        remarks().print(f"There is no Workload {where}.")
    for line in () if call.json else sorted({line for each in found for line in each.unseen}):
        remarks().print(Text(line, "dim"))
    for line in () if call.json else against(found):
        remarks().print(Text(line, "yellow"))


def _history(call: Call, workload: Workload, *, gone: Deleted = False, html: Page = None) -> None:
    """Every replacement, undo and promotion, and how it ended."""
    if html is not None:
        now = call.here.now()
        seen = call.asks(lambda errand: timeline(errand.world, errand.namespace, workload, now=now, deleted=gone))
        _write(Path(html), page(seen))
        remarks().print(f"{html} is written; open it in a browser.")
        return
    found = call.asks(lambda errand: history(errand.world, errand.namespace, workload, deleted=gone))
    newest = address(call.target, f"{workload} {found[-1].revision}")
    call.says(found, lambda: pasts(found, now=call.here.now(), command=newest))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InferenceError(f"could not write the page to {path}: {error.strerror}; name another file") from None


def _revision(call: Call, workload: Workload, number: Revision) -> None:
    """All that is on record of one revision."""
    wanted = parse_revision(revision_of(number))
    found = call.asks(lambda errand: revision(errand.world, errand.namespace, workload, wanted))
    call.says(found, lambda: in_full(found, now=call.here.now()))


def _events(call: Call, workload: Workload) -> None:
    """What happened, from Kubernetes and our records."""
    found = call.asks(lambda errand: events(errand.world, errand.namespace, workload))
    call.says(found, lambda: happenings(found, now=call.here.now()))
    for line in () if call.json else found.unseen:
        remarks().print(Text(line, "dim"))
