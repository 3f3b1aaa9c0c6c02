"""How things stand: the server and the board, and who is there."""

from typing import Any

import typer

from kanban_cli.context import acting, answer, as_json, board, send, setting, url, wire
from kanban_cli.options import command
from kanban_cli.output import say_json, say_rows
from kanban_cli.texts import NOBODY
from kanban_sdk.calls import boards, server

app = typer.Typer()


@command(app, examples=["kanban status", "kanban status -b 2 --json"])
def status() -> None:
    """Show the server, the board, and how many tickets stand in each column.

    Where no board is named and there are several, it lists them.
    """
    health = send(server.health())
    known = [wire(boards.get(board()))] if setting("board") else wire(boards.all())
    counts: dict[str, int] = known[0]["counts"] if len(known) == 1 else {}
    if as_json():
        say_json({"url": url(), "server": health, "user": acting(), "boards": known, "counts": counts})
        return
    rows: list[list[str]] = [
        ["server", f"{url()} {health.get('version', '')} {health.get('database', '')}".strip()],
        ["user", acting() or "-"],
        *(["board", f"{one['id']} {one['name']}"] for one in known),
        *([column, str(number)] for column, number in counts.items()),
    ]
    say_rows(["what", "is"], rows, f"{sum(one['ticket_count'] for one in known)} tickets")


@command(app, examples=["kanban who", "kanban who -b 2 --json"])
def who() -> None:
    """Show who is on the board just now: name, client, open ticket, held tickets. Holders need not be connected."""

    def show(found: Any) -> None:
        rows = [
            [
                user.username,
                user.client or "away",
                user.ticket_id or NOBODY,
                " ".join(map(str, user.holds)) or NOBODY,
            ]
            for user in found.users
        ]
        say_rows(["user", "client", "ticket", "holds"], rows, f"{len(rows)} of {len(rows)}")

    answer(boards.presence(board()), show)
