"""One-line texts about tickets, events and durations, shared by several commands."""

from typing import TYPE_CHECKING

from kanban_cli.render.output import print_cells

if TYPE_CHECKING:
    from kanban_sdk.wire.events import Event
    from kanban_sdk.wire.tickets import Ticket

LIST_FIELDS = ("id", "current_column", "assignee", "title")
"""Ticket fields that a list shows."""
EMPTY_CELL = "-"
_UNITS = (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "", 60))


def format_cell(value: object) -> str:
    """Format a field's value as one cell."""
    if value is None or value == []:
        return EMPTY_CELL
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, dict) or hasattr(value, "__dataclass_fields__"):
        from kanban_cli.render.escaping import compact_json

        return compact_json(value)
    return str(value)


def print_ticket_line(ticket: "Ticket") -> None:
    """Print one line about a ticket, with the fields of a list."""
    print_cells(*(format_cell(getattr(ticket, field)) for field in LIST_FIELDS))


def describe_event(event: "Event") -> str:
    """Describe an event without who and when."""
    data = event.data
    ticket = f"{event.ticket_id} {data.get('title', '')}".strip()
    match event.event:
        case "ticket_created" | "ticket_restored":
            return f"{event.event[7:]} {ticket} in {data.get('current_column')}"
        case "ticket_moved":
            return f"moved {ticket}: {data.get('from_column')} → {data.get('to_column')}"
        case "ticket_updated":
            return f"changed {ticket}: {', '.join(data.get('changes', {}))}"
        case "ticket_released":
            return f"released {ticket} ({data.get('reason')})"
        case "comment_added" | "comment_updated":
            text = str(data.get("text", ""))
            return f"{event.event[8:]} comment on {event.ticket_id}: {text[:80]}{'…' if len(text) > 80 else ''}"
        case "comment_deleted":
            return f"deleted comment on {event.ticket_id}"
        case "board_updated":
            return f"changed the board: {', '.join(data.get('changes', {}))}"
        case "board_created" | "board_deleted":
            return f"{event.event[6:]} the board {data.get('name', '')}".strip()
        case "board_repaired":
            return "repaired the board"
        case "column_reordered":
            return f"reordered {data.get('column')}"
        case "snapshot":
            return f"the board as it is at event {event.seq}: what came before can't be read any longer"
    return f"{event.event.removeprefix('ticket_')} {ticket if event.ticket_id else ''}".strip()


def format_duration(seconds: float) -> str:
    """Format a duration in its largest unit and the next: 45s, 29m, 1h 5m, 3d 2h."""
    total = int(seconds)
    for unit, size, smaller, next_size in _UNITS:
        if total >= size:
            rest = total % size // next_size
            return f"{total // size}{unit} {rest}{smaller}" if rest else f"{total // size}{unit}"
    return f"{total}s"
