"""The command line: a shell interface to the SDK."""

import gc

gc.set_threshold(50_000, 20, 20)  # collecting garbage took a twentieth of a short command
