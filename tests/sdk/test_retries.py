"""When a call is tried again, and how long it waits."""

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
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def longest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance takes the longest wait each time."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)


@pytest.mark.parametrize(
    ("status", "type", "again"),
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
def test_only_what_may_succeed_later_is_tried_again(status: int, type: str | None, again: bool) -> None:
    assert is_retryable(status, type) is again


@given(st.integers(0, 12))
def test_waits_are_as_many_as_retries_and_below_a_doubling_ceiling(retries: int) -> None:
    given_out = list(retry_delays(retries))
    assert len(given_out) == retries
    assert all(0 <= wait <= min(MAX_BACKOFF, INITIAL_BACKOFF * 2**n) for n, wait in enumerate(given_out))


def test_the_longest_waits_double_up_to_their_ceiling(longest_waits: None) -> None:
    assert list(retry_delays(7)) == [0.5, 1, 2, 4, 8, 8, 8]
    assert list(islice(retry_delays(None), 5000))[-1] == MAX_BACKOFF


def test_any_number_of_tries_ends_with_the_patience_and_the_last_one_begins_then(longest_waits: None) -> None:
    clock = Clock()
    budget = RetryState(URL, None, 20, clock)
    begun = []
    for _ in range(6):
        clock.now += budget.delay_after_error(OSError("cut"))
        begun.append(clock.now - 100)
    assert begun == [0.5, 1.5, 3.5, 7.5, 15.5, 20]
    with pytest.raises(Unreachable):
        budget.delay_after_error(OSError("cut"))


@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        (RetryPolicy(), 300),
        (RetryPolicy(patience=3600), 3600),
        (RetryPolicy(tries=None), 60),
        (RetryPolicy(tries=None, patience=5), 5),
    ],
)
def test_what_follows_a_server_has_five_minutes_unless_its_client_is_patient(
    policy: RetryPolicy, seconds: float
) -> None:
    assert policy.outage_patience == seconds


def test_waits_are_spread_over_all_of_the_ceiling() -> None:
    first = [next(retry_delays(1)) for _ in range(400)]
    assert min(first) < INITIAL_BACKOFF * 0.1
    assert max(first) > INITIAL_BACKOFF * 0.9


@given(tries=st.integers(1, 8))
def test_no_answer_is_unreachable_after_all_tries(tries: int) -> None:
    budget = RetryState(URL, tries, 1000)
    for _ in range(tries - 1):
        budget.delay_after_error(OSError("cut"))
    with pytest.raises(Unreachable) as unreachable:
        budget.delay_after_error(OSError("cut"))
    assert (unreachable.value.url, unreachable.value.reason) == (URL, "cut")
    assert unreachable.value.__suppress_context__, "a person is shown one traceback, and not the transport's too"


def test_no_try_begins_after_the_patience_is_over() -> None:
    clock = Clock()
    budget = RetryState(URL, 100, 60, clock)
    clock.now += 59.4  # the first wait is at most half a second
    budget.delay_after_error(OSError("cut"))
    clock.now += 0.7
    with pytest.raises(Unreachable):
        budget.delay_after_error(OSError("cut"))


def test_a_refusal_waits_as_long_as_asked_and_a_little_more() -> None:
    wait = RetryState(URL, 4, 60).delay_after_refusal(503, "7", BUSY)
    assert 7 <= wait <= 7 + INITIAL_BACKOFF


def test_who_is_asked_to_wait_beyond_his_patience_is_told_at_once() -> None:
    with pytest.raises(ServerError, match=r"Busy\."):
        RetryState(URL, 4, 60).delay_after_refusal(503, "3600", BUSY)


def test_the_last_refusal_is_raised() -> None:
    budget = RetryState(URL, 2, 60)
    budget.delay_after_refusal(429, None, b"")
    with pytest.raises(TooManyRequests):
        budget.delay_after_refusal(429, None, b"")


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
def test_a_refusal_of_something_else_is_a_problem_of_its_status(content: bytes) -> None:
    expected: dict[str, Any] = {"status": 500, "detail": f"HTTP 500 from {URL}"}
    assert read_problem(500, content, URL) == expected
    with pytest.raises(Refused, match=r"HTTP 502 from .*: what stands before"):
        RetryState(URL, 1, 60).delay_after_refusal(502, None, content)
