"""Questions: a comment that asks somebody, while the ticket waits for the answer.

A question is a gate: on a server with users only those whom it asks answer it, in a comment, and only who asked, or an
admin of the board, withdraws it. Without users names are claims: any other user's comment answers, anybody withdraws.
"""

from __future__ import annotations

import orjson

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import Move, QuestionRequest, Withdrawal
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.inbox import Question
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import comments, inbox, leases
from kanban_server.actions.tickets import move_row
from kanban_server.rules import cursors
from kanban_server.rules.actors import RESERVED_NAMES, Actor, check_user_name
from kanban_server.rules.markdown.mentions import find_mentions
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, members, tickets
from kanban_server.store.queries import comments as comment_queries
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction

MOST_KNOWN = 20
"""Users that a refusal names."""


def ask_question(tx: Transaction, actor: Actor, ticket_id: int, wanted: QuestionRequest) -> Question:
    """Ask `to`, or else the mentioned users, or else the ticket's creator. The ticket then waits; its claim is kept.

    The ticket moves to `column`. Without `column`, it moves to the board's first waiting column, unless it is in a
    waiting column already. When the question ends, it moves back. Refused: `already-claimed`, `column-full`,
    `unknown-column`; `invalid-request` if `to` is the actor or nobody who may write on the board; `not-allowed` if the
    open question is another user's.
    """
    actor = actor.with_force(wanted.force)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    if row["open_question"] is not None:
        _check_may_end(board, actor, row, comment_queries.read_comment(tx, row["open_question"]))
    asks = _find_asked(board, actor, row, wanted)
    comment = comments.write_comment(board, actor, row, wanted.text, asks=asks)
    column = _waiting_column(board, row) if wanted.column is None else board.column(wanted.column)
    origin = board.column_by_id(row["column_id"])
    asked_from = row["question_from_column"] if row["question_to_column"] == origin.id else origin.id
    moved = move_row(board, actor, row, Move(column.name))
    if row["column_id"] != origin.id and origin.role != "done":  # nothing goes back to done without its requirements
        board.update_ticket(row, question_from_column=asked_from, question_to_column=row["column_id"])
    return Question(moved, comment, cursors.format_cursor(board.epoch, board.last_seq))


def withdraw(tx: Transaction, actor: Actor, ticket_id: int, wanted: Withdrawal) -> Ticket:
    """End the open question of a ticket, if there is one, without an answer, and move it back. This needs no claim.

    Refused: `not-allowed`, except for who asked and for admins of the board; `invalid-request` if another than who
    asked gives no note: it is the reply to who waits for one.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.row_on_board(board, ticket_id)
    leases.renew_if_holder(board, actor, row)
    if row["open_question"] is None:
        return tickets.to_wire(row, board.columns)
    question = comment_queries.read_comment(tx, row["open_question"])
    own = _check_may_end(board, actor, row, question)
    note = (wanted.note or "").strip()
    if not own and not note:
        detail = f"{question.author} waits for an answer on ticket {ticket_id}, and gets your note in its place."
        raise Refusal("invalid-request", detail, fix="Say in `note` why the question is closed.", field="note")
    asked: list[str] = orjson.loads(row["asked"])
    board.update_ticket(row, open_question=None, asked="[]")
    inbox.drop_question(board, asked, question.id)
    data = {"id": question.id, "ticket_id": ticket_id, "board_id": board.id, "title": row["title"]}
    data |= {"author": question.author, "asked": [], "from_asked": asked, "withdrawn_by": actor.name}
    board.record(actor, "question_withdrawn", data, ticket_id=ticket_id)
    if note:
        comments.write_comment(board, actor, row, note)
    leases.end_question(board, actor, row)
    if own and leases.has_answer(row):  # nothing that somebody wrote before is a reply
        board.update_ticket(row, question_from_column=None)
    return tickets.to_wire(row, board.columns)


def _check_may_end(board: LockedBoard, actor: Actor, row: TicketRow, question: Comment) -> bool:
    """Whether the open question is the actor's own. Refused: `not-allowed`, for users who may not end another's."""
    if comments.is_author(board.tx, actor, question):
        return True
    if board.tx.viewer.open or board.role == "admin":
        return False
    asked = " or ".join(orjson.loads(row["asked"])) or "somebody"
    raise Refusal(
        "not-allowed",
        f"Ticket {row['id']} waits for {asked} to answer {question.author}, and only who asked, or an admin of the"
        " board, ends that.",
        fix=f"Comment on the ticket, or ask {question.author} or an admin of the board to withdraw the question.",
        needs="admin",
        ticket_id=row["id"],
        asked_by=question.author,
    )


def _find_asked(board: LockedBoard, actor: Actor, row: TicketRow, wanted: QuestionRequest) -> list[str]:
    """The users whom a question asks, under their present names; empty: anybody may answer.

    On a server with users, only users who may write on the board are asked. Refused: `invalid-request`, for `to`.
    """
    names = None if board.tx.viewer.open else members.names_of_writers(board.tx, board.id)
    if wanted.to is not None:
        return [_check_to(board, actor, check_user_name(wanted.to), names)]
    creators = [row["created_by"]] if row["created_by"] not in RESERVED_NAMES else []
    for candidates in (find_mentions(wanted.text), creators):
        known = candidates if names is None else [names[name] for name in candidates if name in names]
        if others := [name for name in dict.fromkeys(known) if name not in actor.names]:
            return others
    return []


def _check_to(board: LockedBoard, actor: Actor, name: str, names: dict[str, str] | None) -> str:
    """The present name of the user who is asked, in any case if one is meant. Refused: `invalid-request`."""
    if names is not None and name not in names:
        alike = {present for one, present in names.items() if one.casefold() == name.casefold()}
        if len(alike) != 1:
            known = [one for one in members.names_of_writing_members(board.tx, board.id) if one not in actor.names]
            detail = f"No user named '{name}' may write on board {board.id}, so nobody could answer."
            fix = "Ask one of `known`, or leave `to` out."
            raise Refusal("invalid-request", detail, fix=fix, field="to", known=known[:MOST_KNOWN])
        (name,) = alike
    name = name if names is None else names[name]
    if name in actor.names:
        detail = "Who asks can't be who answers."
        raise Refusal("invalid-request", detail, fix="Ask somebody else, or leave `to` out.", field="to")
    return name


def _waiting_column(board: LockedBoard, row: TicketRow) -> Column:
    """The column in which the ticket waits.

    It is the current column, if that is a waiting column or the board has none; else the first waiting column.
    """
    current = board.column_by_id(row["column_id"])
    return (
        current
        if current.role == "waiting"
        else next((column for column in board.columns if column.role == "waiting"), current)
    )
