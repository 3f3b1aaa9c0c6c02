"""Boards and their columns."""

from typing import Annotated, Any, Literal

import typer

from kanban_cli.commands import members, webhooks
from kanban_cli.context import answer, as_json, board, given, kanban, send, typed
from kanban_cli.exits import NOT_FOUND, USAGE, Stop
from kanban_cli.options import BOARD, COLUMN, IfVersion, Yes, command, group
from kanban_cli.output import say, say_cells, say_json, say_rows, terminal
from kanban_cli.texts import FOUR, NOBODY, cell
from kanban_sdk.calls import boards
from kanban_sdk.wire.boards import matching
from kanban_sdk.wire.limits import ARCHIVE_DAYS

app = group("Boards and their columns.", examples=["kanban board add Release", "kanban board column Review --limit 3"])
app.add_typer(webhooks.app, name="webhook")
app.add_typer(members.app, name="member")

BoardName = Annotated[
    str | None,
    typer.Argument(metavar="[BOARD]", help="By id or name, as -b.", autocompletion=BOARD, show_default=False),
]
Description = Annotated[str | None, typer.Option("-d", "--description", help="What it is for.")]
MoveTo = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Where tickets of removed columns go.", autocompletion=COLUMN)
]


@command(app, "list", examples=["kanban board list", "kanban board list --json"])
def list_boards() -> None:
    """List the boards: number, tickets, name."""

    def show_all(found: Any) -> None:
        rows = [[one.id, one.ticket_count, one.name] for one in found]
        say_rows(["id", "tickets", "name"], rows, f"{len(rows)} of {len(rows)}")

    answer(boards.all(), show_all)


@command(app, examples=["kanban board add Release", 'kanban board add Release --columns "Todo,Doing,Review,Done"'])
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
    description: Description = None,
    columns: Annotated[str | None, typer.Option(metavar="A,B,C", help="Its columns; else the usual five.")] = None,
) -> None:
    """Add a board."""
    named = None if columns is None else _names(columns)
    answer(boards.create(name, description=description, columns=named), _say_board)


@command(app, examples=["kanban board show", "kanban board show 2 --live"])
def show(
    board_name: BoardName = None,
    live: Annotated[bool, typer.Option("--live", help="Keep it current, until Ctrl-C.")] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="Tickets of a column, on a terminal.")] = 15,
    full: Annotated[bool, typer.Option("--full", help="All tickets of each column.")] = False,
) -> None:
    """Draw the board as columns; in a pipe, its tickets line by line, as `kanban list` has them."""
    meant = _meant(board_name)
    most = None if full else limit
    if live:
        _live(meant, most)
        return

    def draw(found: Any) -> None:
        if terminal():
            from kanban_cli import drawing

            drawing.console().print(drawing.drawn(found.board, found.tickets, most))
        else:
            rows = [[cell(getattr(ticket, field)) for field in FOUR] for ticket in found.tickets]
            say_rows(FOUR, rows, f"{len(rows)} of {len(rows)}")

    answer(boards.snapshot(meant, bodies=False), draw)


