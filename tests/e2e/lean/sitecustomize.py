"""What do the processes of a run do less? They are short, and a tenth of their importing was garbage collection."""

import gc
import sys

gc.set_threshold(100_000, 20, 20)

# httpx imports its command line, and with it rich and click, wherever these are installed. It takes a tenth of what a
# dynamic provider takes to import; the plugin leaves it out by itself.
sys.modules["httpx._main"] = None  # type: ignore[assignment]  # so Python is told that a module is not there
