"""When to try again, and how long to wait. Pure: the clients do the waiting.

Full jitter on a doubling ceiling, after the AWS builders' library: many clients that lost one server at one moment
come back spread out. `Retry-After` is obeyed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

FIRST_CEILING = 0.5
"""Seconds that the first wait may take."""
CEILING = 8.0
RETRY_AFTER_MOST = 60.0
"""Seconds of a `Retry-After` that are obeyed."""

STATUSES = frozenset({408, 429, 502, 503, 504})
TYPES = frozenset({"idempotency-pending"})


def worth_retrying(status: int, problem_type: str | None, *, keyed: bool) -> bool:
    """Whether the same request may succeed later. A 500 is tried again only under a key, or where nothing changes."""
    return status in STATUSES or problem_type in TYPES or (status == 500 and keyed)


def waits(retries: int) -> Iterator[float]:
    """How long to wait before each retry, in seconds."""
    for attempt in range(retries):
        yield random.uniform(0, min(CEILING, FIRST_CEILING * 2**attempt))


def after(header: str | None, wait: float) -> float:
    """The wait, or what the server asked for, where that is longer and can be read."""
    try:
        asked = float(header or 0)
    except ValueError:
        return wait
    return min(RETRY_AFTER_MOST, max(wait, asked))
