"""Import tickets: import beads, github, markdown, csv, jsonl. The formats: docs/imports.md."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kanban_cli import importer
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.formats.conversion import ParseError
from kanban_cli.importer import Options
from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_sdk.calls import boards
from kanban_sdk.wire.boards import Board

app = group(
    "Import tickets from files of other programs.",
    examples=["kanban import beads .beads/issues.jsonl", "kanban import csv backlog.csv -b 2"],
)

Lines = Annotated[Path, typer.Argument(metavar="FILE", help="One JSON object a line; - reads stdin.", allow_dash=True)]
Force = Annotated[bool, typer.Option("--force", help="Also change tickets that somebody else holds. It is recorded.")]
Prefer = Annotated[
    Literal["source"] | None,
    typer.Option("--prefer", help="What changed here and there since the last import: take what is there."),
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="- reads stdin.", allow_dash=True)]


@command(app, examples=["kanban import beads .beads/issues.jsonl", "kanban import beads - -b 2"])
def beads(invocation: Invocation, file: Lines, prefer: Prefer = None, force: Force = False) -> None:
    """Import a beads export (JSONL).

    A closed issue goes to the done column, one in progress to the working column.

    Type and labels become labels; what it is blocked by, and its parent, are linked; what has no field here stays in
    `extra`. A title over 200 characters is cut and stands whole on top of the description; a text over 64 KiB goes on
    in comments.
    """
    from kanban_cli.formats import beads

    board = _load_board(invocation)
    parsed_tickets = beads.parse_tickets(str(file), importer.read_file(file), board.column_settings)
    importer.run_import(invocation, board, importer.collect_tickets(invocation, parsed_tickets), Options(prefer, force))


@command(app, examples=["kanban import github issues.json", "kanban import github - -b 2"])
def github(invocation: Invocation, file: File, prefer: Prefer = None, force: Force = False) -> None:
    """Import GitHub issues, as `gh issue list` writes them.

    Write them with gh issue list --state all --limit 9999 --json FIELDS. FIELDS: number,title,body,state,url,labels,
    assignees,author,createdAt,updatedAt,closedAt,milestone,comments. A closed issue goes to the done column. What has
    no field here stays in `extra`.
    """
    from kanban_cli.formats import github

    board = _load_board(invocation)
    parsed_tickets = github.parse_tickets(str(file), importer.read_file(file), board.column_settings)
    importer.run_import(invocation, board, importer.collect_tickets(invocation, parsed_tickets), Options(prefer, force))


@command(app, examples=["kanban import markdown backlog", "kanban import markdown docs/tasks -b 2"])
def markdown(
    invocation: Invocation,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of task files, or a Backlog.md project.")],
    prefer: Prefer = None,
    force: Force = False,
) -> None:
    """Import a folder of Markdown files with front matter.

    Front matter names title, status, priority, assignee, labels, dependencies, parent and more; a status is a column of
    the board, or says its part. Files without front matter are left alone.
    """
    from kanban_cli.formats import markdown

    board = _load_board(invocation)
    try:
        parsed_tickets, skipped = markdown.parse_tickets(folder, board.column_settings)
    except ParseError as error:
        raise importer.unreadable_file_error(invocation, error) from error
    except OSError as error:
        raise importer.unopened_file_error(error, folder) from error
    if not parsed_tickets:
        detail = (
            f"{folder} holds no Markdown files with front matter." if folder.is_dir() else f"{folder} is no folder."
        )
        raise CommandError(USAGE, detail, fix="ls")
    importer.run_import(
        invocation, board, importer.collect_tickets(invocation, parsed_tickets), Options(prefer, force), skipped=skipped
    )


@command(app, "csv", examples=["kanban import csv tasks.csv", "kanban import csv tasks.csv --map 'What to do=title'"])
def table(
    invocation: Invocation,
    file: File,
    rename: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column means that is called otherwise; repeatable."),
    ] = None,
    prefer: Prefer = None,
    force: Force = False,
) -> None:
    """Import a CSV file with a header and a row for each ticket.

    Columns are known by their names: title, description, status, priority, assignee, labels, due, id and more; others
    stay in `extra`. Without an id, the title says whether a row was brought before.
    """
    from kanban_cli.formats import csv

    field_by_column = dict(_parse_mapping(invocation, text) for text in rename or [])
    board = _load_board(invocation)
    try:
        parsed_tickets = csv.parse_tickets(str(file), importer.read_file(file), board.column_settings, field_by_column)
    except ParseError as error:
        raise importer.unreadable_file_error(invocation, error) from error
    importer.run_import(invocation, board, importer.collect_tickets(invocation, parsed_tickets), Options(prefer, force))


@command(app, examples=["kanban import jsonl tickets.jsonl", "kanban import jsonl - -b 2 --json"])
def jsonl(invocation: Invocation, file: Lines, prefer: Prefer = None, force: Force = False) -> None:
    """Import what `kanban export` wrote.

    The board must have the columns that the tickets stand in."""
    from kanban_cli.formats import json_objects

    board = _load_board(invocation)
    parsed_tickets = importer.collect_tickets(
        invocation, json_objects.parse_lines(str(file), importer.read_file(file), _importable_ticket)
    )
    importer.check_columns(board, parsed_tickets)
    importer.run_import(invocation, board, parsed_tickets, Options(prefer, force))


def _load_board(invocation: Invocation) -> Board:
    board: Board = invocation.send(boards.get(invocation.board_id))
    return board


def _parse_mapping(invocation: Invocation, text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals:
        raise CommandError(
            USAGE, f"'{text}' is not COLUMN=FIELD.", fix=invocation.command_line.plus("--map", "COLUMN=title")
        )
    return column, field


def _importable_ticket(line: dict[str, Any]) -> dict[str, Any]:
    """Convert an exported ticket to the import format."""
    from kanban_sdk.wire.import_bodies import ImportedTicket

    fields = ImportedTicket.__dataclass_fields__
    ticket = {name: value for name, value in line.items() if name in fields and value is not None}
    if not isinstance(ticket.get("title"), str):
        raise ValueError("the ticket has no `title`")
    if not ticket.get("source_id"):
        ticket["source_id"] = f"export:{line.get('board_id')}:{line['id']}"
    comment_fields = ("text", "author", "created_at")
    ticket["comments"] = [{name: comment[name] for name in comment_fields} for comment in ticket.get("comments", [])]
    return ticket