@command(app, examples=["kanban board edit 2 --name Release", "kanban board edit --review --require criteria,answers"])
def edit(
    board_name: BoardName = None,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    description: Description = None,
    review: Annotated[
        bool | None, typer.Option("--review/--no-review", help="Whether somebody else accepts what a holder did.")
    ] = None,
    wip_per_user: Annotated[
        str | None, typer.Option(metavar="N", help="The most tickets that one user holds; none for no limit.")
    ] = None,
    require: Annotated[
        str | None, typer.Option(metavar="A,B", help="criteria, answers, blockers, children: what done wants; or none.")
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Change a board's name, description or rules; an empty description clears it."""
    fields: dict[str, Any] = {"name": name, "review": review}
    fields = {field: value for field, value in fields.items() if value is not None}
    fields |= {} if description is None else {"description": description or None}
    fields |= (
        {} if wip_per_user is None else {"wip_per_user": _limit(wip_per_user, "kanban board edit --wip-per-user 3")}
    )
    fields |= {} if require is None else {"require": _requirements(require)}
    if not fields:
        raise Stop(USAGE, "Nothing to change is named.", fix="kanban board edit --help")
    answer(boards.edit(_meant(board_name), version=if_version, **fields), _say_board)


@command(app, examples=["kanban board delete 2 --yes", "kanban board delete Release --yes --if-version 3"])
def delete(board_name: BoardName = None, yes: Yes = False, if_version: IfVersion = None) -> None:
    """Delete a board with its tickets. Its log can still be read."""
    meant = _meant(board_name)
    if not yes:
        raise Stop(USAGE, f"Delete board {meant} with its tickets? That wants --yes.", fix=typed("--yes"))
    answer(boards.delete(meant, version=if_version), lambda deleted: say(deleted.message))


@command(app, examples=["kanban board archive", "kanban board archive Release --days 0"])
def archive(
    board_name: BoardName = None,
    days: Annotated[int, typer.Option(min=0, help="Done for so long.")] = ARCHIVE_DAYS,
) -> None:
    """Put tickets that have been done for long into the archive; `undelete` brings one back."""
    meant, archived, more = _meant(board_name), 0, True
    while more:
        told = send(boards.archive(meant, days=days))
        archived, more = archived + told.archived, told.more
    if as_json():
        say_json({"board_id": meant, "archived": archived})
    else:
        say(f"{archived} archived")


@command(app, examples=["kanban board columns", "kanban board columns Todo Doing Done --move-to Todo"])
def columns(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All columns, in order.")] = None,
    set_: Annotated[str | None, typer.Option("--set", metavar="A,B,C", help="All columns, in order.")] = None,
    move_to: MoveTo = None,
) -> None:
    """Show the columns; with names, add, order and remove them. `board column` renames."""
    wanted = [*(names or []), *(_names(set_) if set_ is not None else [])]
    if not wanted and set_ is None:

        def show_columns(found: Any) -> None:
            rows = [[one.id, one.role, one.limit or NOBODY, one.name] for one in found.column_settings]
            say_rows(["id", "role", "limit", "name"], rows, f"{len(rows)} of {len(rows)}")

        answer(boards.get(board()), show_columns)
        return
    answer(boards.set_columns(board(), wanted, move_to=move_to), lambda changed: say_cells("columns", *changed.columns))


@command(
    app,
    examples=[
        "kanban board column Review --limit 3",
        'kanban board column Review --rename "Ready for QC" --role waiting',
    ],
)
def column(
    name: Annotated[str, typer.Argument(metavar="COLUMN", help="The column.", autocompletion=COLUMN)],
    rename: Annotated[str | None, typer.Option(metavar="NAME", help="A new name; its tickets stay.")] = None,
    role: Annotated[Literal["todo", "working", "waiting", "done"] | None, typer.Option(help="What it means.")] = None,
    limit: Annotated[str | None, typer.Option(metavar="N", help="The most tickets in it; none for no limit.")] = None,
) -> None:
    """Change a column's name, role or limit."""
    fields: dict[str, Any] = {"name": rename, "role": role}
    fields = {field: value for field, value in fields.items() if value is not None}
    if limit is not None:
        fields["limit"] = _limit(limit, f"kanban board column '{name}' --limit 5")
    if not fields:
        raise Stop(USAGE, "Nothing to change is named.", fix="kanban board column --help")
    found = send(boards.get(board()))
    known = {matching(one.name): one.id for one in found.column_settings}
    if matching(name) not in known:
        detail = f"The board has no column '{name}'. Its columns: {', '.join(found.columns)}."
        raise Stop(NOT_FOUND, detail, fix="kanban board columns")
    changed = boards.edit_column(found.id, known[matching(name)], **fields)
    answer(changed, lambda one: say_cells(one.id, one.role, one.limit or NOBODY, one.name))


def _requirements(text: str) -> list[str]:
    """What a ticket must have to be done, as it is typed: names with commas between them, or none."""
    from kanban_sdk.wire.boards import REQUIREMENTS

    names = [name.strip() for name in text.split(",") if name.strip() and name.strip() != "none"]
    if unknown := [name for name in names if name not in REQUIREMENTS]:
        detail = f"'{unknown[0]}' is none of {', '.join(REQUIREMENTS)}."
        raise Stop(USAGE, detail, fix="kanban board edit --require criteria,answers")
    return names


def _limit(given: str, fix: str) -> int | None:
    if given not in {"", "none"} and not (given.isdecimal() and given.isascii()):
        raise Stop(USAGE, f"'{given}' is not a limit.", fix=fix)
    return int(given) if given.isdecimal() else None


def _meant(name: str | None) -> int:
    given({"board": name})
    return board()


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


def _say_board(one: Any) -> None:
    say_cells(one.id, one.ticket_count, one.name)


def _live(board: int, most: int | None) -> None:
    """The board, drawn again whenever it changed, until it is deleted or Ctrl-C."""
    if not terminal():
        raise Stop(USAGE, "--live draws on a terminal, and this is a pipe.", fix="kanban watch")
    import time
    from contextlib import suppress

    from rich.live import Live

    from kanban_cli import drawing
    from kanban_sdk.errors import TimedOut
    from kanban_sdk.outage import BACK

    notes = [""]

    def notice(text: str) -> None:
        notes[0] = "" if text == BACK else text
        screen.update(drawing.drawn(mirror.board, mirror.tickets, most, notes[0]), refresh=True)

    mirror = kanban().mirror(board, notice=notice)
    with mirror, Live(console=drawing.console(), auto_refresh=False, screen=True) as screen:
        screen.update(drawing.drawn(mirror.board, mirror.tickets, most), refresh=True)
        for _ in mirror:
            burst = time.monotonic() + 0.1
            with suppress(TimedOut, StopIteration):
                while True:
                    mirror.next(max(0.0, burst - time.monotonic()))
            screen.update(drawing.drawn(mirror.board, mirror.tickets, most, notes[0]), refresh=True)
