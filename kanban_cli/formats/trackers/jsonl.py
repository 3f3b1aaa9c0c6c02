"""What `kanban export` wrote: a line about the board, then a ticket per line, as the API has it."""

from collections.abc import Iterator
from typing import cast

from kanban_cli.formats.json_values import JsonObject, objects, read_lines
from kanban_cli.formats.source import Source
from kanban_cli.formats.ticket import CommentFields, ParsedTicket, Place, TicketFields
from kanban_cli.formats.values import parse_source_id

BOARD_TYPE = "board"
"""The `_type` of the line about the board."""


def parse(source: Source) -> Iterator[ParsedTicket]:
    """Parse the exported tickets. Raises ParseError."""
    for line, value in read_lines(source):
        if value.get("_type") == BOARD_TYPE:
            continue
        try:
            yield ParsedTicket(Place(source.name, line), _importable_ticket(value))
        except (ValueError, TypeError, KeyError) as error:
            raise source.error(line, str(error)[:200] or type(error).__name__) from error


def _importable_ticket(line: JsonObject) -> TicketFields:
    """Convert an exported ticket to the import format. Raises ValueError, TypeError and KeyError."""
    names = TicketFields.__optional_keys__ | TicketFields.__required_keys__
    ticket = cast("TicketFields", {name: value for name, value in line.items() if name in names and value is not None})
    if not isinstance(line.get("title"), str):
        raise ValueError("the ticket has no `title`")
    source_id = line.get("source_id") or f"export:{line.get('board_id')}:{line['id']}"
    ticket["source_id"] = parse_source_id(source_id, "`source_id`")
    if line.get("archived_at"):
        ticket["archived"] = True
    ticket["comments"] = [_importable_comment(comment) for comment in objects(line.get("comments"))]
    return ticket


def _importable_comment(comment: JsonObject) -> CommentFields:
    fields = {name: comment[name] for name in ("text", "author", "created_at")}
    return cast("CommentFields", fields)
