"""Export: a board's tickets as JSONL, which `kanban import jsonl` takes back, or as CSV, for a spreadsheet."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer

from kanban_cli.context import as_json, board, wire
from kanban_cli.exits import USAGE, Stop
from kanban_cli.options import command
from kanban_cli.output import compact, safe, say, say_json, terminal
from kanban_cli.texts import cell
from kanban_sdk.calls import boards, comments

app = typer.Typer()

CSV = (
    *("id", "title", "current_column", "priority", "assignee", "labels", "created_by", "created_at", "updated_by"),
    *("updated_at", "column_entered_at", "version", "comment_count", "source_id", "description", "acceptance_criteria"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in a spreadsheet."""


@command(app, examples=["kanban export tickets.jsonl", "kanban export -b 2 --format csv"])
def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to; else stdout.", allow_dash=True)
    ] = None,
    format_: Annotated[
        Literal["jsonl", "csv"] | None, typer.Option("--format", help="Else as the file is called, else jsonl.")
    ] = None,
) -> None:
    """Write a board's tickets with their comments, in the board's order, one a line.

    `kanban import jsonl` takes JSONL back. In CSV, cells that a spreadsheet would run as formulas begin with '.
    """
    chosen = format_ or ("csv" if file is not None and file.suffix == ".csv" else "jsonl")
    write = {"jsonl": _write_jsonl, "csv": _write_csv}[chosen]
    tickets = wire(boards.snapshot(board()))["tickets"]
    if file is None or str(file) == "-":
        write(sys.stdout, tickets)
        return
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="", errors="surrogatepass") as target:
            write(target, tickets)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Stop(USAGE, f"{file} can't be written: {error.strerror}", fix="kanban export") from error
    if as_json():
        say_json({"file": str(file), "format": chosen, "tickets": len(tickets)})
    else:
        say(f"{len(tickets)} tickets in {file}")


def _write_jsonl(target: TextIO, tickets: list[dict[str, Any]]) -> None:
    for ticket in tickets:
        ticket["source_id"] = ticket.get("source_id") or f"export:{ticket['board_id']}:{ticket['id']}"
    sources = {ticket["id"]: ticket["source_id"] for ticket in tickets}
    for ticket in tickets:
        extra = ticket["extra"] or {}  # it holds the names that an import could not link
        linked = [sources[id] for id in ticket["blocked_by"] if id in sources]
        ticket["blocked_by_sources"] = [*linked, *extra.get("blocked_by_sources", ())]
        ticket["parent_source"] = sources.get(ticket["parent"]) or extra.get("parent_source")
        ticket["comments"] = wire(comments.all(ticket["id"])) if ticket["comment_count"] else []
        target.write(f"{compact(ticket)}\n")


def _write_csv(target: TextIO, tickets: list[dict[str, Any]]) -> None:
    import csv

    shown = target is sys.stdout and terminal()
    out = csv.writer(target, lineterminator="\n")
    out.writerow(CSV)
    for ticket in tickets:
        row = [harmless(_cell(ticket.get(name))) for name in CSV]
        out.writerow([safe(text) for text in row] if shown else row)


def harmless(text: str) -> str:
    """The text, kept from being run as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cell(value: Any) -> str:
    return "" if value is None or value == [] else value if isinstance(value, str) else cell(value)
