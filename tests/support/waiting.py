"""Wait for conditions, never for time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], *, within: float = 30.0, what: str = "the condition") -> T:
    """Return the condition's value once it is true. Fails if that takes longer than `within` seconds."""
    deadline = time.monotonic() + within
    pause = 0.001
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about within {within} s; last: {value!r}")
        time.sleep(pause)
        pause = min(0.05, pause * 2)
