"""The tools that agents work with, each a few lines over an action. Their docstrings are what agents read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, get_type_hints

from kanban_sdk.wire import bodies
from kanban_sdk.wire.events import EVENTS
from kanban_server.actions import additions, asking, choosing, claims, comments, inboxes, reading, tickets
from kanban_server.api import mcp_answers as answers
from kanban_server.api import mcp_arguments as arguments
from kanban_server.api import mcp_schemas, mcp_words
from kanban_server.api.mcp_calls import Call
from kanban_server.api.mcp_waiting import Waiter
from kanban_server.rules import cursors
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store.listing import Filter
from kanban_server.store.transaction import Transaction

Run = Callable[[Call, Any], Coroutine[Any, Any, Any]]

GLANCE = 5
"""Tickets of each kind in a board's state."""


class Tool(NamedTuple):
    """A tool, as it is listed and called."""

    name: str
    description: str
    arguments: type[arguments.Arguments]
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    reads: bool
    destroys: bool
    repeats: bool
    """Whether the same call once more changes nothing further."""
    run: Run


TOOLS: dict[str, Tool] = {}


def tool(*, reads: bool = False, destroys: bool = False, repeats: bool = False) -> Callable[[Run], Run]:
    """Make a function a tool: by its name, its docstring, what it takes and what it gives."""

    def register(run: Run) -> Run:
        hints = get_type_hints(run)
        TOOLS[run.__name__] = Tool(
            run.__name__,
            " ".join((run.__doc__ or "").split()),
            hints["asked"],
            mcp_schemas.taken(hints["asked"]),
            mcp_schemas.told(hints["return"]),
            reads,
            destroys,
            repeats or reads,
            run,
        )
        return run

    return register


@tool(reads=True)
async def board_state(call: Call, asked: arguments.BoardState) -> answers.State:
    """The board at a glance: columns, your tickets, what is ready, the cursor for wait_events. Begin here."""
    try:
        board = await call.board()
    except Refusal as refusal:
        if asked.board is not None or "boards" not in refusal.facts:
            raise
        known = await call.read(reading.boards_)
        return {
            "you": call.actor.name,
            "boards": [{"id": one.id, "name": one.name, "tickets": one.ticket_count} for one in known],
        }
    return await call.read(lambda tx: mcp_words.at_a_glance(tx, call.actor, board, GLANCE))


@tool(reads=True)
async def ticket_list(call: Call, asked: arguments.TicketList) -> answers.Listed:
    """List tickets, column by column from the top, in four fields, with the total."""
    board = await call.board()
    wanted = Filter(asked.column or None, asked.assignee, asked.label or None, asked.search or None, asked.ready)
    found = await call.read(lambda tx: reading.page(tx, board, wanted, asked.page, asked.limit))
    return mcp_words.listed(found.items, found.total)


@tool(reads=True)
async def ticket_get(call: Call, asked: arguments.TicketGet) -> answers.Whole:
    """One ticket with its texts, attempts and newest comments."""
    ticket, said = await call.read(
        lambda tx: (reading.ticket(tx, asked.ticket), reading.ticket_comments(tx, asked.ticket))
    )
    return mcp_words.whole(ticket, said, call.actor, full=asked.full)


@tool()
async def ticket_create(call: Call, asked: arguments.TicketCreate) -> answers.Done:
    """Create a ticket, for new work or a follow-up that you found."""
    board = await call.board()
    new = bodies.NewTicket(
        title=asked.title,
        board_id=board,
        description=asked.description or None,
        acceptance_criteria=asked.acceptance_criteria or None,
        priority=asked.priority or None,
        assignee=asked.assignee,
        labels=asked.labels,
        current_column=asked.column or None,
        blocked_by=asked.blocked_by,
        parent=asked.parent,
        due_date=asked.due_date or None,
    )
    done: answers.Done = await call.write(lambda tx, actor: mcp_words.done(tickets.create(tx, actor, new)), board=board)
    return done


@tool(destroys=True)
async def ticket_update(call: Call, asked: arguments.TicketUpdate) -> answers.Done:
    """Change fields: '' clears one, absent or null leaves it. Lists and append undo nothing that others did."""
    edit: bodies.TicketEdit = {"version": asked.version}
    if asked.title is not None:
        edit["title"] = asked.title
    if asked.description is not None:
        edit["description"] = asked.description or None
    if asked.acceptance_criteria is not None:
        edit["acceptance_criteria"] = asked.acceptance_criteria or None
    if asked.priority:
        edit["priority"] = asked.priority
    if asked.assignee is not None:
        edit["assignee"] = asked.assignee
    if asked.due_date is not None:
        edit["due_date"] = asked.due_date

    def act(tx: Transaction, actor: Actor) -> answers.Done:
        ticket = tickets.edit(tx, actor, asked.ticket, edit)
        if asked.add_labels or asked.remove_labels:
            labels = bodies.Labels(asked.add_labels or [], asked.remove_labels or [])
            ticket = tickets.label(tx, actor, asked.ticket, labels)
        for number in asked.check or ():
            ticket = additions.check(tx, actor, asked.ticket, bodies.Check(number))
        for number in asked.uncheck or ():
            ticket = additions.check(tx, actor, asked.ticket, bodies.Check(number, done=False))
        if asked.add_links:
            ticket = additions.link(tx, actor, asked.ticket, bodies.Links(asked.add_links))
        if asked.append:
            ticket = tickets.append(tx, actor, asked.ticket, bodies.Append(asked.append))
        return mcp_words.done(ticket)

    done: answers.Done = await call.write(act)
    return done


