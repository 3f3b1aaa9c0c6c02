"""Attach the files that `kanban export --files FOLDER` wrote to FOLDER/TICKET/NAME to the tickets of an import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.formats.json_values import objects, read_lines
from kanban_cli.formats.source import Source
from kanban_cli.formats.trackers import jsonl
from kanban_cli.invocation import Invocation
from kanban_sdk.calls import tickets


class FileToAttach(NamedTuple):
    """A file of a ticket that is imported."""

    source_id: str
    path: Path


def find_files(source: Source, folder: Path) -> list[FileToAttach]:
    """Return the files that the tickets of an export name. Stops if one of them is not in the folder."""
    files = list(_named_files(source, folder))
    missing = [file.path for file in files if not file.path.is_file()]
    if missing:
        others = f", and {len(missing) - 1} more are not" if len(missing) > 1 else ""
        raise CommandError(
            USAGE,
            f"{missing[0]} is not there{others}. Nothing was imported.",
            fix=f"Export the board again with --files {folder}.",
        )
    return files


def _named_files(source: Source, folder: Path) -> Iterator[FileToAttach]:
    for _, line in read_lines(source):
        for file in objects(line.get("files")) if "_type" not in line else []:
            name = str(file.get("name"))
            if name in {"", ".", ".."} or Path(name).name != name:
                raise CommandError(USAGE, f"'{name}' is no name of a file. Nothing was imported.", fix="ls")
            yield FileToAttach(jsonl.source_id_of(line), folder / str(line.get("id")) / name)


def attach_files(invocation: Invocation, files: list[FileToAttach], ids: Mapping[str, int]) -> int:
    """Attach the files that their tickets lack; return how many. What was removed from a ticket here stays removed."""
    count = 0
    for source_id, group in groupby(files, lambda file: file.source_id):
        if (ticket := ids.get(source_id)) is None:
            continue
        known = {file.name for file in invocation.client.files.all(ticket)} | _removed_names(invocation, ticket)
        for file in group:
            if file.path.name not in known:
                invocation.client.files.attach(ticket, file.path)
                count += 1
    return count


def _removed_names(invocation: Invocation, ticket: int) -> set[str]:
    """The names whose last change in the ticket's history is a removal."""
    changes = [change for change in invocation.send(tickets.history(ticket)) if change.field_name == "file"]
    attached = {str(change.new_value or change.old_value): change.new_value is not None for change in reversed(changes)}
    return {name for name, is_attached in attached.items() if not is_attached}
