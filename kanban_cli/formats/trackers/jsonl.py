"""What `kanban export` wrote: a line about the board, then a ticket per line, as the API has it.

A history that does not fit into the line of its ticket goes on in the lines that follow.
"""

from collections.abc import Iterator
from typing import cast

from kanban_cli.formats.json_values import JsonObject, objects, read_lines
from kanban_cli.formats.source import Source
from kanban_cli.formats.ticket import ChangeFields, CommentFields, ParsedTicket, Place, TicketFields
from kanban_cli.formats.values import parse_source_id

BOARD_TYPE = "board"
"""The `_type` of the line about the board."""
HISTORY_TYPE = "history"
"""The `_type` of a line with more of the history of the ticket before it."""


def parse(source: Source) -> Iterator[ParsedTicket]:
    """Parse the exported tickets. Raises ParseError."""
    ticket: TicketFields | None = None
    for line, value in read_lines(source):
        kind = value.get("_type")
        if kind == BOARD_TYPE:
            continue
        try:
            ticket = _continued_ticket(value, ticket) if kind == HISTORY_TYPE else _importable_ticket(value)
        except (ValueError, TypeError, KeyError) as error:
            raise source.error(line, str(error)[:200] or type(error).__name__) from error
        yield ParsedTicket(Place(source.name, line), ticket, continued=kind == HISTORY_TYPE)


def read_board(source: Source) -> JsonObject | None:
    """Return what a full export says of its board, in its first line; None for another file. Raises ParseError."""
    first = next(read_lines(source), None)
    return first[1] if first and first[1].get("_type") == BOARD_TYPE else None


def source_id_of(line: JsonObject) -> str:
    """Return the id by which a ticket of an export is known to an import. Raises ValueError and KeyError."""
    source_id = line.get("source_id") or f"export:{line.get('board_id')}:{line['id']}"
    return parse_source_id(source_id, "`source_id`")


def _continued_ticket(line: JsonObject, ticket: TicketFields | None) -> TicketFields:
    """Return the ticket again, with more of its history. Raises ValueError, if that is of another ticket."""
    if ticket is None or line.get("source_id") != ticket["source_id"]:
        raise ValueError("it goes on with the history of a ticket that is not in the line before it")
    return {**ticket, "history": _importable_history(line)}


def _importable_ticket(line: JsonObject) -> TicketFields:
    """Convert an exported ticket to the import format. Raises ValueError, TypeError and KeyError."""
    names = TicketFields.__optional_keys__ | TicketFields.__required_keys__
    ticket = cast("TicketFields", {name: value for name, value in line.items() if name in names and value is not None})
    if not isinstance(line.get("title"), str):
        raise ValueError("the ticket has no `title`")
    ticket["source_id"] = source_id_of(line)
    if line.get("archived_at"):
        ticket["archived"] = True
    ticket["history"] = _importable_history(line)
    ticket["comments"] = [_importable_comment(comment) for comment in objects(line.get("comments"))]
    return ticket


def _importable_comment(comment: JsonObject) -> CommentFields:
    fields = {name: comment[name] for name in ("text", "author", "created_at")}
    return cast("CommentFields", fields)


def _importable_history(line: JsonObject) -> list[ChangeFields]:
    names = ChangeFields.__required_keys__
    return [cast("ChangeFields", {name: one[name] for name in names}) for one in objects(line.get("history"))]
