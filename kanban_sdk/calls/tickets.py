"""Tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from kanban_sdk.calls.call import Call, list_of, without_none
from kanban_sdk.wire.tickets import BulkMoved, Change, Ticket, TicketPage

if TYPE_CHECKING:
    from typing import Unpack

    from kanban_sdk.wire.boards import Message
    from kanban_sdk.wire.bodies import TicketFields
    from kanban_sdk.wire.bulk import Batched
    from kanban_sdk.wire.inbox import Asked
    from kanban_sdk.wire.users import Redacted
    from kanban_sdk.wire.why import Why


def create(
    title: str,
    *,
    board: int,
    description: str | None = None,
    acceptance_criteria: str | None = None,
    priority: str | None = None,
    assignee: str | None = None,
    labels: Sequence[str] | None = None,
    column: str | None = None,
    blocked_by: Sequence[int] | None = None,
    parent: int | None = None,
    due_date: str | None = None,
    force: bool = False,
) -> Call[Ticket]:
    """Create a ticket at the bottom of `column`, or of the board's first column.

    `title` has 1 to 200 characters, `description` and `acceptance_criteria` at most 64 KiB. `priority` is critical,
    high, medium (the default) or low, or a dotted number such as `1.0.1`. It waits for the tickets in `blocked_by`, and
    is a part of `parent`. `due_date` is `YYYY-MM-DD`. `force` goes over a column's limit. Raises UnknownColumn,
    ColumnFull, Invalid.
    """
    body = without_none(
        title=title,
        board_id=board,
        description=description,
        acceptance_criteria=acceptance_criteria,
        priority=priority,
        assignee=assignee,
        labels=None if labels is None else list(labels),
        current_column=column,
        blocked_by=None if blocked_by is None else list(blocked_by),
        parent=parent,
        due_date=due_date,
    )
    return Call("POST", "/api/tickets", Ticket.read, query=_force_query(force), body=body)


def get(ticket: int) -> Call[Ticket]:
    """One ticket. Raises NotFound."""
    return Call("GET", f"/api/tickets/{ticket}", Ticket.read)


def page(
    board: int,
    *,
    column: str | None = None,
    assignee: str | None = None,
    label: str | None = None,
    search: str | None = None,
    ready: bool = False,
    blocked: bool = False,
    held: bool = False,
    priority: str | None = None,
    due: str | None = None,
    archived: bool = False,
    page: int | None = None,
    page_size: int | None = None,
) -> Call[TicketPage]:
    """A page of a board's tickets, column by column from the top; `page` counts from 1, `page_size` is at most 500.

    `search` finds tickets that hold words beginning with each of its words, case and accents aside;
    `ready` those that can be taken now, `blocked` those that are not done and wait for others, `held` those that
    somebody holds, `due` those that are not done and due before a day (`YYYY-MM-DD`), `archived` those in the archive
    instead of those on the board. Raises NotFound.
    """
    query = {
        "board_id": board,
        "column": column,
        "assignee": assignee,
        "label": label,
        "search": search,
        "ready": ready or None,
        "blocked": blocked or None,
        "held": held or None,
        "priority": priority,
        "due": due,
        "archived": archived or None,
        "page": page,
        "page_size": page_size,
    }
    return Call("GET", "/api/tickets", TicketPage.read, query=query)


def move(
    ticket: int,
    column: str,
    *,
    before: int | None = None,
    after: int | None = None,
    place: Literal["top", "bottom"] | None = None,
    version: int | None = None,
    force: bool = False,
) -> Call[Ticket]:
    """Move a ticket to `column`: before or after another ticket there, to its top, or (by default) to its bottom.

    A ticket that stands there already stays. `force` moves one that somebody else holds, and goes over a column's
    limit. Raises NotFound, UnknownColumn, ColumnFull, AlreadyClaimed, and VersionConflict where the ticket is no longer
    at `version`.
    """
    body = without_none(column=column, before=before, after=after, place=place)
    path = f"/api/tickets/{ticket}/move"
    return Call("POST", path, Ticket.read, query=_force_query(force), body=body, version=version)


def edit(
    ticket: int, *, version: int | None = None, force: bool = False, **fields: Unpack[TicketFields]
) -> Call[Ticket]:
    """Change the fields that are named, and no other; None clears a field. `force` changes what somebody else holds.

    With `version`, raises VersionConflict where somebody changed the ticket since.
    """
    path = f"/api/tickets/{ticket}"
    return Call("PATCH", path, Ticket.read, query=_force_query(force), body=dict(fields), version=version)


def add_labels(ticket: int, *labels: str, force: bool = False) -> Call[Ticket]:
    """Add labels; those that are there already are no error. Undoes nothing that others do."""
    return label(ticket, add=labels, force=force)


def remove_labels(ticket: int, *labels: str, force: bool = False) -> Call[Ticket]:
    """Remove labels; those that are not there are no error."""
    return label(ticket, remove=labels, force=force)


def append(
    ticket: int,
    text: str,
    *,
    field: Literal["description", "acceptance_criteria"] = "description",
    force: bool = False,
) -> Call[Ticket]:
    """Put text at the end of the description, or of the acceptance criteria, after an empty line."""
    body = {"text": text, "field": field}
    return Call("POST", f"/api/tickets/{ticket}/append", Ticket.read, query=_force_query(force), body=body)


def check(ticket: int, number: int, *, done: bool = True) -> Call[Ticket]:
    """Tick acceptance criterion `number`, counted from 1, or with `done=False` take the tick away. Raises NotFound."""
    return Call("POST", f"/api/tickets/{ticket}/check", Ticket.read, body={"number": number, "done": done})


def link(ticket: int, *, add: Sequence[str] = (), remove: Sequence[str] = (), force: bool = False) -> Call[Ticket]:
    """Add links and remove links: hashes of commits, and http(s) addresses. Raises Invalid."""
    body = {"add": list(add), "remove": list(remove)}
    return Call("POST", f"/api/tickets/{ticket}/links", Ticket.read, query=_force_query(force), body=body)


def ask(ticket: int, text: str, *, column: str | None = None, force: bool = False) -> Call[Asked]:
    """Ask those whom the text mentions, else the ticket's creator; the ticket waits in a waiting column meanwhile.

    A claim stays. The reply is the next comment by somebody else behind the answer's `cursor`. Raises AlreadyClaimed,
    ColumnFull, UnknownColumn.
    """
    from kanban_sdk.wire.inbox import Asked

    body = without_none(text=text, column=column)
    return Call("POST", f"/api/tickets/{ticket}/ask", Asked.read, query=_force_query(force), body=body)


def why(ticket: int) -> Call[Why]:
    """What a ticket waits for, down to the root, and who holds that. Raises NotFound."""
    from kanban_sdk.wire.why import Why

    return Call("GET", f"/api/tickets/{ticket}/why", Why.read)


def label(ticket: int, *, add: Sequence[str] = (), remove: Sequence[str] = (), force: bool = False) -> Call[Ticket]:
    """Add labels and remove labels in one step; undoes nothing that others do."""
    body = {"add": list(add), "remove": list(remove)}
    return Call("POST", f"/api/tickets/{ticket}/labels", Ticket.read, query=_force_query(force), body=body)


def claim(ticket: int, *, lease_seconds: int | None = None, force: bool = False) -> Call[Ticket]:
    """Hold a ticket: of those who try at once, one wins. The answer's `lease` is what to write under.

    The lease lasts 30 minutes, or `lease_seconds` (10 to 86,400; 0 until released); every write of the holder renews
    it. The ticket moves to the first working column. `force` takes it over. Raises AlreadyClaimed, NameRequired,
    ColumnFull, UserLimit.
    """
    body = {**without_none(lease_seconds=lease_seconds), **({"force": True} if force else {})}
    return Call("POST", f"/api/tickets/{ticket}/claim", Ticket.read, body=body)


def renew(ticket: int, *, lease_seconds: int | None = None) -> Call[Ticket]:
    """Make a claim last longer, from now on. Raises LeaseLost, AlreadyClaimed."""
    return Call("POST", f"/api/tickets/{ticket}/lease", Ticket.read, body=without_none(lease_seconds=lease_seconds))


def release(ticket: int, *, note: str | None = None, column: str | None = None, force: bool = False) -> Call[Ticket]:
    """End a claim, with a note for who comes next; the ticket goes back to where it came from, or to `column`.

    `force` ends somebody else's. Raises AlreadyClaimed, UnknownColumn.
    """
    body = {**without_none(note=note, column=column), **({"force": True} if force else {})}
    return Call("POST", f"/api/tickets/{ticket}/release", Ticket.read, body=body)


def block(ticket: int, *on: int) -> Call[Ticket]:
    """Let a ticket wait for others of its board. Raises DependencyCycle, NotFound."""
    return Call("POST", f"/api/tickets/{ticket}/block", Ticket.read, body={"on": list(on)})


def unblock(ticket: int, *on: int) -> Call[Ticket]:
    """Let a ticket no longer wait for others; those that it does not wait for are no error."""
    return Call("POST", f"/api/tickets/{ticket}/unblock", Ticket.read, body={"on": list(on)})


def delete(ticket: int, *, version: int | None = None, force: bool = False) -> Call[Message]:
    """Delete a ticket; it can be restored. `force` deletes one that others hold. Raises NotFound, VersionConflict."""
    from kanban_sdk.wire.boards import Message

    return Call("DELETE", f"/api/tickets/{ticket}", Message.read, query=_force_query(force), version=version)


def restore(ticket: int, *, force: bool = False) -> Call[Ticket]:
    """Bring a deleted or archived ticket back, to the bottom of its column. Raises NotFound, ColumnFull."""
    return Call("POST", f"/api/tickets/{ticket}/restore", Ticket.read, query=_force_query(force))


def redact(ticket: int, text: str) -> Call[Redacted]:
    """Blank a text that leaked, in a ticket and in all that is kept of it. It can't be undone. Raises NotAllowed."""
    from kanban_sdk.wire.users import Redacted

    return Call("POST", f"/api/tickets/{ticket}/redact", Redacted.read, body={"text": text})


