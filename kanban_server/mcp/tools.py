"""The tools that agents work with, each a few lines over an action. Their docstrings are what agents read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import NamedTuple, TypeVar, get_type_hints

from pydantic.json_schema import JsonSchemaValue

from kanban_sdk.wire import bodies
from kanban_sdk.wire.events import EVENTS
from kanban_server.actions import claims, comments, criteria, inbox, next_ticket, queries, questions, tickets
from kanban_server.mcp import arguments, rendering, results, schemas
from kanban_server.mcp.call import Call
from kanban_server.mcp.waiting import EventFields, EventWaiter
from kanban_server.rules import cursors
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.queries.ticket_pages import TicketFilter
from kanban_server.store.transaction import Transaction

A = TypeVar("A", bound=arguments.Arguments)
R = TypeVar("R", bound=Mapping[str, object])

Run = Callable[[Call, arguments.Arguments], Awaitable[Mapping[str, object]]]

SUMMARY_TICKETS = 5
"""Tickets of each kind in a board's state."""


class Tool(NamedTuple):
    """A tool, as it is listed and called."""

    name: str
    description: str
    arguments: type[arguments.Arguments]
    input_schema: JsonSchemaValue
    output_schema: JsonSchemaValue
    read_only: bool
    destructive: bool
    idempotent: bool
    """Whether the same call once more changes nothing further."""
    run: Run


TOOLS: dict[str, Tool] = {}


def tool(
    *, read_only: bool = False, destructive: bool = False, idempotent: bool = False
) -> Callable[[Callable[[Call, A], Coroutine[object, object, R]]], Callable[[Call, A], Coroutine[object, object, R]]]:
    """Make a function a tool: by its name, its docstring, what it takes and what it gives."""

    def register(
        function: Callable[[Call, A], Coroutine[object, object, R]],
    ) -> Callable[[Call, A], Coroutine[object, object, R]]:
        hints = get_type_hints(function)
        arguments_type: type[A] = hints["args"]

        async def run(call: Call, args: arguments.Arguments) -> Mapping[str, object]:
            assert isinstance(args, arguments_type)
            return await function(call, args)

        TOOLS[function.__name__] = Tool(
            function.__name__,
            " ".join((function.__doc__ or "").split()),
            arguments_type,
            schemas.input_schema(arguments_type),
            schemas.output_schema(hints["return"]),
            read_only,
            destructive,
            idempotent or read_only,
            run,
        )
        return function

    return register


@tool(read_only=True)
async def board_state(call: Call, args: arguments.BoardState) -> results.BoardSummary:
    """The board at a glance: columns, your tickets, what is ready, the cursor for wait_events. Begin here."""
    try:
        board = await call.board()
    except Refusal as refusal:
        if args.board is not None or "boards" not in refusal.facts:
            raise
        boards = await call.read(queries.list_boards)
        return {
            "you": call.actor.name,
            "boards": [{"id": item.id, "name": item.name, "tickets": item.ticket_count} for item in boards],
        }
    return await call.read(lambda tx: rendering.board_summary(tx, call.actor, board, SUMMARY_TICKETS))


@tool(read_only=True)
async def ticket_list(call: Call, args: arguments.TicketList) -> results.TicketPage:
    """List tickets, column by column from the top, in four fields, with the total."""
    board = await call.board()
    ticket_filter = TicketFilter(
        args.column or None, args.assignee, args.label or None, args.search or None, args.ready
    )
    page = await call.read(lambda tx: queries.page_tickets(tx, board, ticket_filter, args.page, args.limit))
    return rendering.ticket_page(page.items, page.total)


@tool(read_only=True)
async def ticket_get(call: Call, args: arguments.TicketGet) -> results.TicketDetails:
    """One ticket with its texts, attempts and newest comments."""
    ticket, ticket_comments = await call.read(
        lambda tx: (queries.read_ticket(tx, args.ticket), queries.list_comments(tx, args.ticket))
    )
    return rendering.ticket_details(ticket, ticket_comments, call.actor, full=args.full)


