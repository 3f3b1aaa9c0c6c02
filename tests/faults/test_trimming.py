"""A trimmed log still folds to its board, and a reader before its floor is informed."""

from __future__ import annotations

import httpx
import pytest

from kanban_sdk import Board, Kanban, Resync
from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import SnapshotTaken
from tests.faults.test_backup import verb
from tests.faults.validators import check_dense
from tests.server.rest import done
from tests.support.servers import Server


def make_history(kanban: Kanban, board: int) -> int:
    """Make changes of many kinds, for the log; return a ticket that still exists."""
    one, two, three = (kanban.tickets.create(title, board=board, labels=["l"]) for title in ("one", "two", "three"))
    kanban.tickets.move(one.id, "Done")
    kanban.tickets.claim(two.id)
    kanban.tickets.block(three.id, two.id)
    kanban.comments.add(two.id, "a comment")
    kanban.tickets.edit(two.id, title="2", assignee="bob", priority="1.2")
    settings = kanban.boards.get(board).column_settings
    kanban.boards.edit_column(board, settings[-1].id, name=settings[-1].name + "!")
    kanban.boards.edit_column(board, settings[-1].id, name=settings[-1].name)
    kanban.tickets.delete(kanban.tickets.create("gone", board=board).id)
    return two.id


def check_base(server: Server, kanban: Kanban, board: int) -> Snapshot:
    """The log begins after its base, and folding it from there gives the board."""
    base = Snapshot.read(done(httpx.get(f"{server.url}/api/boards/{board}/base")))
    events = kanban.boards.events(board, after=base.cursor).events
    check_dense([event.seq for event in events], first=base.seq + 1)
    folded = FoldedBoard.from_snapshot(base)
    for event in events:
        folded.step(event)
    now = FoldedBoard.from_snapshot(kanban.boards.snapshot(board))
    now.cursor = folded.cursor
    assert folded == now
    return base


def test_a_trimmed_log_folds_to_its_board_and_a_reader_before_its_floor_gets_a_resync(
    server: Server, kanban: Kanban, board: Board
) -> None:
    trim = ("trim", "--database", server.database, "-b", board.id, "--keep")
    ticket = make_history(kanban, board.id)
    with kanban.watch(board.id, after=0) as offline:
        old = next(offline).cursor
    at_head = kanban.boards.snapshot(board.id).cursor
    with kanban.watch(board.id, after=at_head) as live:
        assert verb(*trim, "1h")["events"] == 0
        trimmed = verb(*trim, "0s")
        make_history(kanban, board.id)
        assert next(live).data["title"] == "one"
    base = check_base(server, kanban, board.id)
    figures = kanban.boards.stats(board.id)
    assert (figures.flow[-1].counts, figures.in_progress_count) == (kanban.boards.get(board.id).counts, 2)
    assert (trimmed["floor"], trimmed["events"]) == (base.seq, base.seq)

    with pytest.raises(Resync) as refused:
        kanban.boards.events(board.id, after=old)
    assert (refused.value.reason, refused.value.floor) == ("trimmed", base.seq)
    folded = FoldedBoard()
    with kanban.watch(board.id, after=old) as back:
        folded.step(next(back))
        kanban.tickets.create("last", board=board.id)
        event = next(back)
    assert not isinstance(event, SnapshotTaken)
    folded.step(event)
    assert folded == FoldedBoard.from_snapshot(kanban.boards.snapshot(board.id))

    *_, since = kanban.tickets.history(ticket)
    assert (since.field_name, since.new_value) == ("trimmed", trimmed["since"])
    verb(*trim, "0s")
    assert check_base(server, kanban, board.id).seq > base.seq
