"""Status of the server and the board, and who is present."""

from typing import Any

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_json, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import boards, server

app = typer.Typer()


@command(app, examples=["kanban status", "kanban status -b 2 --json"])
def status(invocation: Invocation) -> None:
    """Show the server, the board, and how many tickets stand in each column.

    Where no board is named and there are several, it lists them.
    """
    health = invocation.send(server.health())
    board_list = (
        [invocation.send_raw(boards.get(invocation.board_id))]
        if invocation.setting("board")
        else invocation.send_raw(boards.all())
    )
    counts: dict[str, int] = board_list[0]["counts"] if len(board_list) == 1 else {}
    if invocation.options.json:
        print_json(
            {
                "url": invocation.server_url,
                "server": health,
                "user": invocation.current_user,
                "boards": board_list,
                "counts": counts,
            }
        )
        return
    rows: list[list[str]] = [
        ["server", f"{invocation.server_url} {health.get('version', '')} {health.get('database', '')}".strip()],
        ["user", invocation.current_user or "-"],
        *(["board", f"{board['id']} {board['name']}"] for board in board_list),
        *([column, str(number)] for column, number in counts.items()),
    ]
    print_rows(["what", "is"], rows, f"{sum(board['ticket_count'] for board in board_list)} tickets")


@command(app, examples=["kanban who", "kanban who -b 2 --json"])
def who(invocation: Invocation) -> None:
    """Show who is on the board just now: name, client, open ticket, held tickets. Holders need not be connected."""

    def print_presence(presence: Any) -> None:
        rows = [
            [
                user.username,
                user.client or "away",
                user.ticket_id or EMPTY_CELL,
                " ".join(map(str, user.holds)) or EMPTY_CELL,
            ]
            for user in presence.users
        ]
        print_rows(["user", "client", "ticket", "holds"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(boards.presence(invocation.board_id), print_presence)
