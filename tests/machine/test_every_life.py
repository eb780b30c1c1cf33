"""Whatever happens to a stack, in whatever order: it serves on, one run makes it well, and a destroy leaves nothing.

`MACHINE_EXAMPLES=2000` looks longer, and at other lives each time. A failure names its steps.
"""

import os

from hypothesis import Phase, settings

from tests.machine.crowded import FewGpus
from tests.machine.driven import Driven
from tests.machine.grouped import ManyGroups
from tests.machine.machine import AnyLife


class AllAtOnce(FewGpus, Driven, ManyGroups):
    """Several groups on few GPUs, driven by a Replacement."""

    first = Driven.first | ManyGroups.first | FewGpus.first


def _settings(examples: int) -> settings:
    """So many lives, each of up to 20 steps, and always the same ones in CI."""
    chosen = os.environ.get("MACHINE_EXAMPLES")
    return settings(
        max_examples=int(chosen or examples),
        stateful_step_count=20,
        deadline=None,
        derandomize=chosen is None,  # the same lives in every run of CI; other ones on demand
        print_blob=True,
        report_multiple_bugs=False,
        # Shrinking takes minutes; it is for whoever looks into a failure.
        phases=[phase for phase in Phase if phase is not Phase.shrink or os.environ.get("MACHINE_SHRINK")],
    )


AnyLife.TestCase.settings = _settings(64)
FewGpus.TestCase.settings = _settings(10)
Driven.TestCase.settings = _settings(10)
ManyGroups.TestCase.settings = _settings(6)
AllAtOnce.TestCase.settings = _settings(6)

TestAnyLife = AnyLife.TestCase
TestFewGpus = FewGpus.TestCase
TestDriven = Driven.TestCase
TestManyGroups = ManyGroups.TestCase
TestAllAtOnce = AllAtOnce.TestCase
