"""Search over all boards that the viewer may see."""

from __future__ import annotations

from kanban_sdk.wire import limits
from kanban_sdk.wire.search import SearchPage, SearchResult
from kanban_server.rules.problems import Refusal
from kanban_server.store.queries import boards, search, tickets
from kanban_server.store.transaction import ReadTransaction


def search_boards(tx: ReadTransaction, text: str, cursor: str | None, limit: int) -> SearchPage:
    """The tickets on all boards that the viewer may see which have the words of the text, newest first.

    `cursor` is that of the page before. Refused: `invalid-cursor`.
    """
    before = _parse_cursor(cursor) if cursor else limits.ID_MOST
    by_id = {board.board.id: board.board for board in boards.read_all(tx)}
    rows = search.find_tickets(tx, text, list(by_id), before=before, most=limit + 1)
    items = []
    for row in rows[:limit]:
        board = by_id[row["board_id"]]
        ticket = tickets.to_wire(row, board.column_settings)
        items.append(SearchResult.of(**vars(ticket), board_name=board.name))
    return SearchPage(items, str(items[-1].id) if len(rows) > limit else None)


def _parse_cursor(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 17:
        return int(text)
    raise Refusal(
        "invalid-cursor", f"'{text[:80]}' is not a cursor.", fix="Send the `cursor` of the page before, or none."
    )
