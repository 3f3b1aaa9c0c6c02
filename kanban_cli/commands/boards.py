"""Boards and their columns."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli.commands import members, webhooks
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, USAGE
from kanban_cli.invocation import Invocation, Options
from kanban_cli.options import BOARD, COLUMN, IfVersion, Yes, command, group
from kanban_cli.render.output import is_terminal, print_cells, print_footer, print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL, LIST_FIELDS, format_cell
from kanban_sdk.calls import boards
from kanban_sdk.wire.boards import matching
from kanban_sdk.wire.limits import ARCHIVE_DAYS

if TYPE_CHECKING:
    from kanban_sdk.wire.boards import Board, Requirement, Snapshot
    from kanban_sdk.wire.bodies import BoardFields, ColumnFields

app = group(
    "Manage boards, their columns, members and webhooks.",
    examples=["kanban board add Release", "kanban board column Review --limit 3"],
)
app.add_typer(webhooks.app, name="webhook")
app.add_typer(members.app, name="member")

BoardName = Annotated[
    str | None,
    typer.Argument(
        metavar="[BOARD]", help="The board, by id or name; the same as -b.", autocompletion=BOARD, show_default=False
    ),
]
Description = Annotated[str | None, typer.Option("-d", "--description", metavar="TEXT", help="What the board is for.")]
MoveTo = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="The column that tickets of removed columns go to.", autocompletion=COLUMN),
]


@command(app, "list", examples=["kanban board list", "kanban board list --json"], without=["board", "lease"])
def list_boards(invocation: Invocation) -> None:
    """List boards: number, tickets, name."""

    def print_boards(board_list: "list[Board]") -> None:
        rows = [[one.id, one.ticket_count, one.name] for one in board_list]
        print_rows(["id", "tickets", "name"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(boards.all(), print_boards)


@command(
    app,
    examples=["kanban board add Release", 'kanban board add Release --columns "Todo,Doing,Review,Done"'],
    without=["board", "lease"],
)
def add(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the board.")],
    description: Description = None,
    columns: Annotated[str | None, typer.Option(metavar="A,B,C", help="The columns. Default: the usual five.")] = None,
) -> None:
    """Add a board.

    The names of its columns say what they mean: the first is todo, the last done, Doing is working, Review is waiting.
    `kanban board column` changes it.
    """
    column_names = None if columns is None else _split_names(columns)

    def print_added(board: "Board") -> None:
        _print_board(board)
        roles = ", ".join(f"{column.name} ({column.role})" for column in board.column_settings)
        print_footer(f"{len(board.columns)} columns: {roles}")

    invocation.send_and_print(boards.create(name, description=description, columns=column_names), print_added)


@command(app, examples=["kanban board show", "kanban board show 2 --live"], without=["lease"])
def show(
    invocation: Invocation,
    board_name: BoardName = None,
    live: Annotated[bool, typer.Option("--live", help="Redraw it at every change, until Ctrl-C.")] = False,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, metavar="N", help="Tickets to show of each column.")
    ] = 15,
    full: Annotated[bool, typer.Option("--full", help="Show all tickets of each column.")] = False,
) -> None:
    """Draw the board as columns.

    Of done columns, it shows the newest tickets. In a pipe, it prints a line for each ticket, as `kanban list` does.
    """
    board_id = _board_id(invocation, board_name)
    max_tickets = None if full else limit
    if live:
        if not is_terminal():
            raise CommandError(USAGE, "--live needs a terminal.", fix="kanban watch")
        from kanban_cli.live_board import draw_live

        draw_live(invocation, board_id, max_tickets)
        return

    def draw(snapshot: "Snapshot") -> None:
        if is_terminal():
            from kanban_cli.render.board import BoardDrawing
            from kanban_cli.render.tables import create_console

            create_console().print(BoardDrawing(snapshot.board, snapshot.tickets, max_tickets))
        else:
            rows = [[format_cell(getattr(ticket, field)) for field in LIST_FIELDS] for ticket in snapshot.tickets]
            print_rows(LIST_FIELDS, rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(boards.snapshot(board_id, bodies=False), draw)


@command(
    app,
    examples=["kanban board edit 2 --name Release", "kanban board edit --review --require criteria,answers"],
    without=["lease"],
)
def edit(
    invocation: Invocation,
    board_name: BoardName = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The new name.")] = None,
    description: Description = None,
    review: Annotated[
        bool | None,
        typer.Option("--review/--no-review", help="Whether somebody other than the holder moves tickets to done."),
    ] = None,
    wip_per_user: Annotated[
        str | None, typer.Option(metavar="N", help="The most tickets that one user may hold; none for no limit.")
    ] = None,
    require: Annotated[
        str | None,
        typer.Option(
            metavar="A,B", help="What a ticket needs to be done: criteria, answers, blockers, children, or none."
        ),
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Change a board's name, description or rules."""
    fields: BoardFields = {}
    if name is not None:
        fields["name"] = name
    if review is not None:
        fields["review"] = review
    if description is not None:
        fields["description"] = description or None
    if wip_per_user is not None:
        fields["wip_per_user"] = _parse_limit(wip_per_user, "kanban board edit --wip-per-user 3")
    if require is not None:
        fields["require"] = _requirements(require)
    if not fields:
        raise CommandError(USAGE, "No change is named.", fix="kanban board edit --help")
    invocation.send_and_print(
        boards.edit(_board_id(invocation, board_name), version=if_version, **fields), _print_board
    )