def move_many(tickets: Sequence[int], column: str, *, atomic: bool = False, force: bool = False) -> Call[BulkMoved]:
    """Move up to 500 tickets to the bottom of a column, in one transaction; with `atomic`, all of them or none."""
    body = {"ticket_ids": list(tickets), "target_column": column, "atomic": atomic}
    return Call("POST", "/api/bulk/tickets/move", BulkMoved.read, query=_force_query(force), body=body)


def batch(operations: Sequence[Mapping[str, Any]], *, atomic: bool = True) -> Call[Batched]:
    """Carry out up to 500 operations in one transaction; with `atomic` all of them or none, else each fails alone.

    Each is `{"op": …, "ticket": …}` and the fields of the single request; op is create, move, edit, comment, label,
    check, block, unblock, delete or restore. See `kanban_sdk.wire.operations`. Raises what they raise.
    """
    from kanban_sdk.wire.bulk import Batched

    body = {"operations": [dict(operation) for operation in operations], "atomic": atomic}
    return Call("POST", "/api/bulk/operations", Batched.read, body=body)


def history(ticket: int) -> Call[list[Change]]:
    """What changed on a ticket, newest first, also when it is deleted. Raises NotFound."""
    return Call("GET", f"/api/history/tickets/{ticket}/history", list_of(Change.read))


def _force_query(force: bool) -> dict[str, bool]:
    """The query of a change that limits and other people's claims do not stop. It is recorded."""
    return {"force": True} if force else {}
