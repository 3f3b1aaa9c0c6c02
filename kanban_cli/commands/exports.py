"""Export a board's tickets as JSONL, which `kanban import jsonl` reads, or as CSV for a spreadsheet."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.escaping import compact_json, escape
from kanban_cli.render.output import is_terminal, print_json, print_line
from kanban_cli.render.sentences import format_cell
from kanban_sdk.calls import boards, comments

app = typer.Typer()

JsonObject = dict[str, Any]

CSV_COLUMNS = (
    *("id", "title", "current_column", "priority", "assignee", "labels", "created_by", "created_at", "updated_by"),
    *("updated_at", "column_entered_at", "version", "comment_count", "source_id", "description", "acceptance_criteria"),
)
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")
"""Characters that begin a formula in a spreadsheet."""


@command(app, examples=["kanban export tickets.jsonl", "kanban export -b 2 --format csv"], without=["lease"])
def export(
    invocation: Invocation,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The file to write. Default: stdout.", allow_dash=True)
    ] = None,
    format_: Annotated[
        Literal["jsonl", "csv"] | None,
        typer.Option("--format", help="The format. Default: by the file's name, else jsonl."),
    ] = None,
) -> None:
    """Export a board's tickets with their comments.

    It writes a line for each ticket, in the board's order. `kanban import jsonl` reads JSONL. In CSV, a ' is put before
    cells that a spreadsheet would run as formulas.
    """
    format_name = format_ or ("csv" if file is not None and file.suffix == ".csv" else "jsonl")
    write = {"jsonl": _write_jsonl, "csv": _write_csv}[format_name]
    tickets = invocation.send_raw(boards.snapshot(invocation.board_id))["tickets"]
    if file is None or str(file) == "-":
        write(invocation, sys.stdout, tickets)
        return
    temporary_file = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with temporary_file.open("w", encoding="utf-8", newline="", errors="surrogatepass") as target:
            write(invocation, target, tickets)
        temporary_file.replace(file)
    except OSError as error:
        temporary_file.unlink(missing_ok=True)
        raise CommandError(USAGE, f"{file} can't be written: {error.strerror}", fix="kanban export") from error
    if invocation.options.json:
        print_json({"file": str(file), "format": format_name, "tickets": len(tickets)})
    else:
        print_line(f"{len(tickets)} tickets in {file}")


def _write_jsonl(invocation: Invocation, target: TextIO, tickets: list[JsonObject]) -> None:
    for ticket in tickets:
        ticket["source_id"] = ticket.get("source_id") or f"export:{ticket['board_id']}:{ticket['id']}"
    sources = {ticket["id"]: ticket["source_id"] for ticket in tickets}
    for ticket in tickets:
        extra = ticket["extra"] or {}  # `extra` holds the names that an import could not link
        linked = [sources[id] for id in ticket["blocked_by"] if id in sources]
        ticket["blocked_by_sources"] = [*linked, *extra.get("blocked_by_sources", ())]
        ticket["parent_source"] = sources.get(ticket["parent"]) or extra.get("parent_source")
        ticket["comments"] = invocation.send_raw(comments.all(ticket["id"])) if ticket["comment_count"] else []
        target.write(f"{compact_json(ticket)}\n")


def _write_csv(_: Invocation, target: TextIO, tickets: list[JsonObject]) -> None:
    import csv

    on_terminal = target is sys.stdout and is_terminal()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for ticket in tickets:
        row = [escape_formula(_csv_cell(ticket.get(name))) for name in CSV_COLUMNS]
        writer.writerow([escape(text) for text in row] if on_terminal else row)


def escape_formula(text: str) -> str:
    """Escape a text so that a spreadsheet does not run it as a formula."""
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def _csv_cell(value: object) -> str:
    return "" if value is None or value == [] else value if isinstance(value, str) else format_cell(value)