@command(
    app, examples=["kanban board delete 2 --yes", "kanban board delete Release --yes --if-version 3"], without=["lease"]
)
def delete(
    invocation: Invocation, board_name: BoardName = None, yes: Yes = False, if_version: IfVersion = None
) -> None:
    """Delete a board with its tickets.

    Its log can still be read.
    """
    board_id = _board_id(invocation, board_name)
    if not yes:
        raise CommandError(
            USAGE,
            f"Confirm with --yes that board {board_id} with its tickets is to be deleted.",
            fix="kanban board delete --help",
        )
    invocation.send_and_print(boards.delete(board_id, version=if_version), lambda deleted: print_line(deleted.message))


@command(app, examples=["kanban board archive", "kanban board archive Release --days 0"], without=["lease"])
def archive(
    invocation: Invocation,
    board_name: BoardName = None,
    days: Annotated[
        int, typer.Option(min=0, metavar="N", help="Archive tickets that have been done for this many days.")
    ] = ARCHIVE_DAYS,
) -> None:
    """Archive tickets that have been done for a long time.

    `kanban undelete` restores an archived ticket.
    """
    board_id, archived, more = _board_id(invocation, board_name), 0, True
    while more:
        result = invocation.send(boards.archive(board_id, days=days))
        archived, more = archived + result.archived, result.more
    if invocation.options.json:
        invocation.print_json({"board_id": board_id, "archived": archived})
    else:
        print_line(f"{archived} archived")


@command(
    app, examples=["kanban board columns", "kanban board columns Todo Doing Done --move-to Todo"], without=["lease"]
)
def columns(
    invocation: Invocation,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="The names of all columns, in order.")
    ] = None,
    set_: Annotated[
        str | None, typer.Option("--set", metavar="A,B,C", help="The same as the arguments, in one text.")
    ] = None,
    move_to: MoveTo = None,
) -> None:
    """Show the columns, or set them.

    With names, columns are added, ordered and removed. `kanban board column` renames a column.
    """
    column_names = [*(names or []), *(_split_names(set_) if set_ is not None else [])]
    if not column_names and set_ is None:

        def print_columns(board: "Board") -> None:
            rows = [[one.id, one.role, one.limit or EMPTY_CELL, one.name] for one in board.column_settings]
            print_rows(["id", "role", "limit", "name"], rows, f"{len(rows)} of {len(rows)}")

        invocation.send_and_print(boards.get(invocation.board_id), print_columns)
        return
    invocation.send_and_print(
        boards.set_columns(invocation.board_id, column_names, move_to=move_to),
        lambda changed: print_cells("columns", *changed.columns),
    )


@command(
    app,
    examples=[
        "kanban board column Review --limit 3",
        'kanban board column Review --rename "Ready for QC" --role waiting',
    ],
    without=["lease"],
)
def column(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="COLUMN", help="The column.", autocompletion=COLUMN)],
    rename: Annotated[
        str | None, typer.Option(metavar="NAME", help="The new name; tickets stay in the column.")
    ] = None,
    role: Annotated[
        Literal["todo", "working", "waiting", "done"] | None, typer.Option(help="What the column means.")
    ] = None,
    limit: Annotated[
        str | None, typer.Option(metavar="N", help="The most tickets in the column; none for no limit.")
    ] = None,
) -> None:
    """Change a column's name, role or limit."""
    fields: ColumnFields = {}
    if rename is not None:
        fields["name"] = rename
    if role is not None:
        fields["role"] = role
    if limit is not None:
        fields["limit"] = _parse_limit(limit, f"kanban board column '{name}' --limit 5")
    if not fields:
        raise CommandError(USAGE, "No change is named.", fix="kanban board column --help")
    board = invocation.send(boards.get(invocation.board_id))
    column_ids = {matching(one.name): one.id for one in board.column_settings}
    if matching(name) not in column_ids:
        detail = f"The board has no column '{name}'. Its columns: {', '.join(board.columns)}."
        raise CommandError(NOT_FOUND, detail, fix="kanban board columns")
    call = boards.edit_column(board.id, column_ids[matching(name)], **fields)
    invocation.send_and_print(call, lambda one: print_cells(one.id, one.role, one.limit or EMPTY_CELL, one.name))


def _requirements(text: str) -> "list[Requirement]":
    """Parse the comma-separated fields that a ticket needs before it can be done; may be none."""
    from kanban_sdk.wire.boards import REQUIREMENTS

    names = [name for name in _split_names(text) if name != "none"]
    if unknown := [name for name in names if name not in REQUIREMENTS]:
        detail = f"'{unknown[0]}' is none of {', '.join(REQUIREMENTS)}."
        raise CommandError(USAGE, detail, fix="kanban board edit --require criteria,answers")
    return [requirement for requirement in REQUIREMENTS if requirement in names]


def _parse_limit(text: str, fix: str) -> int | None:
    if text not in {"", "none"} and not (text.isdecimal() and text.isascii()):
        raise CommandError(USAGE, f"'{text}' is not a limit.", fix=fix)
    return int(text) if text.isdecimal() else None


def _board_id(invocation: Invocation, name: str | None) -> int:
    return invocation.with_options(Options(board=name)).board_id


def _split_names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _print_board(board: "Board") -> None:
    print_cells(board.id, board.ticket_count, board.name)
