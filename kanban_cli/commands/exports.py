"""Export a board's tickets: as JSONL or CSV, which `kanban import` reads back, or in the form of other programs."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, TextIO, cast

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_line
from kanban_cli.writers import jsonl, markdown, tables
from kanban_cli.writers.exported import ExportedBoard

app = typer.Typer()

FormatName = Literal["jsonl", "csv", "markdown", "jira", "linear"]


@command(app, examples=["kanban export tickets.jsonl --full", "kanban export -b 2 --format csv"], without=["lease"])
def export(
    invocation: Invocation,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The file to write. Default: stdout.", allow_dash=True)
    ] = None,
    format_: Annotated[
        FormatName | None, typer.Option("--format", help="The format. Default: by the file's name, else jsonl.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Also the archive, and in JSONL the board's settings, the trash and the history."),
    ] = False,
    files: Annotated[
        Path | None,
        typer.Option("--files", metavar="FOLDER", help="Also download the files of the tickets, to FOLDER."),
    ] = None,
) -> None:
    """Export a board's tickets with their comments.

    It writes a line for each ticket, in the board's order. `kanban import` reads JSONL and CSV. markdown writes a
    folder in the form of Backlog.md, without comments; jira and linear write CSV with their columns. In CSV, a ' is put
    before cells that a spreadsheet would run as formulas. JSONL names the files of a ticket; --files writes each to
    FOLDER/TICKET/NAME, from where `kanban import --files` attaches them.
    """
    format_name: FormatName = format_ or ("csv" if file is not None and file.suffix == ".csv" else "jsonl")
    if format_name == "markdown" and (file is None or str(file) == "-"):
        raise CommandError(USAGE, "markdown writes a folder.", fix="kanban export backlog --format markdown")
    exported = ExportedBoard.load(invocation, archived=full, deleted=full and format_name == "jsonl")
    if files is not None:
        _download_files(invocation, files, exported)
    if file is None or str(file) == "-":
        _write(sys.stdout, format_name, exported, full=full)
        return
    try:
        if format_name == "markdown":
            markdown.write(file, exported)
        else:
            _write_file(file, format_name, exported, full=full)
    except OSError as error:
        raise CommandError(USAGE, f"{file} can't be written: {error.strerror}", fix="kanban export") from error
    if invocation.options.json:
        invocation.print_json({"file": str(file), "format": format_name, "tickets": len(exported.tickets)})
    else:
        print_line(f"{len(exported.tickets)} tickets in {file}")


def _download_files(invocation: Invocation, folder: Path, exported: ExportedBoard) -> None:
    """Write the files of the tickets; those that are there already are replaced. Stops if one can't be written."""
    for ticket in exported.tickets:
        id = cast("int", ticket["id"])
        for name in (str(file["name"]) for file in cast("list[dict[str, object]]", ticket.get("files", []))):
            target = folder / str(id) / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                invocation.client.files.download(id, name, target, force=True)
            except OSError as error:
                raise CommandError(
                    USAGE, f"{target} can't be written: {error.strerror}", fix="kanban export"
                ) from error


def _write_file(file: Path, format_name: FormatName, exported: ExportedBoard, *, full: bool) -> None:
    """Write a file all at once: it is complete, or as it was before. Raises OSError."""
    temporary_file = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with temporary_file.open("w", encoding="utf-8", newline="", errors="surrogatepass") as target:
            _write(target, format_name, exported, full=full)
        temporary_file.replace(file)
    except BaseException:
        temporary_file.unlink(missing_ok=True)
        raise


def _write(target: TextIO, format_name: FormatName, exported: ExportedBoard, *, full: bool) -> None:
    if format_name == "jsonl":
        jsonl.write(target, exported, full=full)
    elif format_name == "jira":
        tables.write_jira(target, exported)
    elif format_name == "linear":
        tables.write_linear(target, exported)
    else:
        tables.write(target, exported)
