"""Promises 1, 2 and 8: the log is complete for every reader, folds to the board, and no slow reader delays it."""

from __future__ import annotations

import json
import time

import httpx
from websockets.sync.client import ClientConnection

from kanban_sdk.stream.fold import BOARD_FIELDS, TICKET_FIELDS, FoldedBoard
from kanban_sdk.wire.events import read_event
from tests.faults.validators import check_everything
from tests.promises.table import in_every_cell
from tests.promises.ways import Pair, change, may, socket
from tests.server.rest import Json, done
from tests.support.actors import Actor

PROMPT = 5.0
"""Seconds within which others are served next to a reader that reads nothing."""


def carry_out(actor: Actor, way: str, pair: Pair) -> None:
    """Make the actor's change; if the actor may not make it, it is refused, and an admin's change follows."""
    before = pair.head()
    if way != "stream":
        outcome = change(actor, way, pair)
        assert outcome.refused == (None if may(actor, way) else "not-allowed"), outcome
        assert (pair.head() > before) == may(actor, way)
    if not may(actor, way) or way == "stream":
        done(pair.admin.post("/api/bulk/tickets/move", json={"ticket_ids": pair.ids, "target_column": "Blocked"}))


def receive(reader: ClientConnection, board: int, upto: int) -> list[Json]:
    """Receive a board's events from a socket, up to the seq `upto`."""
    events: list[Json] = []
    while not events or events[-1]["seq"] < upto:
        message = json.loads(reader.recv(timeout=20))
        if message.get("board_id") == board and "seq" in message:
            events.append(message)
    return events


def streamed(rest: httpx.Client, board: int, after: str, upto: int) -> list[int]:
    """Receive the seqs of a board's events as server-sent events after a cursor."""
    seqs: list[int] = []
    headers = {"Accept": "text/event-stream", "Last-Event-ID": after}
    with rest.stream("GET", f"/api/boards/{board}/events", headers=headers) as response:
        for line in response.iter_lines():
            if line.startswith("data: ") and "seq" in (event := json.loads(line.removeprefix("data: "))):
                seqs.append(event["seq"])
                if event["seq"] >= upto:
                    break
    return seqs


@in_every_cell(1)
def test_a_reader_misses_no_event_and_receives_none_twice(actor: Actor, pair: Pair, way: str) -> None:
    with socket(actor, f"board_id={actor.board}&after=0") as reader:
        carry_out(actor, way, pair)
        head = pair.head()
        events = receive(reader, actor.board, head)
    assert [event["seq"] for event in events] == list(range(1, head + 1))
    assert [event["cursor"] for event in events] == [event["cursor"] for event in pair.events()]
    middle = events[head // 2]
    with socket(actor, f"board_id={actor.board}&after={middle['cursor']}") as reader:
        rest = [event["seq"] for event in receive(reader, actor.board, head)]
    assert rest == list(range(middle["seq"] + 1, head + 1))
    if way == "stream":
        assert streamed(actor.rest(), actor.board, middle["cursor"], head) == rest


@in_every_cell(2)
def test_received_events_fold_to_the_board_and_the_counts_match_the_rows(actor: Actor, pair: Pair, way: str) -> None:
    with socket(actor, f"board_id={actor.board}&after=0") as reader:
        carry_out(actor, way, pair)
        events = receive(reader, actor.board, pair.head())
    check_everything(actor.admin(), actor.board)
    snapshot = done(actor.rest().get(f"/api/boards/{actor.board}/snapshot"))
    folded = FoldedBoard()
    for event in events:
        folded.step(read_event(event))
    assert folded.board == {name: snapshot["board"][name] for name in BOARD_FIELDS}
    assert folded.tickets == {
        ticket["id"]: {name: ticket[name] for name in TICKET_FIELDS} for ticket in snapshot["tickets"]
    }


@in_every_cell(8)
def test_a_stalled_reader_delays_nobody(actor: Actor, pair: Pair, way: str) -> None:
    text = "x" * 50_000
    slow = socket(actor, f"board_id={actor.board}&after=0", stalled=True)
    with slow, socket(actor, f"board_id={actor.board}") as prompt:
        for _ in range(20):  # the first reader reads nothing of this megabyte
            comment = {"ticket_id": pair.ids[0], "text": text}
            assert pair.admin.post("/api/comments/", json=comment).is_success
        began = time.monotonic()
        carry_out(actor, way, pair)
        head = pair.head()
        events = receive(prompt, actor.board, head)
        assert time.monotonic() - began < PROMPT
    assert events[-1]["seq"] == head
