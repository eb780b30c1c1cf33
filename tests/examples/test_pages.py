"""What our pages point to is there, and what they show compiles and is what the schema's examples show."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT

SHOWN = "provider/inference_provider/plugin/examples/workload.md"


def pages() -> list[Path]:
    """Everything that people read here; generated SDKs have their own."""
    folders = (ROOT / "docs").rglob("*.md"), (ROOT / "examples").glob("*/README.md"), (ROOT / "examples").glob("*.md")
    return sorted([*ROOT.glob("*.md"), *(path for found in folders for path in found)])


def without_code(text: str) -> str:
    """The page's own words."""
    return re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.DOTALL | re.MULTILINE)


def fences(text: str, language: str) -> list[str]:
    """The blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What its headings are called in an address, as GitHub has it."""
    headings = re.findall(r"^#+ (.+)$", without_code(page.read_text()), flags=re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)]\([^)]*\)", r"\1", each).lower() for each in headings)
    return {re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in plain}


def broken(page: Path) -> Iterator[str]:
    """Links that lead nowhere."""
    for target in re.findall(r"]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", without_code(page.read_text()))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        unheard = bool(anchor) and there.suffix == ".md" and there.exists() and anchor not in anchors(there)
        if unheard or not there.exists():
            yield target


def test_every_link_to_a_file_or_a_heading_leads_there() -> None:
    assert {page.relative_to(ROOT).as_posix(): found for page in pages() if (found := [*broken(page)])} == {}


def test_a_link_to_nothing_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# It's `so`\n[a](page.md#its-so) [b](nothing.md) [c](page.md#so) `[d](code.md)`\n```\n[e](x.md)\n```"
    )

    assert list(broken(page)) == ["nothing.md", "page.md#so"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_python_that_a_page_shows_is_python(page: Path) -> None:
    for shown in fences(page.read_text(), "python"):
        ast.parse(re.sub(r", \.\.\.(?=[)}\]])", "", shown))  # `...` leaves out what is not the point


@pytest.mark.parametrize("language", ["typescript", "python", "go", "yaml"])
def test_the_overview_shows_the_program_that_the_schema_shows(language: str) -> None:
    (shown,) = fences((ROOT / "docs/_index.md").read_text(), language)

    assert shown == fences((ROOT / SHOWN).read_text(), language)[0], f"copy the first example of {SHOWN}"


@pytest.mark.parametrize("page", ["_index.md", "installation-configuration.md"])
def test_pulumis_registry_finds_what_it_needs_in_front_of_a_page(page: str) -> None:
    front = (ROOT / "docs" / page).read_text().split("---\n")[1]
    said = dict(line.split(": ", 1) for line in front.splitlines())

    assert said["layout"] == "package"
    assert said["title"]
    assert 50 <= len(said["meta_desc"]) <= 160
