"""Checks of `doctor` of what is stored in more than one place: boards and their logs, files and their contents."""

from __future__ import annotations

from collections.abc import Iterator

from kanban_server.commands import consistency
from kanban_server.commands.findings import Finding, counted
from kanban_server.settings import Settings
from kanban_server.store.statements import DialectName
from kanban_server.store.unit_of_work import Connection

FILES_NAMED = 10
"""Files that a finding names."""


def _check_boards(connection: Connection, dialect: DialectName) -> Iterator[Finding]:
    """Check that the log, the rows, the counts and the indexes of each board agree."""
    boards = list(consistency.compared(connection, dialect))
    for board in boards:
        if differences := board.messages():
            detail = f"Board {board.board_id} ({board.name}): {'; '.join(differences)}."
            yield Finding("boards", "bad", detail, "kanban backup FILE, then kanban doctor --repair")
    if not any(board.count_by_kind() for board in boards):
        yield Finding("boards", "ok", f"Log, tickets, counts and indexes agree on each of {len(boards)} boards.")


def check_stored(connection: Connection, dialect: DialectName, settings: Settings) -> Iterator[Finding]:
    """Check what is stored in more than one place."""
    yield from _check_boards(connection, dialect)
    yield from _check_contents(connection, dialect, settings)


def _check_contents(connection: Connection, dialect: DialectName, settings: Settings) -> Iterator[Finding]:
    """Check that each file has its content, and each content a file."""
    try:
        found = consistency.compared_contents(connection, dialect, settings)
    except OSError as error:
        fix = "Run as the server's user, with its KANBAN_FILES_FOLDER."
        yield Finding("files", "bad", f"The folder of files can't be read ({error.strerror}).", fix)
        return
    for problem, names in (("without the whole content", found.missing), ("with a damaged content", found.damaged)):
        if names:
            shown = ", ".join(names[:FILES_NAMED]) + (" …" if len(names) > FILES_NAMED else "")
            fix = "Attach them again (kanban attach), or take them from a backup."
            yield Finding("files", "bad", f"{counted(len(names), 'file')} {problem}: {shown}.", fix)
    if found.orphans:
        detail = f"{counted(found.orphans, 'content')} that no file has."
        yield Finding("files", "warning", detail, "kanban doctor --repair removes them.")
    if found.skipped:
        detail = (
            f"{counted(found.skipped, 'content')} in a folder: not checked, as KANBAN_FILES_FOLDER is not set here."
        )
        yield Finding("files", "warning", detail, "Run with the server's KANBAN_FILES_FOLDER.")
    if not (found.missing or found.damaged or found.orphans or found.skipped):
        yield Finding("files", "ok", f"{counted(found.checked, 'content')} of files: all are whole.")
