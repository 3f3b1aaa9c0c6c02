"""When to retry, and how long to wait. Pure: the clients do the waiting.

Every call may be retried: it changes nothing, or it carries an idempotency key. Full jitter on a doubling ceiling,
after the AWS builders' library: many clients that lose one server at one moment come back spread out.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from kanban_sdk.errors import Unreachable, without_credentials
from kanban_sdk.outage import Outage
from kanban_sdk.problem_types import exception_for

if TYPE_CHECKING:
    from kanban_sdk.wire.problems import ProblemDetails

INITIAL_BACKOFF = 0.5
"""Maximum seconds of the first wait."""
MAX_BACKOFF = 8.0

TIMEOUT = 30.0
"""Seconds that one try waits for the server, unless the client sets another timeout."""
TRIES = 4
PATIENCE = 60.0
"""Seconds after which no further try of a call begins."""
OUTAGE_PATIENCE = 300.0
"""Seconds for which a server may be away before a watch, a worker or a wait without a timeout gives up."""

RETRYABLE_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
GATEWAY_STATUSES = frozenset({502, 503, 504})
"""Statuses that a proxy returns when its server is away."""
RETRYABLE_TYPES = frozenset({"idempotency-pending"})


@dataclass(frozen=True)
class RetryPolicy:
    """How a call is retried: each try takes at most `timeout` seconds, with at most `tries`; None means any number.

    No try begins later than `patience` seconds after the first.
    """

    timeout: float = TIMEOUT
    tries: int | None = TRIES
    patience: float = PATIENCE

    @property
    def outage_patience(self) -> float:
        """Seconds that a watch or a wait continues without its server: with any number of tries, the patience."""
        return self.patience if self.tries is None else max(OUTAGE_PATIENCE, self.patience)


def is_retryable(status: int, problem_type: str | None) -> bool:
    """Whether the same request may succeed later."""
    return status in RETRYABLE_STATUSES or problem_type in RETRYABLE_TYPES


def backoff_ceiling(failed: int, first: float = INITIAL_BACKOFF, longest: float = MAX_BACKOFF) -> float:
    """The longest wait after so many failures in a row, in seconds: it doubles with each of them up to `longest`."""
    return min(longest, first * 2.0 ** min(failed, 30))


def retry_delays(retries: int | None) -> Iterator[float]:
    """Seconds to wait before each retry; None means any number of retries."""
    for attempt in count() if retries is None else range(retries):
        yield random.uniform(0, backoff_ceiling(attempt))


def parse_retry_after(retry_after: str | None) -> float:
    """The seconds in a `Retry-After`, in either of its forms; 0 if it is missing or unreadable."""
    if retry_after is None:
        return 0.0
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return 0.0


def read_problem(status: int, content: bytes, url: str) -> ProblemDetails:
    """The problem in a refusal; a substitute if the refusal is not from a kanban server but, say, from a proxy."""
    try:
        problem = json.loads(content)
    except ValueError:
        problem = None
    if isinstance(problem, dict) and isinstance(problem.get("type"), str):
        return {**problem, "status": status}
    fallback: ProblemDetails = {"status": status, "detail": f"HTTP {status} from {without_credentials(url)}"}
    if status in GATEWAY_STATUSES:
        fallback["detail"] += ": the proxy does not reach the server"
        fallback["fix"] = "kanban status"
    return fallback


class RetryState:
    """The tries of one call under a policy: `tries` of None means any number; `outage` is notified of their results.

    No try begins more than `patience` seconds after the first.
    """

    def __init__(
        self,
        url: str,
        tries: int | None,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        outage: Outage | None = None,
    ) -> None:
        self._url = url
        self._delays = retry_delays(None if tries is None else tries - 1)
        self._patience = patience
        self._clock = clock
        self._deadline = clock() + patience
        self._outage = outage
        self.failed = 0
        """How many tries have failed."""

    def delay_after_error(self, error: Exception) -> float:
        """Seconds to wait after a try without a response. Raises Unreachable if it was the last."""
        reason = str(error) or type(error).__name__
        delay = self._next_delay(0.0)
        if delay is None:
            raise Unreachable(self._url, reason) from None  # the transport's own traceback adds nothing
        if self._outage is not None:
            self._outage.begin(reason, self._patience)
        return delay

    def delay_after_refusal(self, status: int, retry_after: str | None, content: bytes) -> float:
        """Seconds to wait after a refusal: what the server asked for, plus the jitter.

        Raises Refused if the same request would be refused again, or if it was the last try.
        """
        problem = read_problem(status, content, self._url)
        delay = self._next_delay(parse_retry_after(retry_after)) if is_retryable(status, problem.get("type")) else None
        if self._outage is not None:
            if status not in GATEWAY_STATUSES:
                self._outage.end()
            elif delay is not None:
                self._outage.begin(f"HTTP {status}", self._patience)
        if delay is None:
            raise exception_for(problem)
        return delay

    def _next_delay(self, minimum: float) -> float | None:
        """Seconds to wait before the next try; None if there is none. The last one may begin at the deadline."""
        self.failed += 1
        jitter = next(self._delays, None)
        remaining = self._deadline - self._clock()
        if jitter is None or remaining <= 0 or minimum > remaining:
            return None
        return min(minimum + jitter, remaining)
