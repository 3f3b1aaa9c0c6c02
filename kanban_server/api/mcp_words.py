"""Tickets, events and refusals as agents read them: few fields, long texts cut, and a short text beside the JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.inbox import InboxItem
from kanban_sdk.wire.letters import escaped, invisible
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import inboxes
from kanban_server.actions.overview import overview
from kanban_server.api.mcp_answers import Calling, Done, Held, Listed, Row, State, Whole
from kanban_server.rules import leases
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.texts import visible
from kanban_server.store.transaction import Reading

TEXT, SHORT, LINE = 4000, 500, 200
"""Characters of a long text in a ticket; in an event or a refusal; in a list."""
COMMENTS, ATTEMPTS, CALLS = 10, 5, 5
"""How many of a ticket are shown, the newest; and of an inbox, the oldest."""

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
"""What to do next, where the words for a program over HTTP would not help an agent."""


def given(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def cut(text: str | None, size: int, *, more: str = "") -> str | None:
    """The text, or its beginning with its size in bytes."""
    if text is None or len(text) <= size:
        return text
    return f"{text[:size]}… ({len(text.encode(errors='surrogatepass')):,} bytes{more})"


def row(ticket: Ticket) -> Row:
    """A ticket in a list."""
    made: Row = {"id": ticket.id, "column": ticket.current_column, "title": ticket.title}
    if ticket.assignee:
        made["assignee"] = ticket.assignee
    return made


def listed(tickets: Sequence[Ticket], total: int) -> Listed:
    """A page of tickets."""
    return {"tickets": [row(ticket) for ticket in tickets], "shown": len(tickets), "total": total}


def done(ticket: Ticket) -> Done:
    """What became of a ticket."""
    made: Done = {"id": ticket.id, "column": ticket.current_column, "version": ticket.version}
    if ticket.assignee:
        made["assignee"] = ticket.assignee
    if ticket.lease:
        made["lease"] = ticket.lease.token
        if ticket.lease.expires_in is not None:
            made["expires_in"] = int(ticket.lease.expires_in)
    return made


def whole(ticket: Ticket, comments: Sequence[Comment], actor: Actor, *, full: bool = False) -> Whole:
    """A ticket with what belongs to it; without `full`, long texts are cut and only the newest comments shown.

    A claim's token is shown to its holder.
    """
    lease = ticket.lease if ticket.lease and ticket.lease.holder in actor.names else None
    long, short = (10**9, 10**9) if full else (TEXT, SHORT * 2)
    shown = comments if full else comments[-COMMENTS:]
    made: Whole = {
        "id": ticket.id,
        "board": ticket.board_id,
        "title": ticket.title,
        "column": ticket.current_column,
        "version": ticket.version,
        **given(  # type: ignore[typeddict-item]
            priority=ticket.priority,
            assignee=ticket.assignee,
            held_by=ticket.claim and ticket.claim.holder,
            lease=lease and lease.token,
            expires_in=lease and lease.expires_in and int(lease.expires_in),
            due_date=ticket.due_date,
            labels=ticket.labels,
            links=[link.ref for link in ticket.links],
            blocked_by=ticket.blocked_by,
            open_blockers=ticket.open_blockers or None,
            parent=ticket.parent,
            children=ticket.children or None,
            open_children=ticket.open_children or None,
            created_by=ticket.created_by,
            description=cut(ticket.description, long, more="; full=true shows all"),
            criteria=ticket.criteria and f"{ticket.criteria.done} of {ticket.criteria.all} done",
            acceptance_criteria=cut(ticket.acceptance_criteria, long, more="; full=true shows all"),
            attempts=[
                given(by=one.holder, ended=one.reason, note=cut(one.note, short))
                for one in (ticket.attempts or [])[-ATTEMPTS:]
            ],
            comments_total=ticket.comment_count or None,
            comments=[
                {"by": one.author, "at": f"{one.created_at[:19]}Z", "text": cut(one.text, short)} for one in shown
            ],
        ),
    }
    return made


def at_a_glance(tx: Reading, actor: Actor, board_id: int, most: int) -> State:
    """A board, at most so many tickets of each kind, and who calls upon the one who looks. Refused: `not-found`."""
    found = overview(tx, board_id, actor.names, most)
    inbox = inboxes.show(tx, actor) if actor.named else None
    board = found.board
    made: State = {
        "you": actor.name,
        "board": board.id,
        "name": board.name,
        "columns": [
            {
                "name": column.name,
                "role": column.role,
                "tickets": found.counts[column.name],
                **given(limit=column.limit),  # type: ignore[typeddict-item]
            }
            for column in board.column_settings
        ],
        "mine": [_held(ticket, actor) for ticket in found.mine],
        "ready": [row(ticket) for ticket in found.ready],
        "ready_total": found.ready_total,
        "inbox": [_call(item) for item in inbox.items[:CALLS]] if inbox else [],
        "unread": inbox.total if inbox else 0,
        "cursor": found.cursor,
    }
    return made


def _call(item: InboxItem) -> Calling:
    text = cut(item.text, LINE) or ""
    return {"ticket": item.ticket_id, "kind": item.kind, "by": item.author, "cursor": str(item.seq), "text": text}


def _held(ticket: Ticket, actor: Actor) -> Held:
    made: Held = {"id": ticket.id, "column": ticket.current_column, "title": ticket.title}
    if ticket.claim and ticket.claim.holder in actor.names:
        made["lease"] = leases.token(ticket.id, ticket.claim.number)
    return made


def event(said: Mapping[str, Any]) -> dict[str, Any]:
    """An event, as short as it can be understood."""
    data: Mapping[str, Any] = said["data"]
    name: str = said["event"]
    ticket = data.get("ticket_id") if name.startswith("comment_") else data.get("id") if "ticket" in name else None
    return {
        "seq": said["seq"],
        "event": name,
        "by": said["actor"],
        **given(
            ticket=ticket,
            title=data.get("title"),
            column=data.get("current_column") if name != "ticket_updated" else None,
            from_column=data.get("from_column"),
            assignee=data.get("assignee") if name in {"ticket_created", "ticket_claimed"} else None,
            changed=list(data.get("changes", ())),
            reason=data.get("reason"),
            note=cut(data.get("note"), SHORT),
            text=cut(data.get("text"), SHORT) if name.startswith("comment_") else None,
        ),
    }


def problem(refusal: Refusal) -> dict[str, Any]:
    """A refusal: `type`, `detail`, `fix`, and the facts; without what is long."""
    said = refusal.body()
    for name in ("status", "title", "current"):
        said.pop(name, None)
    if refusal.type in FIXES and refusal.facts.get("what") not in {"tool", "resource"}:
        said["fix"] = FIXES[refusal.type]
    first = {name: said.pop(name) for name in ("type", "detail", "fix") if name in said}
    return {**first, **_shortened(said)}


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return cut(value, SHORT)
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    return [_shortened(inner) for inner in value] if isinstance(value, list) else value


def shown(value: Any) -> Any:
    """An answer whose texts and names hold no letter that people do not see, and models do."""
    if isinstance(value, str):
        if value.isascii():
            return value
        return "".join(escaped(letter) if invisible(letter) else letter for letter in value)
    if isinstance(value, dict):
        return {shown(name): shown(inner) for name, inner in value.items()}
    return [shown(inner) for inner in value] if isinstance(value, list) else value


def words(answer: Mapping[str, Any]) -> str:
    """The answer as text: a field a line; rows under the names of their fields; long texts set in.

    So no line of a text can pass for one of ours, and nothing in it acts on a terminal.
    """
    return "\n".join(line for name, value in answer.items() for line in _lines(name, value))


def _lines(name: str, value: Any) -> Iterable[str]:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        fields = sorted(
            dict.fromkeys(field for one in value for field in one), key="title".__eq__
        )  # others' words last
        yield f"{name} {{{','.join(fields)}}}:"
        for one in value:
            yield "  " + " | ".join(_cell(one.get(field, "-")) for field in fields)
    elif isinstance(value, Mapping):
        yield f"{name}:"
        for field, inner in value.items():
            for line in _lines(field, inner):
                yield f"  {line}"
    elif isinstance(value, str) and "\n" in value:
        yield f"{name}:"
        for line in value.split("\n"):
            yield f"  {visible(line)}"
    else:
        yield f"{name}: {_cell(value)}"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_cell(one) for one in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(str(value)).replace("\n", "\\n")
