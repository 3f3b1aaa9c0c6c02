"""Tickets, events and refusals for agents: few fields, long texts cut, and short text besides the JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.inbox import InboxItem
from kanban_sdk.wire.invisible_characters import escaped, invisible
from kanban_sdk.wire.slim import DEFAULT_PRIORITY, slim_ticket
from kanban_sdk.wire.tickets import Ticket
from kanban_sdk.wire.tools.results import (
    BoardSummary,
    HeldTicket,
    InboxRow,
    TicketDetails,
    TicketPage,
    TicketResult,
    TicketRow,
)
from kanban_server.actions import inbox as inbox_actions
from kanban_server.actions.overview import read_overview
from kanban_server.mcp.waiting import EventFields
from kanban_server.rules import leases
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.rules.validation import escape_control_characters
from kanban_server.store.transaction import ReadTransaction

TEXT_CHARACTERS, SHORT_CHARACTERS, LINE_CHARACTERS = 4000, 500, 200
"""Maximum characters of a long text in a ticket; in an event or a refusal; in a list."""
MAX_COMMENTS, MAX_ATTEMPTS, MAX_INBOX_ITEMS = 10, 5, 5
"""Maximum number of comments and attempts of a ticket, the newest; and of inbox items, the oldest."""

FIXES = {
    "not-found": "See what there is: board_state, ticket_list.",
    "name-required": "Set KANBAN_USER for `kanban mcp`, or send X-Kanban-User with each request.",
    "unknown-column": "Use one of `columns`.",
    "version-conflict": "Look at `changed` or call ticket_get, then send the change again with `current_version`.",
    "already-claimed": "Take another with ticket_next, or ask the holder with comment_add.",
    "lease-lost": "Stop the work on this ticket; ticket_get tells who has it, ticket_next gives another.",
    "resync": "Call board_state, and wait from its cursor.",
    "idempotency-pending": "Call again with the same key.",
}
"""The `fix` of problem types whose `fix` for HTTP programs would not help an agent."""


def non_empty(**fields: object) -> dict[str, object]:
    """The fields that are not empty."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def truncate(text: str | None, size: int, *, more: str = "") -> str | None:
    """The text, or its beginning with the size of the whole in bytes."""
    if text is None or len(text) <= size:
        return text
    return f"{text[:size]}… ({len(text.encode(errors='surrogatepass')):,} bytes{more})"


def ticket_row(ticket: Ticket) -> TicketRow:
    """A ticket in a list."""
    fields = slim_ticket(vars(ticket))
    fields.pop("lease", None)
    held_by = {"held_by": ticket.claim.holder} if fields.pop("claim", None) and ticket.claim else {}
    return {"column": fields.pop("current_column"), **fields, **held_by}  # type: ignore[typeddict-item]


def ticket_page(tickets: Sequence[Ticket], total: int) -> TicketPage:
    """A page of tickets."""
    return {"tickets": [ticket_row(ticket) for ticket in tickets], "shown": len(tickets), "total": total}


def ticket_result(ticket: Ticket) -> TicketResult:
    """A ticket after a change."""
    result: TicketResult = {"id": ticket.id, "column": ticket.current_column, "version": ticket.version}
    if ticket.assignee:
        result["assignee"] = ticket.assignee
    if ticket.lease:
        result["lease"] = ticket.lease.token
        if ticket.lease.expires_in is not None:
            result["expires_in"] = int(ticket.lease.expires_in)
    return result


def ticket_details(ticket: Ticket, comments: Sequence[Comment], actor: Actor, *, full: bool = False) -> TicketDetails:
    """A ticket with its comments and attempts.

    Without `full`, long texts are cut and only the newest comments shown. The lease token is shown to the holder only.
    """
    lease = ticket.lease if ticket.lease and ticket.lease.holder in actor.names else None
    long, short = (10**9, 10**9) if full else (TEXT_CHARACTERS, SHORT_CHARACTERS * 2)
    shown_comments = comments if full else comments[-MAX_COMMENTS:]
    result: TicketDetails = {
        "id": ticket.id,
        "board": ticket.board_id,
        "title": ticket.title,
        "column": ticket.current_column,
        "version": ticket.version,
        **non_empty(  # type: ignore[typeddict-item]
            priority=None if ticket.priority == DEFAULT_PRIORITY else ticket.priority,
            assignee=ticket.assignee,
            held_by=ticket.claim and ticket.claim.holder,
            lease=lease and lease.token,
            expires_in=lease and lease.expires_in and int(lease.expires_in),
            renewed_at=None if lease or not ticket.lease else ticket.lease.renewed_at,
            due_date=ticket.due_date,
            not_before=ticket.not_before,
            needs=ticket.needs,
            asked=ticket.asked,
            labels=ticket.labels,
            links=[link.ref for link in ticket.links],
            files=[file.name for file in ticket.files],
            blocked_by=ticket.blocked_by,
            open_blockers=ticket.open_blockers or None,
            parent=ticket.parent,
            children=ticket.children or None,
            open_children=ticket.open_children or None,
            created_by=ticket.created_by,
            description=truncate(ticket.description, long, more="; full=true shows all"),
            criteria=ticket.criteria and f"{ticket.criteria.done} of {ticket.criteria.all} done",
            acceptance_criteria=truncate(ticket.acceptance_criteria, long, more="; full=true shows all"),
            attempts=[
                non_empty(by=item.holder, ended=item.reason, note=truncate(item.note, short))
                for item in (ticket.attempts or [])[-MAX_ATTEMPTS:]
            ],
            comments_total=ticket.comment_count or None,
            comments=[
                {"by": item.author, "at": f"{item.created_at[:19]}Z", "text": truncate(item.text, short)}
                for item in shown_comments
            ],
        ),
    }
    return result