@tool()
async def ticket_create(call: Call, args: arguments.TicketCreate) -> results.TicketResult:
    """Create a ticket, for new work or a follow-up that you found."""
    board = await call.board()
    new = bodies.NewTicket(
        title=args.title,
        board_id=board,
        description=args.description or None,
        acceptance_criteria=args.acceptance_criteria or None,
        priority=args.priority or None,
        assignee=args.assignee,
        labels=args.labels,
        current_column=args.column or None,
        blocked_by=args.blocked_by,
        parent=args.parent,
        due_date=args.due_date or None,
    )
    return await call.write(lambda tx, actor: rendering.ticket_result(tickets.create(tx, actor, new)), board=board)


@tool(destructive=True)
async def ticket_update(call: Call, args: arguments.TicketUpdate) -> results.TicketResult:
    """Change fields: '' clears one, absent or null leaves it. Lists and append undo nothing that others did."""
    edit: bodies.TicketEdit = {"version": args.version}
    if args.title is not None:
        edit["title"] = args.title
    if args.description is not None:
        edit["description"] = args.description or None
    if args.acceptance_criteria is not None:
        edit["acceptance_criteria"] = args.acceptance_criteria or None
    if args.priority:
        edit["priority"] = args.priority
    if args.assignee is not None:
        edit["assignee"] = args.assignee
    if args.due_date is not None:
        edit["due_date"] = args.due_date

    def act(tx: Transaction, actor: Actor) -> results.TicketResult:
        ticket = tickets.edit(tx, actor, args.ticket, edit)
        if args.add_labels or args.remove_labels:
            labels = bodies.Labels(args.add_labels or [], args.remove_labels or [])
            ticket = tickets.label(tx, actor, args.ticket, labels)
        for number in args.check or ():
            ticket = criteria.tick_criterion(tx, actor, args.ticket, bodies.Check(number))
        for number in args.uncheck or ():
            ticket = criteria.tick_criterion(tx, actor, args.ticket, bodies.Check(number, done=False))
        if args.add_links:
            ticket = criteria.edit_links(tx, actor, args.ticket, bodies.Links(args.add_links))
        if args.append:
            ticket = tickets.append_text(tx, actor, args.ticket, bodies.Append(args.append))
        return rendering.ticket_result(ticket)

    return await call.write(act)


@tool(idempotent=True)
async def ticket_move(call: Call, args: arguments.TicketMove) -> results.TicketResult:
    """Move a ticket to a column, to its bottom unless told; a done column ends your claim."""
    move = bodies.Move(
        args.column,
        before=args.before,
        after=args.after,
        place=args.place,
        version=args.version,
        force=args.force,
    )
    return await call.write(lambda tx, actor: rendering.ticket_result(tickets.move(tx, actor, args.ticket, move)))


@tool()
async def ticket_next(call: Call, args: arguments.TicketNext) -> results.NextResult:
    """Claim the best ready ticket: it is yours alone, with a lease that your writes renew. None: the reason."""
    board = await call.board()
    options = bodies.NextRequest(claim=not args.peek, labels=args.labels or [], lease_seconds=args.lease_seconds)

    def act(tx: Transaction, actor: Actor) -> results.NextResult:
        next_result = next_ticket.choose_next(tx, actor, board, options)
        if next_result.ticket is None:
            return rendering.non_empty(  # type: ignore[return-value]
                reason=next_result.reason,
                ready=next_result.ready,
                blocked=next_result.blocked,
                held=next_result.held,
                ready_for=next_result.ready_for or None,
            )
        ticket_comments = queries.list_comments(tx, next_result.ticket.id) if next_result.ticket.comment_count else []
        return {"ticket": dict(rendering.ticket_details(next_result.ticket, ticket_comments, actor))}

    return await call.write(act, board=board)


