"""A reader's position in the stream: repeats, gaps, and when to reconnect.

`tests/web/modules` runs the same cases in JavaScript.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanban_sdk import NotFound, Refused, SnapshotTaken, TicketMoved, Unreachable
from kanban_sdk.stream.feed import MAX_BACKOFF, ConnectionLost, Feed, StaleCursor
from kanban_sdk.wire.boards import Board, Snapshot

CASES = json.loads((Path(__file__).parents[2] / "cases" / "feed.json").read_text())
FIELDS = {"over": "finished", "stale": "needs_snapshot"}
"""The fields of the cases have their JavaScript names; these are the names in Python."""


def event(seq: int, name: str = "ticket_deleted", board: int = 1, **data: Any) -> dict[str, Any]:
    return {
        "event": name,
        "type": name,
        "board_id": board,
        "seq": seq,
        "cursor": f"ab-{seq}",
        "actor": "ada",
        "timestamp": "2026-01-01T00:00:00Z",
        "data": {"id": 7, **data},
    }


def message(name: str, **data: Any) -> dict[str, Any]:
    return {"event": name, "type": name, "data": data}


def feed_at(seq: int) -> Feed:
    return Feed(1, f"ab-{seq}")


def outcome_of(feed: Feed, step: dict[str, Any]) -> str | None:
    """The outcome of one step of a case."""
    try:
        if "waits" in step:
            for _ in range(step["waits"]):
                feed.next_delay()
        elif "snapshot" in step:
            feed.restart(Snapshot(Board(1, "b", None, [], [], "then", "now", 0, 1), [], [], **step["snapshot"]))
        elif "closed" in step:
            return "over" if feed.closed_for_good(step["closed"]) else "again"
        else:
            name, board = step.get("named", "ticket_deleted"), step.get("board_id", 1)
            message = step["message"] if "message" in step else event(step["event"], name, board)
            return "nothing" if feed.receive(message) is None else "event"
    except ConnectionLost:
        return "lost"
    except StaleCursor:
        return "stale"
    except (Refused, Unreachable):
        return "error"
    return None


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_the_feed_follows_the_shared_cases(case: dict[str, Any]) -> None:
    feed = Feed(1, case["after"])
    for step in case["steps"]:
        assert outcome_of(feed, step) == step.get("gives"), step
    for field, expected in case["leaves"].items():
        assert getattr(feed, FIELDS.get(field, field)) == expected, field
    assert feed.query().get("after") == feed.cursor


@given(
    start=st.integers(0, 5),
    seqs=st.lists(st.integers(1, 12), max_size=60),
    heartbeats=st.lists(st.integers(0, 12), max_size=5),
)
def test_no_mix_of_repeats_and_gaps_delivers_a_gap_or_a_repeat(
    start: int, seqs: list[int], heartbeats: list[int]
) -> None:
    feed = feed_at(start)
    delivered_seqs = []
    for seq in seqs:
        expected = feed.seq
        try:
            delivered = feed.receive(event(seq))
            for heartbeat in heartbeats:
                feed.receive(message("heartbeat", cursors={"1": f"ab-{heartbeat}"}))
        except ConnectionLost:
            continue
        finally:
            if feed.seq != expected:
                delivered_seqs.append(seq)
        assert (delivered is None) == (seq != (expected or 0) + 1)
    assert delivered_seqs == list(range(start + 1, start + 1 + len(delivered_seqs)))
    assert feed.cursor == f"ab-{start + len(delivered_seqs)}"


def test_the_next_event_is_delivered_typed_and_moves_the_cursor() -> None:
    feed = feed_at(4)
    moved = feed.receive(event(5, "ticket_moved", title="t", from_column="A", to_column="B", place="a", version=2))
    assert isinstance(moved, TicketMoved)
    assert moved.to_column == "B"
    assert (feed.cursor, feed.seq) == ("ab-5", 5)


def test_a_snapshot_after_a_resync_is_delivered_as_an_event() -> None:
    feed = feed_at(4)
    with pytest.raises(StaleCursor) as stale:
        feed.receive(message("resync", reason="epoch", floor=0, head=9) | {"board_id": 1})
    assert stale.value.reason == "epoch"
    board = Board(1, "b", None, ["A"], [], "then", "now", 0, 1)
    snapshot_taken = feed.restart(Snapshot(board, [], [], 9, "cd-9"))
    assert isinstance(snapshot_taken, SnapshotTaken)
    assert (snapshot_taken.seq, snapshot_taken.cursor, feed.cursor) == (9, "cd-9", "cd-9")


def test_a_stream_that_ends_with_a_problem_raises_it_with_its_facts() -> None:
    feed = feed_at(4)
    feed.receive(
        message("error", message="m", problem={"type": "not-found", "detail": "There is no board 1.", "id": 1})
    )
    with pytest.raises(NotFound) as refused:
        feed.closed_for_good(4410)
    assert (str(refused.value), refused.value.problem["id"]) == ("There is no board 1.", 1)


def test_the_longest_delays_grow_by_half_up_to_the_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    feed = feed_at(0)
    assert [feed.next_delay() for _ in range(5)] == [1, 1.5, 2.25, 3.375, 5.0625]
    assert [feed.next_delay() for _ in range(20)][-1] == MAX_BACKOFF


def test_delays_grow_to_the_maximum_and_are_spread_below_it() -> None:
    feeds = [feed_at(0) for _ in range(400)]
    first = [feed.next_delay() for feed in feeds]
    assert 0 <= min(first) < 0.1
    assert 0.9 < max(first) <= 1.0
    for feed in feeds:
        feed.attempts = 5000
    late = [feed.next_delay() for feed in feeds]
    assert 0 <= min(late) < MAX_BACKOFF * 0.1
    assert MAX_BACKOFF * 0.9 < max(late) <= MAX_BACKOFF