def board_summary(tx: ReadTransaction, actor: Actor, board_id: int, max_tickets: int) -> BoardSummary:
    """A board, at most `max_tickets` tickets of each kind, and the actor's inbox. Refused: `not-found`."""
    board_overview = read_overview(tx, board_id, actor.names, max_tickets)
    inbox = inbox_actions.read_inbox(tx, actor) if actor.is_named else None
    board = board_overview.board
    result: BoardSummary = {
        "you": actor.name,
        "board": board.id,
        "name": board.name,
        "columns": [
            {
                "name": column.name,
                "role": column.role,
                "tickets": board_overview.counts[column.name],
                **non_empty(limit=column.limit),  # type: ignore[typeddict-item]
            }
            for column in board.column_settings
        ],
        "mine": [_held_row(ticket, actor) for ticket in board_overview.mine],
        "ready": [ticket_row(ticket) for ticket in board_overview.ready],
        "ready_total": board_overview.ready_total,
        "inbox": [_inbox_row(item) for item in inbox.items[:MAX_INBOX_ITEMS]] if inbox else [],
        "unread": inbox.total if inbox else 0,
        "cursor": board_overview.cursor,
    }
    return result


def _inbox_row(item: InboxItem) -> InboxRow:
    text = truncate(item.text, LINE_CHARACTERS) or ""
    return {"ticket": item.ticket_id, "kind": item.kind, "by": item.author, "cursor": str(item.seq), "text": text}


def _held_row(ticket: Ticket, actor: Actor) -> HeldTicket:
    result: HeldTicket = {"id": ticket.id, "column": ticket.current_column, "title": ticket.title}
    if ticket.claim and ticket.claim.holder in actor.names:
        result["lease"] = leases.format_token(ticket.id, ticket.claim.number)
    return result


def event_summary(event: EventFields) -> dict[str, object]:
    """An event with the fields needed to understand it."""
    name, data = event["event"], event["data"]
    ticket = (
        data.get("ticket_id")
        if name.startswith(("comment_", "question_"))
        else data.get("id")
        if "ticket" in name
        else None
    )
    changes = data.get("changes")
    return {
        "seq": event["seq"],
        "event": name,
        "by": event["actor"],
        **non_empty(
            ticket=ticket,
            title=data.get("title"),
            column=data.get("current_column") if name != "ticket_updated" else None,
            from_column=data.get("from_column"),
            assignee=data.get("assignee") if name in {"ticket_created", "ticket_claimed"} else None,
            changed=[*changes] if isinstance(changes, dict) else None,
            asked=data.get("asked") if name == "comment_added" else None,
            reason=data.get("reason"),
            note=_truncate_all(data.get("note")),
            text=_truncate_all(data.get("text")) if name.startswith("comment_") else None,
        ),
    }


def problem_fields(refusal: Refusal) -> dict[str, object]:
    """A refusal: `type`, `detail`, `fix` and the facts; long texts are cut."""
    fields = refusal.body()
    for name in ("status", "title", "current"):
        fields.pop(name, None)
    if refusal.type in FIXES and refusal.facts.get("what") not in {"tool", "resource"}:
        fields["fix"] = FIXES[refusal.type]
    leading: dict[str, object] = {name: fields.pop(name) for name in ("type", "detail", "fix") if name in fields}
    return {**leading, **{name: _truncate_all(value) for name, value in fields.items()}}


def _truncate_all(value: object) -> object:
    """The JSON value with its long texts cut."""
    if isinstance(value, str):
        return truncate(value, SHORT_CHARACTERS)
    if isinstance(value, dict):
        return {name: _truncate_all(inner) for name, inner in value.items()}
    return [_truncate_all(inner) for inner in value] if isinstance(value, list) else value


def show_invisible(text: str) -> str:
    """The text with letters escaped that people can't see but models can."""
    if text.isascii():
        return text
    return "".join(escaped(letter) if invisible(letter) else letter for letter in text)


def show_all_invisible(fields: Mapping[str, object]) -> dict[str, object]:
    """The JSON object with such letters escaped in all its texts."""
    return {show_invisible(name): _show_invisible_in(value) for name, value in fields.items()}


def _show_invisible_in(value: object) -> object:
    if isinstance(value, str):
        return show_invisible(value)
    if isinstance(value, dict):
        return show_all_invisible(value)
    return [_show_invisible_in(inner) for inner in value] if isinstance(value, list) else value


def render_text(result: Mapping[str, object]) -> str:
    """The result as text: a field per line; rows under their field names; long texts indented.

    So no line of a text can pass for a field, and nothing in it acts on a terminal.
    """
    return "\n".join(line for name, value in result.items() for line in _render_field(name, value))


def _render_field(name: str, value: object) -> Iterable[str]:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        fields = sorted(
            dict.fromkeys(field for item in value for field in item), key="title".__eq__
        )  # texts of others last
        yield f"{name} {{{','.join(fields)}}}:"
        for item in value:
            yield "  " + " | ".join(_render_cell(item.get(field, "-")) for field in fields)
    elif isinstance(value, Mapping):
        yield f"{name}:"
        for field, inner in value.items():
            for line in _render_field(field, inner):
                yield f"  {line}"
    elif isinstance(value, str) and "\n" in value:
        yield f"{name}:"
        for line in value.split("\n"):
            yield f"  {escape_control_characters(line)}"
    else:
        yield f"{name}: {_render_cell(value)}"


def _render_cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_render_cell(item) for item in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return escape_control_characters(str(value)).replace("\n", "\\n")
