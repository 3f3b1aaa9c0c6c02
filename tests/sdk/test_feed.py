"""Where a reader stands, what is a repeat, what is a gap, when to come back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanban_sdk import NotFound, SnapshotTaken, TicketMoved, Unreachable
from kanban_sdk.feed import CEILING, Feed, Lost, Stale
from kanban_sdk.wire.boards import Board, Snapshot


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


def said(name: str, **data: Any) -> dict[str, Any]:
    return {"event": name, "type": name, "data": data}


def feed_at(seq: int) -> Feed:
    return Feed(1, f"ab-{seq}")


@given(
    start=st.integers(0, 5),
    heard=st.lists(st.integers(1, 12), max_size=60),
    beats=st.lists(st.integers(0, 12), max_size=5),
)
def test_no_mix_of_repeats_and_gaps_gives_out_a_gap_or_a_repeat(start: int, heard: list[int], beats: list[int]) -> None:
    feed = feed_at(start)
    given_out = []
    for seq in heard:
        expected = feed.seq
        try:
            got = feed.receive(event(seq))
            for beat in beats:
                feed.receive(said("heartbeat", cursors={"1": f"ab-{beat}"}))
        except Lost:
            continue
        finally:
            if feed.seq != expected:
                given_out.append(seq)
        assert (got is None) == (seq != (expected or 0) + 1)
    assert given_out == list(range(start + 1, start + 1 + len(given_out)))
    assert feed.cursor == f"ab-{start + len(given_out)}"


def test_the_next_event_is_given_out_typed_and_moves_the_cursor() -> None:
    feed = feed_at(4)
    moved = feed.receive(event(5, "ticket_moved", title="t", from_column="A", to_column="B", place="a", version=2))
    assert isinstance(moved, TicketMoved)
    assert moved.to_column == "B"
    assert (feed.cursor, feed.seq) == ("ab-5", 5)


@pytest.mark.parametrize(
    "message",
    [
        event(5, board=2),
        event(4),
        said("subscribed", board_id=1),
        said("pong"),
        said("resync", reason="trimmed") | {"board_id": 2},
        {"event": "board_created", "board_id": 1, "data": {}},
        {},
    ],
)
def test_what_is_no_new_event_of_the_board_is_passed_over(message: dict[str, Any]) -> None:
    feed = feed_at(4)
    assert feed.receive(message) is None
    assert feed.cursor == "ab-4"


def test_a_gap_is_a_loss_and_leaves_the_cursor() -> None:
    feed = feed_at(4)
    with pytest.raises(Lost, match="event 6 came after event 4"):
        feed.receive(event(6))
    assert feed.query() == {"board_id": 1, "after": "ab-4"}


def test_a_heartbeat_that_tells_of_more_than_came_is_a_loss() -> None:
    feed = feed_at(4)
    feed.receive(said("heartbeat", cursors={"1": "ab-4", "2": "cd-9"}))
    with pytest.raises(Lost, match="the server has sent ab-5"):
        feed.receive(said("heartbeat", cursors={"1": "ab-5"}))


def test_a_reader_that_starts_now_stands_where_the_server_first_says() -> None:
    feed = Feed(1)
    assert feed.query() == {"board_id": 1}
    feed.receive(said("connected", cursors={"1": "ab-4"}))
    assert feed.query() == {"board_id": 1, "after": "ab-4"}
    feed.receive(said("connected", cursors={"1": "ab-9"}))  # connected again: what lies between is still to come
    assert feed.query() == {"board_id": 1, "after": "ab-4"}
    with pytest.raises(Lost):
        feed.receive(event(6))


@pytest.mark.parametrize("after", [0, 7, "7"])
def test_a_bare_number_becomes_the_servers_cursor(after: str | int) -> None:
    feed = Feed(1, after)
    assert feed.query()["after"] == str(after)
    feed.receive(said("connected", cursors={"1": f"ab-{after}"}))
    assert feed.query()["after"] == f"ab-{after}"


def test_a_cursor_that_cannot_be_read_is_for_the_server_to_judge() -> None:
    assert Feed(1, "nonsense").query() == {"board_id": 1, "after": "nonsense"}


def test_a_resync_asks_for_a_snapshot_and_goes_on_behind_it() -> None:
    feed = feed_at(4)
    with pytest.raises(Stale) as stale:
        feed.receive(said("resync", reason="epoch", floor=0, head=9) | {"board_id": 1})
    assert stale.value.reason == "epoch"
    assert feed.stale
    board = Board(1, "b", None, ["A"], [], "then", "now", 0, 1)
    taken = feed.restart(Snapshot(board, [], [], 9, "cd-9"))
    assert isinstance(taken, SnapshotTaken)
    assert (taken.seq, taken.cursor, feed.cursor, feed.stale) == (9, "cd-9", "cd-9", False)
    assert feed.receive(event(9)) is None
    assert feed.receive(event(10)) is not None


def test_the_last_event_of_a_board_ends_the_stream() -> None:
    feed = feed_at(4)
    assert feed.receive(event(5, "board_deleted")) is not None
    assert feed.over


@pytest.mark.parametrize("code", [1006, 1011, 1012, 1013])
def test_a_client_comes_back_after(code: int) -> None:
    feed = feed_at(4)
    feed.receive(said("error", message="m", problem={"type": "busy", "status": 503}))
    assert feed.ended(code) is False
    assert not feed.over


@pytest.mark.parametrize("code", [1000, 4410])
def test_a_stream_ends_for_good_with(code: int) -> None:
    feed = feed_at(4)
    assert feed.ended(code)
    assert feed.over


@pytest.mark.parametrize("code", [1001, 1003, 1005, 1007, 1008, 1009, 4401, 4403])
def test_any_other_end_is_an_error(code: int) -> None:
    with pytest.raises(Unreachable, match=str(code)):
        feed_at(4).ended(code)


def test_an_end_with_a_problem_raises_it_with_its_facts() -> None:
    feed = feed_at(4)
    feed.receive(said("error", message="m", problem={"type": "not-found", "detail": "There is no board 1.", "id": 1}))
    with pytest.raises(NotFound) as refused:
        feed.ended(4410)
    assert (str(refused.value), refused.value.problem["id"]) == ("There is no board 1.", 1)


def test_a_problem_of_an_earlier_connection_is_forgotten() -> None:
    feed = feed_at(4)
    feed.receive(said("error", message="m", problem={"type": "too-many-connections", "status": 503}))
    feed.receive(said("connected", cursors={"1": "ab-4"}))
    assert feed.ended(4410)


def test_waits_grow_to_a_ceiling_and_are_spread_over_all_of_it() -> None:
    feeds = [feed_at(0) for _ in range(400)]
    first = [feed.wait() for feed in feeds]
    assert 0 <= min(first) < 0.1
    assert 0.9 < max(first) <= 1.0
    for feed in feeds:
        feed.attempts = 5000
    late = [feed.wait() for feed in feeds]
    assert 0 <= min(late) < CEILING * 0.1
    assert CEILING * 0.9 < max(late) <= CEILING


def test_only_a_connection_that_brings_something_makes_waits_short_again() -> None:
    feed = feed_at(4)
    for _ in range(3):
        feed.wait()
    feed.receive(said("connected", cursors={"1": "ab-4"}))
    feed.receive(event(4))
    with pytest.raises(Lost):
        feed.receive(event(6))
    assert feed.attempts == 3
    feed.receive(said("heartbeat", cursors={"1": "ab-4"}))
    assert feed.attempts == 0
    feed.wait()
    feed.receive(event(5))
    assert feed.attempts == 0
