"""What do the processes of a run do less? They are short, and a tenth of their importing was garbage collection."""

import gc
import sys

gc.set_threshold(100_000, 20, 20)

# httpx imports its command line, and with it rich and click, wherever these are installed: in this environment they
# are, for a linter, and at a user's they are not. It takes a tenth of what the product takes to import.
sys.modules["httpx._main"] = None  # type: ignore[assignment]  # how Python is told that a module is not there
