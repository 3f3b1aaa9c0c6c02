"""This machine's clock. `rules` has none: its functions take the time as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache


def utc_now() -> str:
    """This machine's time, in the stored format (`rules.timestamps`)."""
    second, microsecond = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{_format_second(second)}.{microsecond:06d}Z"


@lru_cache(maxsize=1)
def _format_second(second: int) -> str:
    """A second since 1970 in the stored format. Cached, as a busy server needs the same one thousands of times."""
    return datetime.fromtimestamp(second, UTC).isoformat()[: -len("+00:00")]
