"""Counters of the server's work: plain numbers, read by the metrics endpoint.

Each is written by one thread, the event loop's, so that counting costs an addition and no lock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

SECONDS_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64)


class Histogram:
    """The distribution of values over some bounds."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    def cumulative_counts(self) -> Iterator[tuple[str, int]]:
        """Each bound, and how many values were at most that; the last bound is `+Inf`."""
        return zip([*map(str, self._bounds), "+Inf"], accumulate(self._counts), strict=True)


@dataclass
class RequestMetrics:
    """The requests that were answered."""

    answered: dict[tuple[str, str, int, str], int] = field(default_factory=dict)
    """Method, route, status and kind of client to number of requests."""
    seconds: Histogram = field(default_factory=lambda: Histogram(SECONDS_BUCKETS))
    """Seconds from the request to the first byte of its response."""


@dataclass
class WriteMetrics:
    """Committed changes."""

    kept: int = 0
    refused: int = 0
    events: int = 0
    sizes: Histogram = field(default_factory=lambda: Histogram(SIZE_BUCKETS))
    """How many changes shared a commit."""


@dataclass
class StreamMetrics:
    """Events sent to readers."""

    seconds: Histogram = field(default_factory=lambda: Histogram(SECONDS_BUCKETS))
    """Seconds from a commit until its events were written to every socket that receives them."""
    replays: int = 0
    resyncs: dict[str, int] = field(default_factory=dict)
    """Reason to number of resyncs."""

    def count_resync(self, reason: str) -> None:
        """Count a cursor that could not be served."""
        self.resyncs[reason] = self.resyncs.get(reason, 0) + 1
