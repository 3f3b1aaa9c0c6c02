"""Status of the server and the board, and who is present."""

from typing import TYPE_CHECKING

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_json, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import boards, server

if TYPE_CHECKING:
    from kanban_sdk.wire.presence import Presence

app = typer.Typer()


@command(app, examples=["kanban status", "kanban status -b 2 --json"], without=["lease"])
def status(invocation: Invocation) -> None:
    """Show the server, the board, and the size of each column.

    If no board is named and there are several, it lists them.
    """
    health = invocation.send(server.health())
    list_all = boards.all()
    if invocation.setting("board"):
        response = [invocation.send_raw(boards.get(invocation.board_id))]
    else:
        response = invocation.send_raw(list_all)
    board_list = list_all.read(response)
    counts = board_list[0].counts if len(board_list) == 1 else {}
    url, user = invocation.server_url, invocation.current_user
    if invocation.options.json:
        print_json({"url": url, "server": health, "user": user, "boards": response, "counts": counts})
        return
    rows = [
        ["server", f"{url} {health.get('version', '')} {health.get('database', '')}".strip()],
        ["user", user or EMPTY_CELL],
        *(["board", f"{board.id} {board.name}"] for board in board_list),
        *([column, str(number)] for column, number in counts.items()),
    ]
    print_rows(["what", "is"], rows, f"{sum(board.ticket_count for board in board_list)} tickets")


@command(app, examples=["kanban who", "kanban who -b 2 --json"], without=["lease"])
def who(invocation: Invocation) -> None:
    """Show who is on the board now, and which tickets they hold.

    A row has the name, client, open ticket and held tickets. A holder who is not connected is away.
    """

    def print_presence(presence: "Presence") -> None:
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
