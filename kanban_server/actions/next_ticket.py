"""The next ticket to work on: the best ready ticket of a board, claimed in the same transaction on request."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import ClaimRequest, NextRequest
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.tickets import NextTicket, Ticket
from kanban_server.actions import claims, leases
from kanban_server.actions.placement import has_room
from kanban_server.actions.remaining import explain_remaining
from kanban_server.rules import actors, validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.counters import ZERO
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, comments, name_lookup, ready_queue, tickets
from kanban_server.store.queries import claims as claims_queries
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


class NothingYet(Refusal):
    """There is nothing to take, but something may come: for callers that wait. It never reaches a client.

    `nothing_ready`: whether the board has no ready ticket at all, for anybody.
    """

    def __init__(self, *, nothing_ready: bool) -> None:
        super().__init__("busy", "Nothing can be taken yet.")
        self.nothing_ready = nothing_ready


class Kept(NamedTuple):
    """What somebody behind a queue may take. What becomes ready later is for those who wait."""

    ticket: TicketRow | None


def choose_or_wait(tx: Transaction, actor: Actor, board_id: int, request: NextRequest, place: str | None) -> NextTicket:
    """`choose_next`, for a caller that waits; `place` is set for its last try. Raises NothingYet."""
    chosen = choose_next(tx, actor, board_id, request)
    if chosen.ticket is not None or chosen.reply is not None or chosen.stop:
        return chosen
    if place is None:
        raise NothingYet(nothing_ready=not chosen.ready and not request.columns)
    return chosen.but(place=place or None)


def choose_next(
    tx: Transaction, actor: Actor, board_id: int, request: NextRequest, kept: Kept | None = None
) -> NextTicket:
    """Choose the best ready ticket, by priority, then by place: `assignee`'s if given, else unassigned or the actor's.

    If there is none, `reason` is empty, all-blocked, all-held, column-full or user-limit, `why` is what is left, and
    `stop` is whether nothing will come by itself. With `or_reply`, a reply to the actor comes first; with `resume`,
    the ticket that the actor holds, with a new claim. With `kept`, no other ticket is chosen. Refused: `name-required`,
    for a claim without a name; `unknown-column`; `ambiguous-name`.
    """
    board = boards.lock(tx, board_id)
    leases.apply_due(board)
    if request.or_reply and (reply := _find_reply(board, actor)) is not None:
        return NextTicket(None, reply=reply)
    if request.resume and (held := _find_held(board, actor)) is not None:
        return NextTicket(claims.claim_anew(board, actor, held, request.lease_seconds))
    columns = _columns_of(board, request)
    request = replace(request, can=_tags_of(actor, request.can))
    ticket = kept.ticket if kept else _find_best(board, actor, request, columns)
    if ticket is None and not kept and (request.labels or request.assignee):
        request = _with_known_names(board, request)
        ticket = _find_best(board, actor, request, columns)
    if ticket is None:
        return _explain_empty(board, actor, request, columns)
    following = _find_following(board, actor, request, columns, ticket) if request.following else None
    if not request.claim:
        return NextTicket(tickets.to_wire(ticket, board.columns), following=following)
    try:
        claim_request = ClaimRequest(lease_seconds=request.lease_seconds)
        claimed = claims.claim(tx, replace(actor, lease=None), ticket["id"], claim_request)
        return NextTicket(claimed, following=following)
    except Refusal as refusal:
        if refusal.type not in {"column-full", "user-limit"}:
            raise
        return _explain_empty(board, actor, request, columns).but(reason=refusal.type)


def keep_ready(board: LockedBoard, actor: Actor, request: NextRequest, *, without: int) -> Kept:
    """What the actor may take once ticket `without` is finished, if others wait: what they have left."""
    working = _columns_with_role(board, "working")
    if working and not any(has_room(board, column) for column in working):
        return Kept(None)
    request = _with_known_names(board, replace(request, can=_tags_of(actor, request.can)))
    rows = _find_in_order(board, actor, request, _columns_of(board, request), 2)
    return Kept(next((row for row in rows if row["id"] != without), None))


def _tags_of(actor: Actor, wanted: list[str] | None) -> list[str]:
    """The tags that the asker can: those in the request, which on a server with users are at most the actor's.

    Refused: `not-allowed`.
    """
    if wanted is None:
        return sorted(actor.can)
    tags = validation.check_tags(wanted, "can")
    beyond = sorted({*tags} - actor.can)
    if actor.id is not None and beyond:
        detail = f"{actor.name}, with this token, does not have {', '.join(beyond)}."
        raise Refusal(
            "not-allowed", detail, fix="Leave it out; an admin of the server gives it.", needs="admin", can=beyond
        )
    return tags


def _columns_of(board: LockedBoard, request: NextRequest) -> list[Column]:
    """The columns that a ticket is chosen from."""
    return [board.column(name) for name in request.columns] if request.columns else _columns_with_role(board, "todo")


def _columns_with_role(board: LockedBoard, role: str) -> list[Column]:
    return [column for column in board.columns if column.role == role]


def _find_best(board: LockedBoard, actor: Actor, request: NextRequest, columns: list[Column]) -> TicketRow | None:
    assignee, labels = actors.check_assignee(request.assignee), validation.check_labels(request.labels)
    assignees = [*name_lookup.names_of(board.tx, assignee)] if assignee else [*actor.names, None]
    candidates = []
    for position, column in enumerate(columns):
        for row in ready_queue.find_best(board, column.id, assignees, labels, request.can or ()):
            candidates.append((row["priority_key"], position, row["place"], row["id"]))
    return tickets.read_row(board.tx, min(candidates)[-1]) if candidates else None


def _find_following(
    board: LockedBoard, actor: Actor, request: NextRequest, columns: list[Column], first: TicketRow
) -> list[Ticket]:
    """The tickets that come after the first one, in the order in which they are given."""
    rows = _find_in_order(board, actor, request, columns, request.following + 1)
    following = [row for row in rows if row["id"] != first["id"]]
    return [tickets.to_wire(row, board.columns) for row in following[: request.following]]


def _find_in_order(
    board: LockedBoard, actor: Actor, request: NextRequest, columns: list[Column], most: int
) -> list[TicketRow]:
    """The best ready tickets, at least `most` if there are so many, in the order in which they are given."""
    assignee, labels = actors.check_assignee(request.assignee), validation.check_labels(request.labels)
    assignees = [*name_lookup.names_of(board.tx, assignee)] if assignee else [*actor.names, None]
    candidates = []
    for position, column in enumerate(columns):
        for row in ready_queue.find_several(board, column.id, assignees, labels, request.can or (), most):
            candidates.append(((row["priority_key"], position, row["place"], row["id"]), row))
    return [row for _, row in sorted(candidates, key=lambda item: item[0])]


def _with_known_names(board: LockedBoard, ask: NextRequest) -> NextRequest:
    """The request, with its labels and assignee replaced by those of the board that match in any case."""
    labels = [name_lookup.label(board.tx, board.id, label) for label in validation.check_labels(ask.labels)]
    user = actors.check_assignee(ask.assignee)
    return replace(ask, labels=labels, assignee=name_lookup.assignees(board.tx, board.id, user)[0] if user else None)


def _find_held(board: LockedBoard, actor: Actor) -> TicketRow | None:
    """A ticket that the actor holds, by name and by user id."""
    for name in actor.names:
        for held in board.tx.all(claims_queries.HELD_BY, board_id=board.id, holder=name):
            row = tickets.read_row(board.tx, held["id"])
            if leases.is_claimed(board, row) and leases.is_holder(actor, row):
                return row
    return None


def _find_reply(board: LockedBoard, actor: Actor) -> Comment | None:
    """The reply on a ticket that the actor holds: its newest comment, if somebody else wrote it.

    The ticket is in a waiting column, or back from there and not written on since. There is no reply while a question
    to certain users is open.
    """
    for name in actor.names:
        for row in board.tx.all(claims_queries.HELD_BY, board_id=board.id, holder=name):
            waits = board.column_by_id(row["column_id"]).role == "waiting"
            if row["asked"] != "[]" or not (waits or leases.has_answer(row)):
                continue
            comment = comments.newest_comment(board.tx, row["id"])
            if comment is not None and comment.author not in actor.names:
                return comment
    return None


def _explain_empty(board: LockedBoard, actor: Actor, request: NextRequest, columns: list[Column]) -> NextTicket:
    """Why there is no ticket to take.

    Held tickets of the working columns count too: most held tickets are there, and they may come back. Those of the
    waiting columns are counted, but are no reason: their holders wait for replies.
    """
    totals = sum((board.counters_of(column) for column in columns), ZERO)
    waiting_count = sum(board.count(column) for column in columns) - totals.ready - totals.held
    working_columns = [] if request.columns else _columns_with_role(board, "working")
    waiting_columns = [] if request.columns else _columns_with_role(board, "waiting")
    held_count = totals.held + sum(board.counters_of(column).held for column in working_columns)
    if totals.ready:  # ready, but with other labels or assigned to others
        reason = "empty" if request.labels or request.assignee else "all-held"
    elif waiting_count:  # for other tickets or for a person
        reason = "all-blocked"
    else:
        reason = "all-held" if held_count else "empty"
    whose = ready_queue.assigned(board.tx, board.id, [column.id for column in columns]) if totals.ready else None
    remaining = explain_remaining(board, actor, request.can or (), or_reply=request.or_reply)
    return NextTicket(
        None,
        reason,
        totals.ready,
        totals.blocked,
        held_count + sum(board.counters_of(column).held for column in waiting_columns),
        whose,
        stop=remaining.stop or None,
        why=remaining.why,
        questions=remaining.questions or None,
        holds=remaining.holds or None,
        not_before=remaining.not_before,
    )
