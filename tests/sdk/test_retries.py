"""When a call is retried, and after how long."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanban_sdk import NotFound, Refused, ServerError, TooManyRequests, Unreachable
from kanban_sdk.transport.retries import (
    INITIAL_BACKOFF,
    MAX_BACKOFF,
    RetryPolicy,
    RetryState,
    is_retryable,
    parse_retry_after,
    read_problem,
    retry_delays,
)

URL = "http://board.example"
BUSY = json.dumps({"type": "busy", "status": 503, "detail": "Busy."}).encode()


class Clock:
    """A clock that tests set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def longest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every delay is the longest possible."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)


@pytest.mark.parametrize(
    ("status", "type", "expected"),
    [
        (408, None, True),
        (429, "too-many-messages", True),
        (500, "internal", True),
        (502, None, True),
        (503, "busy", True),
        (504, None, True),
        (409, "idempotency-pending", True),
        (400, None, False),
        (404, "not-found", False),
        (409, "already-claimed", False),
        (412, "version-conflict", False),
        (422, "idempotency-mismatch", False),
        (507, "storage-full", False),
    ],
)
def test_only_a_request_that_may_succeed_later_is_retried(status: int, type: str | None, expected: bool) -> None:
    assert is_retryable(status, type) is expected


@given(st.integers(0, 12))
def test_there_is_a_delay_per_retry_below_a_doubling_maximum(retries: int) -> None:
    delays = list(retry_delays(retries))
    assert len(delays) == retries
    assert all(0 <= wait <= min(MAX_BACKOFF, INITIAL_BACKOFF * 2**n) for n, wait in enumerate(delays))


def test_the_longest_delays_double_up_to_the_maximum(longest_waits: None) -> None:
    assert list(retry_delays(7)) == [0.5, 1, 2, 4, 8, 8, 8]
    assert list(islice(retry_delays(None), 5000))[-1] == MAX_BACKOFF


def test_unlimited_tries_end_with_the_patience_and_the_last_one_begins_then(longest_waits: None) -> None:
    clock = Clock()
    state = RetryState(URL, None, 20, clock)
    starts = []
    for _ in range(6):
        clock.now += state.delay_after_error(OSError("cut"))
        starts.append(clock.now - 100)
    assert starts == [0.5, 1.5, 3.5, 7.5, 15.5, 20]
    with pytest.raises(Unreachable):
        state.delay_after_error(OSError("cut"))


@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        (RetryPolicy(), 300),
        (RetryPolicy(patience=3600), 3600),
        (RetryPolicy(tries=None), 60),
        (RetryPolicy(tries=None, patience=5), 5),
    ],
)
def test_a_watch_has_five_minutes_of_patience_unless_its_client_has_more(policy: RetryPolicy, seconds: float) -> None:
    assert policy.outage_patience == seconds


def test_delays_are_spread_below_the_maximum() -> None:
    first = [next(retry_delays(1)) for _ in range(400)]
    assert min(first) < INITIAL_BACKOFF * 0.1
    assert max(first) > INITIAL_BACKOFF * 0.9


@given(tries=st.integers(1, 8))
def test_no_response_raises_unreachable_after_all_tries(tries: int) -> None:
    state = RetryState(URL, tries, 1000)
    for _ in range(tries - 1):
        state.delay_after_error(OSError("cut"))
    with pytest.raises(Unreachable) as unreachable:
        state.delay_after_error(OSError("cut"))
    assert (unreachable.value.url, unreachable.value.reason) == (URL, "cut")
    assert unreachable.value.__suppress_context__, "the transport's own traceback is not shown"


def test_no_try_begins_after_the_patience_is_over() -> None:
    clock = Clock()
    state = RetryState(URL, 100, 60, clock)
    clock.now += 59.4  # the first wait is at most half a second
    state.delay_after_error(OSError("cut"))
    clock.now += 0.7
    with pytest.raises(Unreachable):
        state.delay_after_error(OSError("cut"))


def test_the_delay_after_a_refusal_is_its_retry_after_and_a_jitter() -> None:
    wait = RetryState(URL, 4, 60).delay_after_refusal(503, "7", BUSY)
    assert 7 <= wait <= 7 + INITIAL_BACKOFF


def test_a_retry_after_beyond_the_patience_raises_the_refusal_at_once() -> None:
    with pytest.raises(ServerError, match=r"Busy\."):
        RetryState(URL, 4, 60).delay_after_refusal(503, "3600", BUSY)


def test_the_last_refusal_is_raised() -> None:
    state = RetryState(URL, 2, 60)
    state.delay_after_refusal(429, None, b"")
    with pytest.raises(TooManyRequests):
        state.delay_after_refusal(429, None, b"")


def test_a_final_refusal_is_raised_at_the_first_try() -> None:
    with pytest.raises(NotFound):
        RetryState(URL, 4, 60).delay_after_refusal(404, "1", b'{"type": "not-found"}')


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 0), ("0", 0), ("12", 12), ("", 0), ("-3", 0), ("nan", 0), ("soon", 0), ("1.5", 0), ("٣", 0)],
)
def test_retry_after_in_seconds(header: str | None, seconds: float) -> None:
    assert parse_retry_after(header) == seconds


def test_retry_after_as_a_date() -> None:
    assert 3500 < parse_retry_after(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)) <= 3600
    assert parse_retry_after(format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)) == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Bad gateway</html>", b"[]", b'{"status": "error"}', b'{"type": ["x"]}', b"\xff", b'{"detail": 1}'],
)
def test_a_refusal_without_a_problem_is_mapped_by_its_status(content: bytes) -> None:
    expected: dict[str, Any] = {"status": 500, "detail": f"HTTP 500 from {URL}"}
    assert read_problem(500, content, URL) == expected
    with pytest.raises(Refused, match=r"HTTP 502 from .*: the proxy does not reach the server"):
        RetryState(URL, 1, 60).delay_after_refusal(502, None, content)