@tool(repeats=True)
async def ticket_move(call: Call, asked: arguments.TicketMove) -> answers.Done:
    """Move a ticket to a column, to its bottom unless told; a done column ends your claim."""
    move = bodies.Move(
        asked.column,
        before=asked.before,
        after=asked.after,
        place=asked.place,
        version=asked.version,
        force=asked.force,
    )
    done: answers.Done = await call.write(lambda tx, actor: mcp_words.done(tickets.move(tx, actor, asked.ticket, move)))
    return done


@tool()
async def ticket_next(call: Call, asked: arguments.TicketNext) -> answers.Choice:
    """Claim the best ready ticket: it is yours alone, with a lease that your writes renew. None: the reason."""
    board = await call.board()
    ask = bodies.Next(claim=not asked.peek, labels=asked.labels or [], lease_seconds=asked.lease_seconds)

    def act(tx: Transaction, actor: Actor) -> answers.Choice:
        chosen = choosing.choose(tx, actor, board, ask)
        if chosen.ticket is None:
            return mcp_words.given(  # type: ignore[return-value]
                reason=chosen.reason,
                ready=chosen.ready,
                blocked=chosen.blocked,
                held=chosen.held,
                ready_for=chosen.ready_for or None,
            )
        said = reading.ticket_comments(tx, chosen.ticket.id) if chosen.ticket.comment_count else []
        return {"ticket": dict(mcp_words.whole(chosen.ticket, said, actor))}

    choice: answers.Choice = await call.write(act, board=board)
    return choice


@tool(destroys=True)
async def ticket_lease(call: Call, asked: arguments.TicketLease) -> answers.Done:
    """Claim a certain ticket; renew your claim while you work long; release it with a note when you stop."""

    def act(tx: Transaction, actor: Actor) -> answers.Done:
        if asked.action == "claim":
            ticket = claims.claim(tx, actor, asked.ticket, bodies.Claiming(None, asked.lease_seconds, asked.force))
        elif asked.action == "renew":
            ticket = claims.renew(tx, actor, asked.ticket, bodies.Renewal(asked.lease_seconds))
        else:
            release = bodies.Release(asked.note, asked.column or None, force=asked.force)
            ticket = claims.release(tx, actor, asked.ticket, release)
        return mcp_words.done(ticket)

    done: answers.Done = await call.write(act)
    return done


@tool()
async def comment_add(call: Call, asked: arguments.CommentAdd) -> answers.Said:
    """Comment on a ticket: findings, decisions, questions. @name reaches somebody."""

    def act(tx: Transaction, actor: Actor) -> answers.Said:
        comment = comments.add(tx, actor, bodies.NewComment(asked.ticket, asked.text))
        if asked.read is not None:
            inboxes.read(tx, actor, {str(comment.board_id): asked.read})
        return {"id": comment.id, "ticket": comment.ticket_id}

    said: answers.Said = await call.write(act)
    return said


@tool()
async def ticket_ask(call: Call, asked: arguments.TicketAsk) -> answers.Asked:
    """Ask instead of guessing: the ticket waits, your claim stays. The reply comes to wait_events from its cursor."""

    def act(tx: Transaction, actor: Actor) -> answers.Asked:
        given = asking.ask(tx, actor, asked.ticket, bodies.Asking(asked.text, asked.column or None))
        return {**mcp_words.done(given.ticket), "cursor": given.cursor}

    answer: answers.Asked = await call.write(act)
    return answer


@tool(repeats=True)
async def ticket_depend(call: Call, asked: arguments.TicketDepend) -> answers.Done:
    """Let a ticket wait for others, or no longer, or make it part of a parent. Blocked tickets are not ready."""

    def act(tx: Transaction, actor: Actor) -> answers.Done:
        edit: bodies.TicketEdit = {} if asked.parent is None else {"parent": asked.parent or None}
        ticket = tickets.edit(tx, actor, asked.ticket, edit)
        if asked.off:
            ticket = tickets.unblock(tx, actor, asked.ticket, bodies.Blocking(asked.off))
        if asked.on:
            ticket = tickets.block(tx, actor, asked.ticket, bodies.Blocking(asked.on))
        return mcp_words.done(ticket)

    done: answers.Done = await call.write(act)
    return done


@tool(reads=True)
async def wait_events(call: Call, asked: arguments.WaitEvents) -> answers.Heard:
    """Wait for changes by others instead of polling: returns at the first, or timed_out. Going on from its cursor
    misses none."""
    board = await call.board()
    standing = await call.read(lambda tx: reading.standing(tx, board))
    cursor = cursors.read(asked.after) if asked.after else None
    if cursor is not None and (reason := standing.why_not(cursor)):
        call.parts.hub.counts.resynced(reason)
        raise Refusal("resync", f"The log can't be read from {asked.after} ({reason}).", reason=reason)
    names = frozenset(asked.events or ())
    if not names <= EVENTS.keys():
        raise Refusal("invalid-request", "There is no such event.", fix="Use `known`.", field="events", known=[*EVENTS])

    def fits(said: dict[str, Any]) -> bool:
        told = mcp_words.event(said)
        return (
            (asked.own or said["actor"] not in call.actor.names)
            and (not names or said["event"] in names)
            and (asked.ticket is None or told.get("ticket") == asked.ticket)
        )

    seq = standing.seq if cursor is None else cursor.seq
    waiter = Waiter(call.parts.hub, call.check_room(), board, seq, lambda: call.stays(board))
    heard = await waiter.wait(fits, asked.seconds)
    if not await call.stays(board):
        raise Refusal(
            "removed", f"Board {board} is no longer there for you.", fix="Use another board, or ask its admins."
        )
    return {
        "events": [mcp_words.event(said) for said in heard.events],
        "cursor": cursors.write(standing.epoch, heard.seq),
        "timed_out": not heard.events,
    }
