"""Times, days, leases, cursors, secrets, events, figures of counting: their borders."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kanban_sdk.wire import limits
from kanban_server.clock import utc_now
from kanban_server.live.transient_event import encode_transient_event
from kanban_server.rules import cursors, events, leases, metrics, timestamps, tokens
from kanban_server.rules.cursors import Cursor
from kanban_server.secret_generator import generate_secret
from tests.rules.refusing import refusal

STORED_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_the_clock_tells_this_machines_time_as_times_are_kept() -> None:
    before = datetime.now(UTC)
    now = utc_now()
    assert STORED_TIME.fullmatch(now)
    assert before <= datetime.fromisoformat(now) <= datetime.now(UTC)


def test_a_moment_is_kept_in_utc_with_microseconds() -> None:
    assert timestamps.format_timestamp(datetime(2026, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2)))) == (
        "2026-01-02T03:04:05.000000Z"
    )
    assert timestamps.parse_timestamp("2026-01-02T03:04:05", "now") == "2026-01-02T03:04:05.000000Z"
    assert timestamps.parse_timestamp("2026-01-02T03:04:05.5+02:00", "now") == "2026-01-02T01:04:05.500000Z"
    assert timestamps.parse_timestamp("2026-01-02", "now") == "2026-01-02T00:00:00.000000Z"
    assert timestamps.parse_timestamp(None, "now") == "now"
    for odd in ("soon", "0001-01-01T00:00:00+10:00", ""):
        assert refusal(timestamps.parse_timestamp, odd, "now").type == "invalid-request"


def test_a_day_is_a_day_or_none() -> None:
    assert [timestamps.parse_day(text) for text in (None, "", " ", " 2026-01-31 ")] == [None, None, None, "2026-01-31"]
    for odd in ("2026-02-30", "20260131", "2026-1-31", "soon"):
        refused = refusal(timestamps.parse_day, odd, "due")
        assert (refused.type, refused.facts) == ("invalid-request", {"field": "due"})
    assert refusal(timestamps.parse_day, "soon").facts == {"field": "due_date"}


@pytest.mark.parametrize("rule", [lambda text: timestamps.parse_timestamp(text, "now"), timestamps.parse_day])
def test_what_is_no_time_is_shown_shortened(rule: object) -> None:
    assert callable(rule)
    detail = refusal(rule, "?" * 100).detail
    assert "?" * 40 in detail
    assert "?" * 41 not in detail


def test_later_and_earlier() -> None:
    at = "2026-01-02T03:04:05.000001Z"
    assert timestamps.add_time(at, hours=1, seconds=0.5) == "2026-01-02T04:04:05.500001Z"
    assert timestamps.subtract_time(at, days=2) == "2025-12-31T03:04:05.000001Z"
    assert timestamps.subtract_time(at, days=10**6) == "0001-01-01T00:00:00.000000Z"


def test_a_lease_names_one_claim_and_has_a_length() -> None:
    assert leases.format_token(12, 3) == "12.3"
    assert leases.parse_token("12.3") == (12, 3)
    assert leases.parse_token("9" * 15 + ".1") == (int("9" * 15), 1)
    for odd in ("12", "12.3.4", "a.b", "-1.2", "12. 3", "9" * 16 + ".1", "x" * 300):
        refused = refusal(leases.parse_token, odd)
        assert refused.facts == {"field": "Kanban-Lease"}
        assert len(refused.detail) < 100
    assert "x" * 40 in refusal(leases.parse_token, "x" * 300).detail
    least, most = limits.LEASE_SECONDS_LEAST, limits.LEASE_SECONDS_MOST
    assert [leases.check_lease_seconds(seconds) for seconds in (None, 0, least, most)] == [
        limits.LEASE_SECONDS,
        0,
        least,
        most,
    ]
    for odd_length in (-1, 1, least - 1, most + 1):
        assert refusal(leases.check_lease_seconds, odd_length).facts == {"field": "lease_seconds"}


def test_a_lease_ends_after_its_length_or_never() -> None:
    now = "2026-01-02T03:04:05.000000Z"
    assert leases.lease_end(now, 90) == "2026-01-02T03:05:35.000000Z"
    assert leases.lease_end(now, 0) is None
    assert leases.lease_end(now, None) is None
    assert leases.seconds_left(now, "2026-01-02T03:05:35.500000Z") == 90.5
    assert leases.seconds_left(now, None) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert cursors.parse_cursor(cursors.format_cursor("0123abcd", 7)) == Cursor("0123abcd", 7)
    assert cursors.parse_cursor("7") == Cursor(None, 7)
    assert [str(Cursor("ab", 7)), str(Cursor(None, 7))] == ["ab-7", "7"]
    assert cursors.parse_cursor(str(limits.ID_MOST)).seq == limits.ID_MOST
    for odd in ("", "x-7", "ab-", "-7", "ab-7-8", "1" * 17, str(limits.ID_MOST + 1), "?" * 300):
        refused = refusal(cursors.parse_cursor, odd)
        assert (refused.type, len(refused.detail) < 120) == ("invalid-cursor", True)
    assert "?" * 80 in refusal(cursors.parse_cursor, "?" * 300).detail


@pytest.mark.parametrize(
    ("cursor", "why"),
    [
        (Cursor("ab", 3), None),
        (Cursor("ab", 9), None),
        (Cursor(None, 5), None),
        (Cursor("cd", 5), "epoch"),
        (Cursor("ab", 2), "trimmed"),
        (Cursor(None, 10), "ahead"),
    ],
)
def test_why_a_cursor_cant_be_served(cursor: Cursor, why: str | None) -> None:
    assert cursors.unservable_reason(cursor, "ab", 3, 9) == why


def test_a_secret_is_told_from_typing_errors_and_from_other_kinds() -> None:
    created = {kind: generate_secret(kind) for kind in tokens.PREFIXES}
    for kind, secret in created.items():
        assert len(secret) == len(tokens.PREFIXES[kind]) + 36
        for other in tokens.PREFIXES:
            assert tokens.is_secret(other, secret) == (other == kind)
        assert not tokens.is_secret(kind, secret[:-1])
        assert not tokens.is_secret(kind, secret + "0")
        for place in (-1, -6, -7, len(tokens.PREFIXES[kind])):
            typed = [*secret]
            typed[place] = "0" if typed[place] != "0" else "1"
            assert not tokens.is_secret(kind, "".join(typed))
    assert generate_secret("token") != created["token"]
    assert tokens.visible_prefix("kbn_s_abcdefgh") == "kbn_s_abcd"
    assert tokens.visible_prefix("kbn_abcdefgh") == "kbn_abcd"
    assert tokens.is_secret("token", "kbn_" + "0" * 30 + tokens._checksum("0" * 30))
    assert tokens._checksum("0" * 30) == "2C8GjS"
    assert len(tokens.hash_secret("x")) == 32


def test_an_event_as_it_is_sent() -> None:
    encoded = events.encode_event(
        board_id=1, epoch="ab", seq=7, name="x", actor="ada", actor_id=2, tx="t", at="now", data='{"a":1}'
    )
    assert json.loads(encoded) == {
        "event": "x",
        "type": "x",
        "board_id": 1,
        "seq": 7,
        "cursor": "ab-7",
        "actor": "ada",
        "actor_id": 2,
        "tx": "t",
        "timestamp": "now",
        "data": {"a": 1},
    }
    passing = json.loads(encode_transient_event("pong", {"b": 2}, more=3))
    assert STORED_TIME.fullmatch(passing.pop("timestamp"))
    assert passing == {"event": "pong", "type": "pong", "more": 3, "data": {"b": 2}}
    assert json.loads(encode_transient_event("presence", {}, board_id=4))["board_id"] == 4


def test_a_histogram_counts_how_many_were_not_above_each_bound() -> None:
    histogram = metrics.Histogram((1.0, 2.0))
    assert (histogram.count, histogram.total) == (0, 0.0)
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.add(value)
    assert list(histogram.cumulative_counts()) == [("1.0", 2), ("2.0", 3), ("+Inf", 4)]
    assert (histogram.count, histogram.total) == (4, 12.0)
    streams = metrics.StreamMetrics()
    assert (
        streams.replays,
        metrics.WriteMetrics().kept,
        metrics.WriteMetrics().refused,
        metrics.WriteMetrics().events,
    ) == (0, 0, 0, 0)
    for reason in ("epoch", "epoch", "ahead"):
        streams.count_resync(reason)
    assert streams.resyncs == {"epoch": 2, "ahead": 1}
    assert [bound for bound, _ in streams.seconds.cumulative_counts()] == [*map(str, metrics.SECONDS_BUCKETS), "+Inf"]
    assert metrics.SECONDS_BUCKETS == (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
    assert metrics.SIZE_BUCKETS == (1, 2, 4, 8, 16, 32, 64)
