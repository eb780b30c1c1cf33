"""A desk for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.cli.fitted import fitted


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk in an empty folder, of somebody with an empty home."""
    for name in ("home", "folder"):
        (tmp_path / name).mkdir()
    desk = Desk(home=tmp_path / "home", folder=tmp_path / "folder")
    yield desk
    desk.loop.close()


@pytest.fixture
def fit(desk: Desk) -> Desk:
    """A desk where everything is as it should be."""
    return fitted(desk)
