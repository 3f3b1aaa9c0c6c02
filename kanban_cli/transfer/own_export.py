"""Importing what `kanban export` wrote: on the board that it came from, on a new board, and on others."""

import shlex
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, cast

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.formats import dates
from kanban_cli.formats.json_values import JsonObject, object_of, objects
from kanban_cli.invocation import Invocation, print_notice
from kanban_cli.transfer.importer import ParsedFile
from kanban_sdk.calls import boards, tickets
from kanban_sdk.errors import NotFound
from kanban_sdk.wire.boards import Board, Column, matching

if TYPE_CHECKING:
    from kanban_sdk.wire.bodies import BoardFields, ColumnFields

OWN_TICKETS_TRIED = 20
"""Tickets of a file that are looked up, to know an export of the same board; deleted ones are not found."""
MINUTE = len("2026-01-02T03:04")
"""Characters of a time up to its minutes; some formats have no seconds."""
RULES = ("wip_per_user", "review", "require")
"""The fields of a board that are rules for its tickets."""


def is_own_export(board: Board, parsed_file: ParsedFile, exported: JsonObject | None) -> bool:
    """Whether a file was exported from this board.

    A full export says so (`exported`, see `jsonl.read_board`). Else one of the tickets was made here, at the same time.
    """
    if exported is not None and (exported.get("id"), exported.get("created_at")) == (board.id, board.created_at):
        return True
    prefix = f"export:{board.id}:"
    own_names = {name for name in parsed_file.places if name.startswith(prefix) and name[len(prefix) :].isdecimal()}
    candidates = (ticket for ticket, _ in parsed_file.tickets() if ticket["source_id"] in own_names)
    for candidate in islice(candidates if own_names else (), OWN_TICKETS_TRIED):
        try:
            ticket = parsed_file.invocation.send(tickets.get(int(candidate["source_id"].removeprefix(prefix))))
        except NotFound:
            continue
        times = [dates.parse_time(time) or "" for time in (ticket.created_at, candidate.get("created_at"))]
        return ticket.source_id is None and times[0][:MINUTE] == times[1][:MINUTE]
    return False


def check_columns(board: Board, parsed_file: ParsedFile) -> None:
    """Stop if the board lacks a column of the tickets."""
    board_columns = {matching(name) for name in board.columns}
    missing = [name for name in parsed_file.columns if name and matching(name) not in board_columns]
    if missing:
        detail = f"Board {board.id} has no column {', '.join(missing)}. Nothing was imported."
        fix = shlex.join(
            ["kanban", "board", "columns", "-b", str(board.id), *board.columns[:-1], *missing, board.columns[-1]]
        )
        raise CommandError(USAGE, detail, fix=fix)


class BoardSettings:
    """The columns and rules of an exported board, and what becomes of them on the board of the import."""

    def __init__(self, invocation: Invocation, board: Board, exported: JsonObject) -> None:
        self._invocation = invocation
        self._board = board
        self._columns = {str(column["name"]): column for column in objects(exported.get("column_settings"))}
        self._rules = {name: exported[name] for name in RULES if name in exported}
        self._description = exported.get("description")

    def fits(self) -> bool:
        """Whether the board may get them: it has columns, and nothing ever happened on the board."""
        if not self._columns or self._board.version > 1 or self._board.ticket_count:
            return False
        return self._invocation.send(boards.snapshot(self._board.id, bodies=False)).seq == 1

    def set_columns(self) -> None:
        """Give the board the columns, with their roles and limits, and the description."""
        fields: BoardFields = {"columns": [*self._columns]}
        if self._description and not self._board.description:
            fields["description"] = str(self._description)
        board = self._invocation.send(boards.edit(self._board.id, **fields))
        for column in board.column_settings:
            if changes := _differences(column, self._columns[column.name]):
                self._invocation.send(boards.edit_column(board.id, column.id, **changes))

    def set_rules(self) -> None:
        """Give the board the rules, after its tickets: some may have been done before there was a rule."""
        if rules := {name: value for name, value in self._rules.items() if value != getattr(self._board, name)}:
            self._invocation.send(boards.edit(self._board.id, **cast("BoardFields", rules)))

    def name_differences(self) -> None:
        """Say which settings the board keeps that the exported one had otherwise."""
        own = {column.name: column for column in self._board.column_settings}
        differing = [
            f"{name} of {column}"
            for column, settings in self._columns.items()
            if column in own
            for name in _differences(own[column], settings)
        ]
        differing += [name for name, value in self._rules.items() if value != getattr(self._board, name)]
        if differing:
            print_notice(f"Board {self._board.id} is not new and keeps its own settings: {', '.join(differing)}.")


def _differences(column: Column, settings: Mapping[str, object]) -> "ColumnFields":
    """Return the role and the limit of an exported column, where they differ."""
    values = object_of(settings)
    changes = {name: values[name] for name in ("role", "limit") if name in values}
    return cast("ColumnFields", {name: value for name, value in changes.items() if value != getattr(column, name)})
