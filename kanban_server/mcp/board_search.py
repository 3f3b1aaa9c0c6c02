"""Search of all boards, for the tool that lists tickets."""

from __future__ import annotations

from kanban_sdk.wire.search import SearchPage
from kanban_sdk.wire.tools import arguments, results
from kanban_server.actions import queries
from kanban_server.mcp import rendering
from kanban_server.mcp.call import Call
from kanban_server.rules.problems import Refusal


async def search_all_boards(call: Call, args: arguments.TicketList) -> results.TicketPage:
    """The tickets of all boards that match. Refused: `invalid-request`, for an argument that would be ignored."""
    text = args.search
    others = (args.board, args.column, args.assignee, args.label, args.ready, args.page > 1)
    if not text or not args.all_boards or any(other not in (None, False) for other in others):
        detail = "all_boards goes with search, limit and cursor, and with nothing else."
        raise Refusal("invalid-request", detail, fix="Send search and all_boards, or name a board.", field="all_boards")
    return _render(await call.read(lambda tx: queries.search_boards(tx, text, args.cursor, args.limit)))


def _render(page: SearchPage) -> results.TicketPage:
    """A page of results, each with the id and the name of its board."""
    rows: list[results.TicketRow] = [
        {**rendering.ticket_row(ticket), "board": f"{ticket.board_id} {ticket.board_name}"} for ticket in page.items
    ]
    result: results.TicketPage = {"tickets": rows, "shown": len(rows)}
    if page.cursor is not None:
        result["cursor"] = page.cursor
    return result
