"""What do the processes of a run do less? They are short, and a tenth of their importing was garbage collection."""

import gc

gc.set_threshold(100_000, 20, 20)
