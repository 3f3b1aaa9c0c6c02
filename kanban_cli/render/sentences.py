"""One-line texts about tickets, events and durations, shared by several commands."""

from typing import TYPE_CHECKING

from kanban_cli.render.output import print_cells

if TYPE_CHECKING:
    from kanban_sdk.wire.events import Event, EventData
    from kanban_sdk.wire.tickets import Ticket

LIST_FIELDS = ("id", "current_column", "assignee", "title")
"""Ticket fields that a list shows."""
EMPTY_CELL = "-"
MAX_VALUE_CHARACTERS = 80
"""Characters of a changed value that are shown."""
LONG_FIELDS = frozenset({"description", "acceptance_criteria", "extra"})
"""Fields whose changes are shown without their values."""
FIELD_WORDS = {
    "current_column": "column",
    "acceptance_criteria": "criteria",
    "due_date": "due",
    "blocked_by": "waits for",
    "parent": "part of",
}
"""Field to the word for it, where they differ."""
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
            if data.get("from_column") == data.get("to_column"):
                return f"moved {ticket} within {data.get('to_column')}"
            return f"moved {ticket}: {data.get('from_column')} → {data.get('to_column')}"
        case "ticket_updated":
            return f"changed {ticket}: {_describe_fields(data)}"
        case "ticket_blocked":
            return f"blocked {ticket}: waits for {format_cell(data.get('open'))}"
        case "ticket_released":
            return f"released {ticket} ({data.get('reason')})"
        case "comment_added" | "comment_updated":
            return f"{event.event[8:]} comment on {event.ticket_id}: {describe_comment(str(data.get('text', '')))}"
        case "question_withdrawn":
            return f"withdrew the question on {ticket}"
        case "comment_deleted":
            return f"deleted comment on {event.ticket_id}"
        case "board_updated":
            return f"changed the board: {_describe_fields(data)}"
        case "board_created" | "board_deleted":
            return f"{event.event[6:]} the board {data.get('name', '')}".strip()
        case "board_repaired":
            return "repaired the board"
        case "column_reordered":
            return f"reordered {data.get('column')}"
        case "snapshot":
            return f"the board as it is at event {event.seq}: what came before can't be read any longer"
    return f"{event.event.removeprefix('ticket_')} {ticket if event.ticket_id else ''}".strip()


def _describe_fields(data: "EventData") -> str:
    return ", ".join(
        describe_field(name, change.get("from"), change.get("to")) for name, change in data.get("changes", {}).items()
    )


def describe_field(name: str, old: object, new: object) -> str:
    """Describe a changed field by its old and new value; a text or a nested value only by its name."""
    word = FIELD_WORDS.get(name, name)
    if name in LONG_FIELDS or isinstance(old, dict) or isinstance(new, dict):
        return word
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(one, str | int) for one in [*old, *new]):
        changed = [f"+{one}" for one in new if one not in old] + [f"-{one}" for one in old if one not in new]
        return f"{word} {' '.join(changed)}".strip()
    if isinstance(old, list) or isinstance(new, list):
        return word
    return f"{word} {_shorten(format_cell(old))} → {_shorten(format_cell(new))}"


def describe_comment(text: str) -> str:
    """Return the beginning of a comment."""
    return _shorten(text)


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARACTERS else f"{text[:MAX_VALUE_CHARACTERS]}…"


def format_duration(seconds: float) -> str:
    """Format a duration in its largest unit and the next: 45s, 29m, 1h 5m, 3d 2h."""
    total = int(seconds)
    for unit, size, smaller, next_size in _UNITS:
        if total >= size:
            rest = total % size // next_size
            return f"{total // size}{unit} {rest}{smaller}" if rest else f"{total // size}{unit}"
    return f"{total}s"
