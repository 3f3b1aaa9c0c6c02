"""The tools that agents work with, each a few lines over an action. Their docstrings are what agents read."""

from __future__ import annotations

from typing import cast

from kanban_sdk.wire import bodies
from kanban_sdk.wire.events import EVENTS
from kanban_sdk.wire.tickets import NextTicket
from kanban_sdk.wire.tools import arguments, definitions, results
from kanban_server.actions import claims, criteria, done, next_ticket, queries, tickets
from kanban_server.mcp import rendering
from kanban_server.mcp.board_search import search_all_boards
from kanban_server.mcp.call import Call
from kanban_server.mcp.comment_tools import comment_add as comment_add
from kanban_server.mcp.comment_tools import ticket_ask as ticket_ask
from kanban_server.mcp.registry import TOOLS as TOOLS
from kanban_server.mcp.registry import tool
from kanban_server.mcp.waiting import EventFields, EventWaiter
from kanban_server.rules import cursors
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.queries.ticket_pages import TicketFilter
from kanban_server.store.transaction import Transaction

SUMMARY_TICKETS = 5
"""Tickets of each kind in a board's state."""


@tool(definitions.BOARD_STATE)
async def board_state(call: Call, args: arguments.BoardState) -> results.BoardSummary:
    """The summary of a board; or the boards, where several could be meant."""
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


@tool(definitions.TICKET_LIST)
async def ticket_list(call: Call, args: arguments.TicketList) -> results.TicketPage:
    """A page of a board's tickets, or of a search in all boards."""
    if args.all_boards or args.cursor:
        return await search_all_boards(call, args)
    board = await call.board()
    wanted = TicketFilter(args.column or None, args.assignee, args.label or None, args.search or None, args.ready)
    page = await call.read(lambda tx: queries.page_tickets(tx, board, wanted, args.page, args.limit))
    return rendering.ticket_page(page.items, page.total)


@tool(definitions.TICKET_GET)
async def ticket_get(call: Call, args: arguments.TicketGet) -> results.TicketDetails:
    """One ticket and its comments."""
    ticket, ticket_comments = await call.read(
        lambda tx: (queries.read_ticket(tx, args.ticket), queries.list_comments(tx, args.ticket))
    )
    return rendering.ticket_details(ticket, ticket_comments, call.actor, full=args.full)


@tool(definitions.TICKET_CREATE)
async def ticket_create(call: Call, args: arguments.TicketCreate) -> results.TicketResult:
    """Create a ticket."""
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
        not_before=args.not_before or None,
        needs=args.needs,
    )
    return await call.write(lambda tx, actor: rendering.ticket_result(tickets.create(tx, actor, new)), board=board)


@tool(definitions.TICKET_UPDATE)
async def ticket_update(call: Call, args: arguments.TicketUpdate) -> results.DoneResult:
    """Change a ticket, and finish it with `done`, in one transaction. Refused: `invalid-request`."""
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
    if args.not_before is not None:
        edit["not_before"] = args.not_before
    if args.needs is not None:
        edit["needs"] = args.needs

    others_wait = args.next and await call.others_wait(args.ticket)

    def act(tx: Transaction, actor: Actor) -> results.DoneResult:
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
        if not args.done:
            if args.note or args.check_all or args.next:
                detail = "note, check_all and next are for a ticket that is finished."
                raise Refusal("invalid-request", detail, fix="Send done too.", field="done")
            return cast("results.DoneResult", rendering.ticket_result(ticket))
        following = bodies.NextRequest() if args.next else None
        request = bodies.DoneRequest(args.note, "all" if args.check_all else None, next=following)
        finished = done.finish(tx, actor, args.ticket, request, others_wait=others_wait)
        result = cast("results.DoneResult", rendering.ticket_result(finished.ticket))
        if finished.next is not None:
            result["next"] = _next_result(tx, actor, finished.next)
        return result

    return await call.write(act)


