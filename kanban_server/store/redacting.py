"""All that is kept of a ticket beside its own row: the statements that read it, and write it anew without a text."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import bindparam, select, text, update

from kanban_server.rules.redacting import blanked, scrubbed, source
from kanban_server.store.statements import Statement
from kanban_server.store.tables import answers, attempts, bases, comments, events, tickets
from kanban_server.store.transaction import Row, Transaction

EVENTS = Statement(
    select(events.c.seq, events.c.data).where(events.c.ticket_id == bindparam("ticket_id")).order_by(events.c.seq)
)
PUT_EVENT = Statement(
    update(events)
    .where(events.c.board_id == bindparam("of_board"), events.c.seq == bindparam("of_seq"))
    .values(data=bindparam("data"))
)
COMMENTS = Statement(select(comments).where(comments.c.ticket_id == bindparam("ticket_id")).order_by(comments.c.id))
PUT_COMMENT = Statement(update(comments).where(comments.c.id == bindparam("of_comment")).values(text=bindparam("text")))
ATTEMPTS = Statement(select(attempts.c.number, attempts.c.note).where(attempts.c.ticket_id == bindparam("ticket_id")))
PUT_NOTE = Statement(
    update(attempts)
    .where(attempts.c.ticket_id == bindparam("of_ticket"), attempts.c.number == bindparam("of_number"))
    .values(note=bindparam("note"))
)
BASE = Statement(select(bases.c.data).where(bases.c.board_id == bindparam("board_id")))
PUT_BASE = Statement(update(bases).where(bases.c.board_id == bindparam("of_board")).values(data=bindparam("data")))
ANSWERS = Statement(
    text("SELECT actor, key, body, boards FROM answers WHERE body IS NOT NULL AND instr(body, :needle) > 0"),
    postgresql=text(
        "SELECT actor, key, body, boards FROM answers"
        " WHERE body IS NOT NULL AND position(CAST(:needle AS bytea) IN body) > 0"
    ),
)
PUT_ANSWER = Statement(
    update(answers)
    .where(answers.c.actor == bindparam("of_actor"), answers.c.key == bindparam("of_key"))
    .values(body=bindparam("body"))
)


PUT_SOURCE = Statement(
    update(tickets).where(tickets.c.id == bindparam("of_ticket")).values(source_id=bindparam("source_id"))
)

MERGE = Statement(text("INSERT INTO ticket_search (ticket_search) VALUES ('optimize')"))


def end(tx: Transaction) -> None:
    """Let nothing of it be left in the index of words, nor, once it is committed, in the write-ahead log (SQLite).

    The file's free pages hold nothing of it: the connection that writes has `secure_delete` on.
    """
    if tx.dialect == "sqlite":
        tx.run(MERGE)
        tx.batch.truncate_log = True


def log(tx: Transaction, board_id: int, ticket_id: int, leaked: str) -> int:
    """Blank the text in the ticket's events, which keep their numbers, and in the base of a trimmed log."""
    count = 0
    for row in tx.all(EVENTS, ticket_id=ticket_id):
        data = orjson.loads(row["data"])
        if (clean := blanked(data, leaked, ticket_id)) != data:
            tx.run(PUT_EVENT, of_board=board_id, of_seq=row["seq"], data=orjson.dumps(clean).decode())
            count += 1
    base = tx.value(BASE, board_id=board_id)
    if base is not None:
        whole: dict[str, Any] = orjson.loads(base)
        whole["tickets"] = [
            blanked(one, leaked, ticket_id) if one["id"] == ticket_id else one for one in whole["tickets"]
        ]
        tx.run(PUT_BASE, of_board=board_id, data=orjson.dumps(whole).decode())
    return count


def comments_of(tx: Transaction, ticket_id: int, leaked: str) -> list[Row]:
    """Blank the text in the ticket's comments, deleted ones too. Gives those that held it, with the text `before`."""
    changed = []
    for row in tx.all(COMMENTS, ticket_id=ticket_id):
        if (clean := scrubbed(row["text"], leaked)) != row["text"]:
            tx.run(PUT_COMMENT, of_comment=row["id"], text=clean)
            changed.append({**row, "text": clean, "before": row["text"]})
    return changed


def notes(tx: Transaction, ticket_id: int, leaked: str) -> int:
    """Blank the text in the notes with which claims of the ticket ended."""
    held = [row for row in tx.all(ATTEMPTS, ticket_id=ticket_id) if row["note"] and leaked in row["note"]]
    for row in held:
        tx.run(PUT_NOTE, of_ticket=ticket_id, of_number=row["number"], note=scrubbed(row["note"], leaked))
    return len(held)


def source_id(tx: Transaction, ticket_id: int, source: str | None) -> None:
    """Give a ticket another name where it came from."""
    tx.run(PUT_SOURCE, of_ticket=ticket_id, source_id=source)


def answers_with(tx: Transaction, board_id: int, ticket_id: int, leaked: str) -> None:
    """Blank the text in what the answers that are kept for idempotency keys say of the ticket."""
    for row in tx.all(ANSWERS, needle=orjson.dumps(leaked)[1:-1]):
        if row["boards"] is not None and board_id not in orjson.loads(row["boards"]):
            continue  # an answer of an earlier version does not say which boards it is about
        body = orjson.loads(bytes(row["body"]))
        if (clean := _answer(body, board_id, ticket_id, leaked)) != body:
            tx.run(PUT_ANSWER, of_actor=row["actor"], of_key=row["key"], body=orjson.dumps(clean))


def _answer(value: Any, board_id: int, ticket_id: int, leaked: str) -> Any:
    """An answer with the ticket, its comments and its name in an import blanked, and all else as it is."""
    if isinstance(value, list):
        return [_answer(one, board_id, ticket_id, leaked) for one in value]
    if not isinstance(value, dict):
        return value
    about = value.get("ticket_id", value.get("id") if "current_column" in value else None)
    if value.get("board_id", board_id) == board_id and about == ticket_id:
        clean = blanked(value, leaked, ticket_id)
        if "source_id" in value and "value" in value:  # of an import's report: what the source says
            clean["value"] = scrubbed(value["value"], leaked)
        return clean
    clean = {name: _answer(one, board_id, ticket_id, leaked) for name, one in value.items()}
    if isinstance(value.get("ids"), dict):  # what an import brought: name to ticket
        names = {name: source(name, leaked, ticket_id) for name, id in value["ids"].items() if id == ticket_id}
        clean["ids"] = {names.get(name, name): id for name, id in value["ids"].items()}
        clean["unlinked"] = [names.get(name, name) for name in value.get("unlinked", [])]
    return clean
