"""Tickets over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from annotated_types import Ge, Le, MaxLen
from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import (
    Append,
    BlockRequest,
    Check,
    ClaimRequest,
    DoneRequest,
    Id,
    Labels,
    Links,
    Move,
    NewTicket,
    QuestionRequest,
    Release,
    Renewal,
    TicketEdit,
    Withdrawal,
)
from kanban_sdk.wire.bodies.user_bodies import Redaction
from kanban_sdk.wire.done import DoneResult
from kanban_sdk.wire.inbox import Question
from kanban_sdk.wire.tickets import Change, Ticket, TicketPage
from kanban_sdk.wire.users import RedactionResult
from kanban_sdk.wire.why import Why
from kanban_server.actions import claims, criteria, done, files, queries, questions, tickets
from kanban_server.actions import why as ticket_reasons
from kanban_server.actions.maintenance import redaction
from kanban_server.entry.execute import query
from kanban_server.entry.headers import header_of
from kanban_server.entry.next_wait import others_wait
from kanban_server.entry.state import state_of
from kanban_server.http.responses import editor_name, expected_version, read_response, write_response, write_response_as
from kanban_server.http.routing import Router, ignore_field
from kanban_server.rules import timestamps
from kanban_server.store.queries.page_statements import Sort
from kanban_server.store.queries.ticket_pages import TicketFilter

router = Router(prefix="/api/tickets", tags=["tickets"])


@router.post("/{ticket_id}/move", response_model=Ticket)
async def move_ticket(request: Request, ticket_id: Id, body: Move) -> Response:
    """Move a ticket to a column: before or after another ticket there, to the top, or to the bottom."""
    if header_of(request, b"if-match") is not None:
        body = replace(body, version=expected_version(request, body.version))
    return await write_response_as(request, body.moved_by, tickets.move, ticket_id, body)


@router.post("", status_code=201, response_model=Ticket)
async def create_ticket(request: Request, body: NewTicket) -> Response:
    """Create a ticket, at the bottom of `current_column` or of the board's first column."""
    return await write_response_as(request, body.created_by, tickets.create, body)


@router.get("", response_model=TicketPage)
async def list_tickets(
    request: Request,
    board_id: Id,
    column: str | None = None,
    assignee: str | None = None,
    label: str | None = None,
    search: Annotated[str | None, MaxLen(limits.SEARCH_CHARACTERS)] = None,
    ready: bool = False,
    blocked: bool = False,
    held: bool = False,
    priority: str | None = None,
    due: str | None = None,
    archived: bool = False,
    deleted: bool = False,
    status: str | None = None,
    created_by: str | None = None,
    since: str | None = None,
    sort: Sort | None = None,
    reverse: bool = False,
    page: Annotated[int, Ge(1), Le(1_000_000)] = 1,
    page_size: Annotated[int, Ge(1), Le(limits.PAGE_MOST)] = limits.PAGE,
) -> Response:
    """A page of a board's tickets, column by column from the top. Empty `assignee`: nobody. `ready`: can be taken.

    `blocked`: not done, and waits for others. `due`: not done, and due before that day. `archived`: only those, and
    `deleted`: only those in the trash. `status`: a column or a role, or `open` (not done) or `closed`. `since`: changed
    at that time or later. `sort`: another order, ties by id; `created` and `updated` begin with the newest, `title`
    compares ASCII letters without case.
    """
    ticket_filter = TicketFilter(
        column=column or None,
        assignee=assignee,
        label=label or None,
        search=search or None,
        priority=priority or None,
        due=timestamps.parse_day(due, "due"),
        ready=ready,
        blocked=blocked,
        held=held,
        archived=archived,
        status=status or None,
        created_by=created_by or None,
        since=timestamps.parse_timestamp(since, "") if since else None,
        sort=sort,
        reverse=reverse,
        deleted=deleted,
    )
    return await read_response(request, queries.page_tickets, board_id, ticket_filter, page, page_size)


@router.get("/{ticket_id}", response_model=Ticket)
async def get_ticket(request: Request, ticket_id: Id) -> Response:
    """One ticket."""
    return await read_response(request, queries.read_ticket, ticket_id)


@router.put("/{ticket_id}", response_model=Ticket)
@router.patch("/{ticket_id}", response_model=Ticket)
async def edit_ticket(request: Request, ticket_id: Id, body: TicketEdit) -> Response:
    """Change the fields that are named; null clears a field. A new `current_column` is a move."""
    body["version"] = expected_version(request, body.get("version"))
    if "assigned_by" in body and "assignee" not in body:
        ignore_field(request, "assigned_by", "It says who has chosen an `assignee`, and none is named.")
    return await write_response_as(request, editor_name(body), tickets.edit, ticket_id, body)


@router.post("/{ticket_id}/claim", response_model=Ticket)
async def claim_ticket(
    request: Request, ticket_id: Id, body: ClaimRequest | None = None, agent_id: str | None = None
) -> Response:
    """Claim a ticket: of several requests at once, one wins. `agent_id` without a body is the base form: no lease."""
    if body is None and agent_id is not None:
        return await write_response_as(request, agent_id, claims.claim_without_lease, ticket_id)
    options = body or ClaimRequest()
    if options.claimed_by and agent_id:
        ignore_field(request, "agent_id", "`claimed_by` says who claims.")
    return await write_response_as(request, options.claimed_by or agent_id, claims.claim, ticket_id, options)


