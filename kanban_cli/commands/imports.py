"""Import tickets from elsewhere. The formats: docs/imports.md."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.formats import registry
from kanban_cli.formats.item import ReadOptions
from kanban_cli.formats.source import ParseError, Source
from kanban_cli.formats.trackers import jsonl
from kanban_cli.invocation import Invocation, print_notice
from kanban_cli.options import command
from kanban_cli.transfer import file_import, importer, own_export
from kanban_cli.transfer.import_report import Summary
from kanban_sdk.calls import boards
from kanban_sdk.wire.boards import Board

app = typer.Typer()


@command(
    app,
    "import",
    examples=[
        "kanban import issues.json --dry-run",
        "kanban import csv tasks.csv --map 'What to do=title'",
    ],
)
def import_(
    invocation: Invocation,
    format_: Annotated[str, typer.Argument(metavar="[FORMAT]", help="Its format, if it is not recognized.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A file or a folder; - reads stdin.", allow_dash=True)
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column of a table means; repeatable."),
    ] = None,
    dates: Annotated[
        Literal["dmy", "mdy"] | None, typer.Option("--dates", help="Which comes first in 01/02/2026: day or month.")
    ] = None,
    prefer: Annotated[
        Literal["source"] | None,
        typer.Option("--prefer", help="What changed here and there since the last import: take what is there."),
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option("--files", metavar="FOLDER", help="Also attach the files that `export --files` wrote to FOLDER."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read the file and say what is in it; send nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also change tickets that somebody else holds. It is recorded.")
    ] = False,
) -> None:
    """Import tickets from files of other programs.

    A second run takes only what changed there.

    FORMAT is recognized if it is left out: jsonl (what `kanban export` wrote), csv (any table), markdown (files with
    front matter, Backlog.md), beads, github, taskmaster, trello, jira, linear, asana, gitlab, azure, todoist, notion,
    planka, wekan, kanboard, vikunja, vibe-kanban, obsidian, taskwarrior, todotxt, org, checklist.

    The whole file is read before anything is sent. What has no field here stays in `extra`; what was not understood is
    named. A title over 200 characters is cut and stands whole on top of the description; a text over 64 KiB goes on in
    comments.
    """
    chosen, path = _split_arguments(invocation, format_, file)
    options = ReadOptions(dict(_parse_mapping(invocation, text) for text in rename or []), dates)
    board: Board = invocation.send(boards.get(invocation.board_id))
    chosen, source = _open(invocation, chosen, path)
    if options.field_by_column and chosen not in {"csv", "notion"}:
        raise CommandError(USAGE, "--map is for tables.", fix=f"kanban import csv {path} --map 'COLUMN=title'")
    if files is not None and chosen != "jsonl":
        raise CommandError(
            USAGE, "--files is for what `kanban export` wrote as jsonl.", fix="kanban export board.jsonl --files FOLDER"
        )
    parsed_file = importer.read_tickets(invocation, registry.parse(chosen, source, board.column_settings, options))
    if source.is_folder and not parsed_file.count:
        raise CommandError(USAGE, f"{path} holds no Markdown files with front matter, boards or check lists.", fix="ls")
    report = Summary(chosen, options.skipped)
    exported = jsonl.read_board(source) if chosen == "jsonl" else None
    if own_export.is_own_export(board, parsed_file, exported):
        report.print_own(parsed_file.count, json=invocation.options.json)
        return
    attachments = file_import.find_files(source, files) if files is not None else []
    settings = own_export.BoardSettings(invocation, board, exported) if exported else None
    is_new = settings is not None and settings.fits()
    if chosen == "jsonl" and not is_new:
        own_export.check_columns(board, parsed_file)
    if dry_run:
        importer.preview_import(parsed_file, report)
        return
    if settings and not is_new:
        settings.name_differences()
    if settings and is_new:
        settings.set_columns()
    importer.run_import(board, parsed_file, importer.Options(prefer, force), report)
    report.files = file_import.attach_files(invocation, attachments, report.ids)
    if settings and is_new:
        settings.set_rules()
    report.print(json=invocation.options.json)


def _open(invocation: Invocation, chosen: str | None, path: Path) -> tuple[str, Source]:
    """Return the format, recognized if it was not typed, and the opened file."""
    if chosen == "markdown" and str(path) != "-" and not path.exists():
        raise CommandError(USAGE, f"{path} is no folder and no file.", fix="ls")
    source = importer.open_source(invocation, path)
    try:
        return chosen or _recognize(source), source
    except ParseError as error:
        raise importer.unreadable_file_error(invocation, error) from error


def _split_arguments(invocation: Invocation, first: str, second: Path | None) -> tuple[str | None, Path]:
    """Return the format, if it was typed, and the file. Stops if there is no such format, or no file."""
    if second is None:
        path = Path(first)
        if first in registry.FORMATS and not path.exists():
            raise CommandError(
                USAGE, f"Which file? {registry.FORMATS[first].title}.", fix=invocation.command_line.plus("FILE")
            )
        return None, path
    if first not in registry.FORMATS:
        detail = f"'{first}' is no format; these are: {', '.join(registry.FORMATS)}."
        raise CommandError(USAGE, detail, fix=f"kanban import {second}")
    return first, second


def _recognize(source: Source) -> str:
    """Return the format of a file, and say it. Stops if it is unknown."""
    name = registry.recognize(source)
    if name is None:
        detail = f"{source.name} is of no format that is known: {', '.join(registry.FORMATS)}. Nothing was imported."
        raise CommandError(USAGE, detail, fix=f"kanban import csv {source.name}")
    print_notice(f"{source.name} is read as {registry.FORMATS[name].title}.")
    return name


def _parse_mapping(invocation: Invocation, text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals:
        raise CommandError(
            USAGE, f"'{text}' is not COLUMN=FIELD.", fix=invocation.command_line.plus("--map", "COLUMN=title")
        )
    return column, field
