"""Every message that the troubleshooting guide quotes is still said: ours in the sources, Pulumi's in its program."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT

GUIDE = (ROOT / "docs/guides/troubleshooting.md").read_text()
OURS, _, PULUMIS = GUIDE.partition("## Pulumi itself complains")
#: Shorter ones would be found anywhere.
SHORTEST = 8


def quoted(text: str) -> list[str]:
    """The messages in the first columns of its tables; one message may hold backticks of its own."""
    rows = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| ")]
    return [message for row in rows for message in re.findall(r"`((?:[^`]|(?<= )`[^`]+`(?= ))+)`", row)]


def fixed(message: str) -> list[str]:
    """What stands between the names and numbers."""
    return [part for part in (each.strip(" .:") for each in message.split("…")) if len(part) >= SHORTEST]


@cache
def said() -> tuple[str, ...]:
    """Every text in the product's sources; where a value goes into one, there is a mark."""
    files = sorted((ROOT / "provider/inference_provider").rglob("*.py"))
    return tuple(text for path in files for text in _texts(ast.parse(path.read_text())))


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("message", quoted(OURS))
def test_we_still_say(message: str) -> None:
    unsaid = [part for part in fixed(message) if not any(part in text for text in said())]

    assert unsaid == []


def test_the_guide_quotes_whole_sentences_of_ours() -> None:
    assert sum(bool(fixed(message)) for message in quoted(OURS)) >= 25


def test_pulumi_still_says_what_we_quote_of_it(toolchain_bin: Path) -> None:
    program = (toolchain_bin / "pulumi").read_bytes()
    messages = quoted(PULUMIS)

    assert len(messages) >= 6
    assert [each for each in messages if each.encode() not in program] == []