@tool(destructive=True)
async def ticket_lease(call: Call, args: arguments.TicketLease) -> results.TicketResult:
    """Claim a certain ticket; renew your claim while you work long; release it with a note when you stop."""

    def act(tx: Transaction, actor: Actor) -> results.TicketResult:
        if args.action == "claim":
            ticket = claims.claim(tx, actor, args.ticket, bodies.ClaimRequest(None, args.lease_seconds, args.force))
        elif args.action == "renew":
            ticket = claims.renew(tx, actor, args.ticket, bodies.Renewal(args.lease_seconds))
        else:
            release = bodies.Release(args.note, args.column or None, force=args.force)
            ticket = claims.release(tx, actor, args.ticket, release)
        return rendering.ticket_result(ticket)

    return await call.write(act)


@tool()
async def comment_add(call: Call, args: arguments.CommentAdd) -> results.CommentResult:
    """Comment on a ticket: findings, decisions, questions. @name reaches somebody."""

    def act(tx: Transaction, actor: Actor) -> results.CommentResult:
        comment = comments.add(tx, actor, bodies.NewComment(args.ticket, args.text))
        if args.read is not None:
            inbox.mark_read(tx, actor, {str(comment.board_id): args.read})
        return {"id": comment.id, "ticket": comment.ticket_id}

    return await call.write(act)


@tool()
async def ticket_ask(call: Call, args: arguments.TicketAsk) -> results.QuestionResult:
    """Ask instead of guessing: the ticket waits, your claim stays. The reply comes to wait_events from its cursor."""

    def act(tx: Transaction, actor: Actor) -> results.QuestionResult:
        question = questions.ask_question(
            tx, actor, args.ticket, bodies.QuestionRequest(args.text, args.column or None)
        )
        return {**rendering.ticket_result(question.ticket), "cursor": question.cursor}

    return await call.write(act)


@tool(idempotent=True)
async def ticket_depend(call: Call, args: arguments.TicketDepend) -> results.TicketResult:
    """Let a ticket wait for others, or no longer, or make it part of a parent. Blocked tickets are not ready."""

    def act(tx: Transaction, actor: Actor) -> results.TicketResult:
        edit: bodies.TicketEdit = {} if args.parent is None else {"parent": args.parent or None}
        ticket = tickets.edit(tx, actor, args.ticket, edit)
        if args.off:
            ticket = tickets.unblock(tx, actor, args.ticket, bodies.BlockRequest(args.off))
        if args.on:
            ticket = tickets.block(tx, actor, args.ticket, bodies.BlockRequest(args.on))
        return rendering.ticket_result(ticket)

    return await call.write(act)


@tool(read_only=True)
async def wait_events(call: Call, args: arguments.WaitEvents) -> results.EventsResult:
    """Wait for changes by others instead of polling: returns at the first, or timed_out. Going on from its cursor
    misses none."""
    board = await call.board()
    bounds, cursor = await call.log_position(board, args.after or None)
    names = frozenset(args.events or ())
    if not names <= EVENTS.keys():
        raise Refusal("invalid-request", "There is no such event.", fix="Use `known`.", field="events", known=[*EVENTS])

    def matches(event: EventFields) -> bool:
        summary = rendering.event_summary(event)
        return (
            (args.own or event["actor"] not in call.actor.names)
            and (not names or event["event"] in names)
            and (args.ticket is None or summary.get("ticket") == args.ticket)
        )

    seq = bounds.seq if cursor is None else cursor.seq
    waiter = EventWaiter(call.state.hub, call.check_stream_limit(), board, seq, lambda: call.may_still_read(board))
    batch = await waiter.matching(matches, args.seconds)
    if not await call.may_still_read(board):
        raise Refusal(
            "removed", f"Board {board} is no longer there for you.", fix="Use another board, or ask its admins."
        )
    return {
        "events": [rendering.event_summary(event) for event in batch.events],
        "cursor": cursors.format_cursor(bounds.epoch, batch.seq),
        "timed_out": not batch.events,
    }
