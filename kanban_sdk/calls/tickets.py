"""Tickets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.calls.listing import TicketFilters as TicketFilters
from kanban_sdk.calls.listing import page as page
from kanban_sdk.calls.listing import search as search
from kanban_sdk.calls.progress import check as check
from kanban_sdk.calls.progress import claim as claim
from kanban_sdk.calls.progress import done as done
from kanban_sdk.calls.progress import release as release
from kanban_sdk.calls.progress import renew as renew
from kanban_sdk.wire.shape import JsonObject, list_of
from kanban_sdk.wire.tickets import BulkMoveResult, Change, Ticket

if TYPE_CHECKING:
    from typing import Unpack

    from kanban_sdk.wire.boards import Message
    from kanban_sdk.wire.bodies import TicketFields
    from kanban_sdk.wire.bulk import BatchResult
    from kanban_sdk.wire.inbox import Question
    from kanban_sdk.wire.users import RedactionResult
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
    not_before: str | None = None,
    needs: Sequence[str] | None = None,
    force: bool = False,
) -> Call[Ticket]:
    """Create a ticket at the bottom of `column`, or of the board's first column.

    `title` has 1 to 200 characters, `description` and `acceptance_criteria` at most 64 KiB. `priority` is critical,
    high, medium (the default) or low, or a dotted number such as `1.0.1`. The ticket waits for those in `blocked_by`,
    and is a part of `parent`. `due_date` is `YYYY-MM-DD`. Until `not_before`, a time in ISO-8601, the ticket
    is parked, that is not ready. `needs` are tags: `next` gives it only to who can them all. `force` overrides a
    column's limit. Raises UnknownColumn, ColumnFull, Invalid.
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
        not_before=not_before,
        needs=None if needs is None else list(needs),
    )
    return Call("POST", "/api/tickets", Ticket.read, query=_force_query(force), body=body)


def get(ticket: int) -> Call[Ticket]:
    """One ticket. Raises NotFound."""
    return Call("GET", f"/api/tickets/{ticket}", Ticket.read)


def move(
    ticket: int,
    column: str,
    *,
    before: int | None = None,
    after: int | None = None,
    place: Literal["top", "bottom"] | None = None,
    version: int | None = None,
    note: str | None = None,
    force: bool = False,
) -> Call[Ticket]:
    """Move a ticket to `column`: before or after another ticket there, to its top, or (by default) to its bottom.

    A ticket that is already there stays. `note` is a comment, and the note of the attempt if the move ends one.
    `force` moves one that another user holds, and overrides a column's limit. Raises NotFound, UnknownColumn,
    ColumnFull, AlreadyClaimed, and VersionConflict if the ticket is no longer at `version`.
    """
    body = without_none(column=column, before=before, after=after, place=place, note=note)
    path = f"/api/tickets/{ticket}/move"
    return Call("POST", path, Ticket.read, query=_force_query(force), body=body, version=version)


def edit(
    ticket: int, *, version: int | None = None, force: bool = False, **fields: Unpack[TicketFields]
) -> Call[Ticket]:
    """Change only the named fields; None clears a field. `force` changes a ticket that another user holds.

    With `version`, raises VersionConflict if the ticket was changed since.
    """
    path = f"/api/tickets/{ticket}"
    return Call("PATCH", path, Ticket.read, query=_force_query(force), body=dict(fields), version=version)


def add_labels(ticket: int, *labels: str, force: bool = False) -> Call[Ticket]:
    """Add labels; a label that is present is no error. Raises NotFound, Invalid, AlreadyClaimed."""
    return label(ticket, add=labels, force=force)


def remove_labels(ticket: int, *labels: str, force: bool = False) -> Call[Ticket]:
    """Remove labels; a label that is absent is no error. Raises NotFound, AlreadyClaimed."""
    return label(ticket, remove=labels, force=force)


def append(
    ticket: int,
    text: str,
    *,
    field: Literal["description", "acceptance_criteria"] = "description",
    force: bool = False,
) -> Call[Ticket]:
    """Append text to a text of the ticket, after an empty line; at most 64 KiB in all. Raises NotFound, TooLarge."""
    body = {"text": text, "field": field}
    return Call("POST", f"/api/tickets/{ticket}/append", Ticket.read, query=_force_query(force), body=body)


def link(ticket: int, *, add: Sequence[str] = (), remove: Sequence[str] = (), force: bool = False) -> Call[Ticket]:
    """Add and remove links: commit hashes and http(s) addresses, at most 50 of 2,000 characters. Raises Invalid."""
    body = {"add": list(add), "remove": list(remove)}
    return Call("POST", f"/api/tickets/{ticket}/links", Ticket.read, query=_force_query(force), body=body)


