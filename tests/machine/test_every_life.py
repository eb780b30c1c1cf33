"""Whatever happens to a stack, in whatever order: it serves on, one run makes it well, and a destroy leaves nothing.

`MACHINE_EXAMPLES=2000` looks longer, and at other lives each time. A failure names its steps.
"""

import os

from hypothesis import Phase, settings

from tests.machine.machine import AnyLife

#: Lives per run, each of up to 20 steps.
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "80"))

AnyLife.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=20,
    deadline=None,
    derandomize="MACHINE_EXAMPLES" not in os.environ,  # the same lives in every run of CI; other ones on demand
    print_blob=True,
    report_multiple_bugs=False,
    # Shrinking takes minutes; it is for whoever looks into a failure.
    phases=[phase for phase in Phase if phase is not Phase.shrink or os.environ.get("MACHINE_SHRINK")],
)
TestAnyLife = AnyLife.TestCase
