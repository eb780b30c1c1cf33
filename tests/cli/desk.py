"""A person's desk: the command line, run in this process against a cluster in memory, on virtual time."""

import contextlib
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from typer.testing import CliRunner, Result

from inference_provider.cli.app import app
from inference_provider.converge.ports import Reporter
from inference_provider.errors import InferenceError
from inference_provider.seam.errand import Errand, Target
from tests.resources.outside import Outside
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers
from tests.support.virtual_time import VirtualLoop

T = TypeVar("T")


@dataclass(frozen=True)
class FakeVisit:
    """A cluster in memory that answers."""

    errand: Errand
    loop: VirtualLoop

    def do(self, work: Coroutine[object, object, T]) -> T:
        """Do it to its end."""
        return self.loop.run_until_complete(work)


@dataclass
class Desk:
    """Surroundings that tests choose. ``closed`` is why the cluster cannot be reached; ``answers`` are a person's."""

    home: Path
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    closed: BaseException | None = None
    version: str = "v1.36.3"
    answers: list[bool] | None = None
    asked: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    clock: datetime | None = None

    def __post_init__(self) -> None:
        self.outside = Outside()
        self.cluster = FakeCluster("models")
        self.outside.cluster = self.cluster
        self.outside.controllers = FakeControllers(self.cluster)

    @contextlib.contextmanager
    def visit(self, target: Target, report: Reporter) -> Iterator[FakeVisit]:
        """Nothing is connected to."""
        self.targets.append(target)
        if self.closed is not None:
            raise self.closed
        namespace = target.namespace or "models"
        world = self.outside.world(report=report, namespace=namespace, urn="")
        yield FakeVisit(Errand(world, self.cluster, namespace, "lab", "https://lab:6443", self.version), self.loop)

    def now(self) -> datetime:
        """The clock of this machine, unless a test has stopped it."""
        return self.clock or datetime.now(UTC)

    def interactive(self) -> bool:
        """Whether there is a person."""
        return self.answers is not None

    def confirm(self, question: str) -> bool:
        """The person's next answer."""
        self.asked.append(question)
        assert self.answers
        return self.answers.pop(0)

    def does(self, work: Coroutine[object, object, T]) -> T:
        """What happens in the cluster besides."""
        return self.loop.run_until_complete(work)

    def types(
        self, *arguments: str, columns: int | None = None, environ: Mapping[str, str | None] | None = None
    ) -> Result:
        """What a person types after `pulumi-inference`, and what comes of it; piped unless ``columns`` are given."""
        plain = {"COLUMNS": str(columns) if columns else None, "NO_COLOR": "1"}
        return CliRunner(env={**plain, **(environ or {})}).invoke(
            app, list(arguments), obj=self, catch_exceptions=False
        )


def unreachable(error: type[InferenceError] = InferenceError) -> InferenceError:
    """What a connection says that fails."""
    return error("could not log in to cluster lab: no answer from https://lab:6443: connection refused")
