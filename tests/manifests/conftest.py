"""Golden files: what the cluster is told, word for word. `pytest tests/manifests --update-golden` writes them anew."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inference_provider.manifests.kinds import Body

_GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known when this folder is named on the command line."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; then look at git diff")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Body], None]:
    """Compare a body with its golden file."""
    update = bool(request.config.getoption("--update-golden", default=False))

    def same(name: str, body: Body) -> None:
        path = _GOLDEN / f"{name}.json"
        if update:
            path.write_text(json.dumps(body, indent=2) + "\n")
        assert body == json.loads(path.read_text()), (
            f"{path.name} differs; see `pytest tests/manifests --update-golden`"
        )

    return same
