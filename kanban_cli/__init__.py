"""The command line: a shell interface to the SDK."""

import gc

gc.set_threshold(50_000, 20, 20)  # a command keeps what it loads until it ends; collecting meanwhile took a twentieth