def ask(
    ticket: int, text: str, *, to: str | None = None, column: str | None = None, force: bool = False
) -> Call[Question]:
    """Ask `to`, or else the users whom the text mentions, or else the ticket's creator.

    Meanwhile the ticket is in a waiting column, and a claim stays. On a server with users, only those who are asked
    answer it; without users, the next comment by another user does. Raises AlreadyClaimed, ColumnFull, UnknownColumn,
    Invalid if `to` is no user of the board.
    """
    from kanban_sdk.wire.inbox import Question

    body = without_none(text=text, to=to, column=column)
    return Call("POST", f"/api/tickets/{ticket}/ask", Question.read, query=_force_query(force), body=body)


def withdraw(ticket: int, note: str | None = None) -> Call[Ticket]:
    """End the open question of a ticket without an answer; `note` becomes a comment. The ticket moves back.

    On a server with users: by who asked, or by an admin of the board, who has to say why. Raises NotAllowed, Invalid.
    """
    return Call("POST", f"/api/tickets/{ticket}/withdraw", Ticket.read, body=without_none(note=note))


def why(ticket: int) -> Call[Why]:
    """What a ticket waits for, down to the root, with the holders of those tickets. Raises NotFound."""
    from kanban_sdk.wire.why import Why

    return Call("GET", f"/api/tickets/{ticket}/why", Why.read)


def label(ticket: int, *, add: Sequence[str] = (), remove: Sequence[str] = (), force: bool = False) -> Call[Ticket]:
    """Add labels and remove labels in one step; changes of others are kept. At most 50 labels of 50 characters.

    Raises NotFound, Invalid, AlreadyClaimed.
    """
    body = {"add": list(add), "remove": list(remove)}
    return Call("POST", f"/api/tickets/{ticket}/labels", Ticket.read, query=_force_query(force), body=body)


def block(ticket: int, *on: int) -> Call[Ticket]:
    """Make a ticket wait for others of its board. Raises DependencyCycle, NotFound."""
    return Call("POST", f"/api/tickets/{ticket}/block", Ticket.read, body={"on": list(on)})


def unblock(ticket: int, *on: int) -> Call[Ticket]:
    """Remove blockers of a ticket; tickets that it does not wait for are no error. Raises NotFound."""
    return Call("POST", f"/api/tickets/{ticket}/unblock", Ticket.read, body={"on": list(on)})


def delete(ticket: int, *, version: int | None = None, force: bool = False) -> Call[Message]:
    """Delete a ticket; it can be restored. `force` deletes one that others hold. Raises NotFound, VersionConflict."""
    from kanban_sdk.wire.boards import Message

    return Call("DELETE", f"/api/tickets/{ticket}", Message.read, query=_force_query(force), version=version)


def restore(ticket: int, *, force: bool = False) -> Call[Ticket]:
    """Restore a deleted or archived ticket to the bottom of its column. Raises NotFound, ColumnFull."""
    return Call("POST", f"/api/tickets/{ticket}/restore", Ticket.read, query=_force_query(force))


def redact(ticket: int, text: str) -> Call[RedactionResult]:
    """Remove a leaked text from a ticket and from everything stored about it. Can't be undone. Raises NotAllowed."""
    from kanban_sdk.wire.users import RedactionResult

    return Call("POST", f"/api/tickets/{ticket}/redact", RedactionResult.read, body={"text": text})


def move_many(
    tickets: Sequence[int], column: str, *, atomic: bool = False, force: bool = False
) -> Call[BulkMoveResult]:
    """Move up to 500 tickets to the bottom of a column, in one transaction; with `atomic`, all of them or none.

    Raises NotFound, UnknownColumn; without `atomic`, other refusals are in the `results`.
    """
    body = {"ticket_ids": list(tickets), "target_column": column, "atomic": atomic}
    return Call("POST", "/api/bulk/tickets/move", BulkMoveResult.read, query=_force_query(force), body=body)


def batch(operations: Sequence[JsonObject], *, atomic: bool = True) -> Call[BatchResult]:
    """Carry out up to 500 operations in one transaction; with `atomic` all of them or none, else each fails alone.

    Each is `{"op": …, "ticket": …}` and the fields of the single request; op is create, move, edit, comment, label,
    check, block, unblock, delete or restore. See `kanban_sdk.wire.operations`. Raises what the single calls raise.
    """
    from kanban_sdk.wire.bulk import BatchResult

    body = {"operations": [dict(operation) for operation in operations], "atomic": atomic}
    return Call("POST", "/api/bulk/operations", BatchResult.read, body=body)


def history(ticket: int) -> Call[list[Change]]:
    """The changes of a ticket, newest first, also of a deleted one. Raises NotFound."""
    return Call("GET", f"/api/history/tickets/{ticket}/history", list_of(Change.read))


def _force_query(force: bool) -> dict[str, bool]:
    """The query of a change that overrides limits and the claims of others, which is recorded."""
    return {"force": True} if force else {}