@router.post("/{ticket_id}/lease", response_model=Ticket)
async def renew_lease(request: Request, ticket_id: Id, body: Renewal | None = None) -> Response:
    """Extend a claim's lease, from now on."""
    return await write_response(request, claims.renew, ticket_id, body or Renewal())


@router.post("/{ticket_id}/release", response_model=Ticket)
async def release_ticket(request: Request, ticket_id: Id, body: Release | None = None) -> Response:
    """End a claim, with a note for who comes next; the ticket goes back, or to `column`."""
    options = body or Release()
    return await write_response_as(request, options.released_by, claims.release, ticket_id, options)


@router.post("/{ticket_id}/done", response_model=DoneResult)
async def finish_ticket(request: Request, ticket_id: Id, body: DoneRequest | None = None) -> Response:
    """Finish a ticket: its note, its criteria, the done column; with `next`, the next ticket is claimed as well.

    Those who wait for a ticket with `wait_seconds` come before `next`.
    """
    options = body or DoneRequest()
    if options.next is not None and options.next.claimed_by is not None:
        ignore_field(request, "next.claimed_by", "`done_by` says who acts.")
    wait = options.next is not None and await others_wait(request, ticket_id)
    return await write_response_as(request, options.done_by, done.finish, ticket_id, options, others_wait=wait)


@router.post("/{ticket_id}/block", response_model=Ticket)
async def block_ticket(request: Request, ticket_id: Id, body: BlockRequest) -> Response:
    """Let a ticket wait for others of its board. Needs no version."""
    return await write_response_as(request, body.changed_by, tickets.block, ticket_id, body)


@router.post("/{ticket_id}/unblock", response_model=Ticket)
async def unblock_ticket(request: Request, ticket_id: Id, body: BlockRequest) -> Response:
    """Let a ticket no longer wait for others. Needs no version."""
    return await write_response_as(request, body.changed_by, tickets.unblock, ticket_id, body)


@router.post("/{ticket_id}/labels", response_model=Ticket)
async def label_ticket(request: Request, ticket_id: Id, body: Labels) -> Response:
    """Add and remove labels. Needs no version."""
    return await write_response_as(request, body.changed_by, tickets.label, ticket_id, body)


@router.post("/{ticket_id}/check", response_model=Ticket)
async def check_criterion(request: Request, ticket_id: Id, body: Check) -> Response:
    """Tick an acceptance criterion, counted from 1, or take the tick away. Needs no version."""
    return await write_response_as(request, body.changed_by, criteria.tick_criterion, ticket_id, body)


@router.post("/{ticket_id}/links", response_model=Ticket)
async def link_ticket(request: Request, ticket_id: Id, body: Links) -> Response:
    """Add and remove links: commits, pull requests, other addresses. Needs no version."""
    return await write_response_as(request, body.changed_by, criteria.edit_links, ticket_id, body)


@router.post("/{ticket_id}/ask", response_model=Question)
async def ask(request: Request, ticket_id: Id, body: QuestionRequest) -> Response:
    """Ask `to`, else those who are mentioned, else the ticket's creator; the ticket waits, and a claim stays."""
    return await write_response_as(request, body.asked_by, questions.ask_question, ticket_id, body)


@router.post("/{ticket_id}/withdraw", response_model=Ticket)
async def withdraw_question(request: Request, ticket_id: Id, body: Withdrawal | None = None) -> Response:
    """End the open question of a ticket without an answer: by who asked, or by an admin of the board, with a note."""
    options = body or Withdrawal()
    return await write_response_as(request, options.withdrawn_by, questions.withdraw, ticket_id, options)


@router.get("/{ticket_id}/why", response_model=Why)
async def why(request: Request, ticket_id: Id) -> Response:
    """What a ticket waits for, down to the root, and who holds that."""
    return await read_response(request, ticket_reasons.explain, ticket_id)


@router.post("/{ticket_id}/append", response_model=Ticket)
async def append_to_ticket(request: Request, ticket_id: Id, body: Append) -> Response:
    """Put text at the end of the description or of the acceptance criteria. Needs no version."""
    return await write_response_as(request, body.changed_by, tickets.append_text, ticket_id, body)


@router.delete("/{ticket_id}", response_model=Message)
async def delete_ticket(request: Request, ticket_id: Id, deleted_by: str | None = None) -> Response:
    """Delete a ticket. It can be restored."""
    return await write_response_as(request, deleted_by, tickets.delete, ticket_id, expected_version(request))


@router.post("/{ticket_id}/redact", response_model=RedactionResult)
async def redact_ticket(request: Request, ticket_id: Id, body: Redaction) -> Response:
    """Blank a text that leaked, in a ticket and in all its events, for ever; for the board's admins."""
    state = state_of(request)
    blobs = await query(request, lambda tx: files.blobs_of_ticket(tx, ticket_id))
    leaking = [name for name, blob in blobs.items() if await state.storage.contains(blob, body.text.encode())]
    response = await write_response(request, redaction.redact_ticket, ticket_id, body, leaking)
    await state.storage.delete_detached()
    state.response_cache.clear()
    return response


@router.post("/{ticket_id}/restore", response_model=Ticket)
async def restore_ticket(request: Request, ticket_id: Id) -> Response:
    """Bring a deleted ticket back, to the bottom of its column."""
    return await write_response(request, tickets.restore, ticket_id)


history_router = Router(prefix="/api", tags=["tickets"])


@history_router.get("/history/tickets/{ticket_id}/history", response_model=list[Change])
async def get_history(request: Request, ticket_id: Id) -> Response:
    """What changed on a ticket, newest first, also on one that was deleted."""
    return await read_response(request, queries.read_history, ticket_id)