@tool(definitions.TICKET_MOVE)
async def ticket_move(call: Call, args: arguments.TicketMove) -> results.TicketResult:
    """Move a ticket."""
    move = bodies.Move(
        args.column,
        before=args.before,
        after=args.after,
        place=args.place,
        version=args.version,
        force=args.force,
    )
    return await call.write(lambda tx, actor: rendering.ticket_result(tickets.move(tx, actor, args.ticket, move)))


@tool(definitions.TICKET_NEXT)
async def ticket_next(call: Call, args: arguments.TicketNext) -> results.NextResult:
    """Choose the next ticket, or wait for one."""
    board = await call.board()
    options = bodies.NextRequest(
        claim=not args.peek,
        labels=args.labels or [],
        can=args.can,
        lease_seconds=args.lease_seconds,
        wait_seconds=args.wait,
        place=args.place,
        or_reply=args.or_reply,
    )

    async def attempt(place: str | None) -> results.NextResult:
        def act(tx: Transaction, actor: Actor) -> results.NextResult:
            return _next_result(tx, actor, next_ticket.choose_or_wait(tx, actor, board, options, place))

        return await call.write(act, board=board)

    return await call.wait_for_next(board, options, attempt)


def _next_result(tx: Transaction, actor: Actor, chosen: NextTicket) -> results.NextResult:
    """The next ticket with what belongs to it; or why there is none."""
    if chosen.ticket is None:
        return rendering.non_empty(  # type: ignore[return-value]
            reason=chosen.reason,
            ready=chosen.ready,
            blocked=chosen.blocked,
            held=chosen.held,
            ready_for=chosen.ready_for or None,
            stop=chosen.stop,
            why=chosen.why,
            questions=chosen.questions,
            holds=chosen.holds,
            not_before=chosen.not_before,
            reply=chosen.reply
            and {"ticket": chosen.reply.ticket_id, "by": chosen.reply.author, "text": chosen.reply.text},
            place=chosen.place,
        )
    ticket_comments = queries.list_comments(tx, chosen.ticket.id) if chosen.ticket.comment_count else []
    return {"ticket": dict(rendering.ticket_details(chosen.ticket, ticket_comments, actor))}


@tool(definitions.TICKET_LEASE)
async def ticket_lease(call: Call, args: arguments.TicketLease) -> results.TicketResult:
    """Claim a ticket, renew the claim, or release it."""

    def act(tx: Transaction, actor: Actor) -> results.TicketResult:
        if args.action == "claim":
            ticket = claims.claim(tx, actor, args.ticket, bodies.ClaimRequest(None, args.lease_seconds, args.force))
        elif args.action == "renew":
            ticket = claims.renew(tx, actor, args.ticket, bodies.Renewal(args.lease_seconds))
        else:
            release = bodies.Release(
                args.note, args.column or None, force=args.force, not_before=args.not_before or None
            )
            ticket = claims.release(tx, actor, args.ticket, release)
        return rendering.ticket_result(ticket)

    return await call.write(act)


@tool(definitions.TICKET_DEPEND)
async def ticket_depend(call: Call, args: arguments.TicketDepend) -> results.TicketResult:
    """Change what a ticket waits for, and its parent."""

    def act(tx: Transaction, actor: Actor) -> results.TicketResult:
        edit: bodies.TicketEdit = {} if args.parent is None else {"parent": args.parent or None}
        ticket = tickets.edit(tx, actor, args.ticket, edit)
        if args.off:
            ticket = tickets.unblock(tx, actor, args.ticket, bodies.BlockRequest(args.off))
        if args.on:
            ticket = tickets.block(tx, actor, args.ticket, bodies.BlockRequest(args.on))
        return rendering.ticket_result(ticket)

    return await call.write(act)


@tool(definitions.WAIT_EVENTS)
async def wait_events(call: Call, args: arguments.WaitEvents) -> results.EventsResult:
    """Wait for matching events. Refused: `invalid-request`, `resync`, `removed`."""
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
