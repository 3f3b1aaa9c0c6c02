"""Times, days, leases, cursors, secrets, events, figures of counting: their borders."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kanban_sdk.wire import limits
from kanban_server.rules import counts, cursors, events, leases, times, tokens
from kanban_server.rules.cursors import Cursor
from tests.rules.refusing import refusal

KEPT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_the_clock_tells_this_machines_time_as_times_are_kept() -> None:
    before = datetime.now(UTC)
    told = times.clock()
    assert KEPT.fullmatch(told)
    assert before <= datetime.fromisoformat(told) <= datetime.now(UTC)


def test_a_moment_is_kept_in_utc_with_microseconds() -> None:
    assert times.timestamp(datetime(2026, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2)))) == (
        "2026-01-02T03:04:05.000000Z"
    )
    assert times.moment("2026-01-02T03:04:05", "now") == "2026-01-02T03:04:05.000000Z"
    assert times.moment("2026-01-02T03:04:05.5+02:00", "now") == "2026-01-02T01:04:05.500000Z"
    assert times.moment("2026-01-02", "now") == "2026-01-02T00:00:00.000000Z"
    assert times.moment(None, "now") == "now"
    for odd in ("soon", "0001-01-01T00:00:00+10:00", ""):
        assert refusal(times.moment, odd, "now").type == "invalid-request"


def test_a_day_is_a_day_or_none() -> None:
    assert [times.day(text) for text in (None, "", " ", " 2026-01-31 ")] == [None, None, None, "2026-01-31"]
    for odd in ("2026-02-30", "20260131", "2026-1-31", "soon"):
        refused = refusal(times.day, odd, "due")
        assert (refused.type, refused.facts) == ("invalid-request", {"field": "due"})
    assert refusal(times.day, "soon").facts == {"field": "due_date"}


@pytest.mark.parametrize("rule", [lambda text: times.moment(text, "now"), times.day])
def test_what_is_no_time_is_shown_shortened(rule: object) -> None:
    assert callable(rule)
    detail = refusal(rule, "?" * 100).detail
    assert "?" * 40 in detail
    assert "?" * 41 not in detail


def test_later_and_earlier() -> None:
    at = "2026-01-02T03:04:05.000001Z"
    assert times.later(at, hours=1, seconds=0.5) == "2026-01-02T04:04:05.500001Z"
    assert times.earlier(at, days=2) == "2025-12-31T03:04:05.000001Z"
    assert times.earlier(at, days=10**6) == "0001-01-01T00:00:00.000000Z"


def test_a_lease_names_one_claim_and_has_a_length() -> None:
    assert leases.token(12, 3) == "12.3"
    assert leases.read_token("12.3") == (12, 3)
    assert leases.read_token("9" * 15 + ".1") == (int("9" * 15), 1)
    for odd in ("12", "12.3.4", "a.b", "-1.2", "12. 3", "9" * 16 + ".1", "x" * 300):
        refused = refusal(leases.read_token, odd)
        assert refused.facts == {"field": "Kanban-Lease"}
        assert len(refused.detail) < 100
    assert "x" * 40 in refusal(leases.read_token, "x" * 300).detail
    least, most = limits.LEASE_SECONDS_LEAST, limits.LEASE_SECONDS_MOST
    assert [leases.length(asked) for asked in (None, 0, least, most)] == [limits.LEASE_SECONDS, 0, least, most]
    for odd_length in (-1, 1, least - 1, most + 1):
        assert refusal(leases.length, odd_length).facts == {"field": "lease_seconds"}


def test_a_lease_ends_after_its_length_or_never() -> None:
    now = "2026-01-02T03:04:05.000000Z"
    assert leases.end(now, 90) == "2026-01-02T03:05:35.000000Z"
    assert leases.end(now, 0) is None
    assert leases.end(now, None) is None
    assert leases.left(now, "2026-01-02T03:05:35.500000Z") == 90.5
    assert leases.left(now, None) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert cursors.read(cursors.write("0123abcd", 7)) == Cursor("0123abcd", 7)
    assert cursors.read("7") == Cursor(None, 7)
    assert [str(Cursor("ab", 7)), str(Cursor(None, 7))] == ["ab-7", "7"]
    assert cursors.read(str(limits.ID_MOST)).seq == limits.ID_MOST
    for odd in ("", "x-7", "ab-", "-7", "ab-7-8", "1" * 17, str(limits.ID_MOST + 1), "?" * 300):
        refused = refusal(cursors.read, odd)
        assert (refused.type, len(refused.detail) < 120) == ("invalid-cursor", True)
    assert "?" * 80 in refusal(cursors.read, "?" * 300).detail


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
    assert cursors.servable(cursor, "ab", 3, 9) == why


def test_a_secret_is_told_from_typing_errors_and_from_other_kinds() -> None:
    made = {kind: tokens.make(kind) for kind in tokens.PREFIXES}
    for kind, secret in made.items():
        assert len(secret) == len(tokens.PREFIXES[kind]) + 36
        for other in tokens.PREFIXES:
            assert tokens.is_one(other, secret) == (other == kind)
        assert not tokens.is_one(kind, secret[:-1])
        assert not tokens.is_one(kind, secret + "0")
        for place in (-1, -6, -7, len(tokens.PREFIXES[kind])):
            typed = [*secret]
            typed[place] = "0" if typed[place] != "0" else "1"
            assert not tokens.is_one(kind, "".join(typed))
    assert tokens.make("token") != made["token"]
    assert tokens.beginning("kbn_s_abcdefgh") == "kbn_s_abcd"
    assert tokens.beginning("kbn_abcdefgh") == "kbn_abcd"
    assert tokens.is_one("token", "kbn_" + "0" * 30 + tokens._check("0" * 30))
    assert tokens._check("0" * 30) == "2C8GjS"
    assert len(tokens.hashed("x")) == 32


def test_an_event_as_it_is_sent() -> None:
    sent = events.encoded(
        board_id=1, epoch="ab", seq=7, name="x", actor="ada", actor_id=2, tx="t", at="now", data='{"a":1}'
    )
    assert json.loads(sent) == {
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
    passing = json.loads(events.passing("pong", {"b": 2}, more=3))
    assert KEPT.fullmatch(passing.pop("timestamp"))
    assert passing == {"event": "pong", "type": "pong", "more": 3, "data": {"b": 2}}
    assert json.loads(events.passing("presence", {}, board_id=4))["board_id"] == 4


def test_a_histogram_counts_how_many_were_not_above_each_bound() -> None:
    histogram = counts.Histogram((1.0, 2.0))
    assert (histogram.count, histogram.total) == (0, 0.0)
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.add(value)
    assert list(histogram.at_most()) == [("1.0", 2), ("2.0", 3), ("+Inf", 4)]
    assert (histogram.count, histogram.total) == (4, 12.0)
    streams = counts.Streams()
    assert (streams.replays, counts.Writes().kept, counts.Writes().refused, counts.Writes().events) == (0, 0, 0, 0)
    for reason in ("epoch", "epoch", "ahead"):
        streams.resynced(reason)
    assert streams.resyncs == {"epoch": 2, "ahead": 1}
    assert [bound for bound, _ in streams.seconds.at_most()] == [*map(str, counts.SECONDS), "+Inf"]
    assert counts.SECONDS == (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
    assert counts.SIZES == (1, 2, 4, 8, 16, 32, 64)
