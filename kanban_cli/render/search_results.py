"""The results of a search over all boards."""

from kanban_cli.render.output import print_rows
from kanban_sdk.wire.search import SearchPage


def print_results(page: SearchPage, limit: int) -> None:
    """Print tickets as rows, with their boards."""
    rows = [
        [str(ticket.id), f"{ticket.board_id} {ticket.board_name}", ticket.current_column, ticket.title]
        for ticket in page.items
    ]
    more = f"; there are more: -n {min(limit * 10, 500)}" if page.cursor and limit < 500 else ""
    print_rows(["id", "board", "column", "title"], rows, f"{len(rows)} on all boards, newest first{more}")
