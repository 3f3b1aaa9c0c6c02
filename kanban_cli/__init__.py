"""The command line: the SDK, spoken from a shell."""

import gc

gc.set_threshold(50_000, 20, 20)  # what a command loads, it needs to its end: collecting meanwhile took a twentieth
