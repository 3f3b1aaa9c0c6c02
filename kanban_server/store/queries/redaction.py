"""Redaction: the statements that remove a text from everything that is stored of a ticket beside its own row."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import bindparam, select, text, update

from kanban_server.rules.redaction import redact_fields, redact_value, source
from kanban_server.store.statements import Statement
from kanban_server.store.tables import answers, attempts, bases, comments, events
from kanban_server.store.transaction import Row, Transaction

EVENTS = Statement(
    select(events.c.seq, events.c.data).where(events.c.ticket_id == bindparam("ticket_id")).order_by(events.c.seq)
)
UPDATE_EVENT = Statement(
    update(events)
    .where(events.c.board_id == bindparam("of_board"), events.c.seq == bindparam("of_seq"))
    .values(data=bindparam("data"))
)
COMMENTS = Statement(select(comments).where(comments.c.ticket_id == bindparam("ticket_id")).order_by(comments.c.id))
UPDATE_COMMENT = Statement(
    update(comments).where(comments.c.id == bindparam("of_comment")).values(text=bindparam("text"))
)
ATTEMPTS = Statement(select(attempts.c.number, attempts.c.note).where(attempts.c.ticket_id == bindparam("ticket_id")))
UPDATE_NOTE = Statement(
    update(attempts)
    .where(attempts.c.ticket_id == bindparam("of_ticket"), attempts.c.number == bindparam("of_number"))
    .values(note=bindparam("note"))
)
BASE = Statement(select(bases.c.data).where(bases.c.board_id == bindparam("board_id")))
UPDATE_BASE = Statement(update(bases).where(bases.c.board_id == bindparam("of_board")).values(data=bindparam("data")))
RECORDS_WITH_TEXT = Statement(
    text("SELECT actor, key, body, boards FROM answers WHERE body IS NOT NULL AND instr(body, :needle) > 0"),
    postgresql=text(
        "SELECT actor, key, body, boards FROM answers"
        " WHERE body IS NOT NULL AND position(CAST(:needle AS bytea) IN body) > 0"
    ),
    reads=["answers"],
)
UPDATE_RECORD = Statement(
    update(answers)
    .where(answers.c.actor == bindparam("of_actor"), answers.c.key == bindparam("of_key"))
    .values(body=bindparam("body"))
)


OPTIMIZE_SEARCH = Statement(
    text("INSERT INTO ticket_search (ticket_search) VALUES ('optimize')"), reads=[], writes=["ticket_search"]
)


def end_secure_delete(tx: Transaction) -> None:
    """Remove deleted terms from the search index now and, after the commit, from the write-ahead log (SQLite).

    The file's free pages hold no deleted text: the writing connection has `secure_delete` on.
    """
    if tx.dialect == "sqlite":
        tx.run(OPTIMIZE_SEARCH)
        tx.unit.truncate_log = True


def redact_log(tx: Transaction, board_id: int, ticket_id: int, leaked_text: str) -> int:
    """Blank the text in the ticket's events, which keep their seqs, and in the base of a trimmed log."""
    count = 0
    for row in tx.all(EVENTS, ticket_id=ticket_id):
        data = orjson.loads(row["data"])
        if (redacted := redact_fields(data, leaked_text, ticket_id)) != data:
            tx.run(UPDATE_EVENT, of_board=board_id, of_seq=row["seq"], data=orjson.dumps(redacted).decode())
            count += 1
    base = tx.value(BASE, board_id=board_id)
    if base is not None:
        snapshot: dict[str, Any] = orjson.loads(base)
        snapshot["tickets"] = [
            redact_fields(one, leaked_text, ticket_id) if one["id"] == ticket_id else one for one in snapshot["tickets"]
        ]
        tx.run(UPDATE_BASE, of_board=board_id, data=orjson.dumps(snapshot).decode())
    return count


def redact_comments(tx: Transaction, ticket_id: int, leaked_text: str) -> list[Row]:
    """Blank the text in the ticket's comments, deleted ones too. Returns those that had it, with the text `before`."""
    redacted_rows = []
    for row in tx.all(COMMENTS, ticket_id=ticket_id):
        if (redacted := redact_value(row["text"], leaked_text)) != row["text"]:
            tx.run(UPDATE_COMMENT, of_comment=row["id"], text=redacted)
            redacted_rows.append({**row, "text": redacted, "before": row["text"]})
    return redacted_rows


def redact_notes(tx: Transaction, ticket_id: int, leaked_text: str) -> int:
    """Blank the text in the end notes of the ticket's claims."""
    matching_rows = [row for row in tx.all(ATTEMPTS, ticket_id=ticket_id) if row["note"] and leaked_text in row["note"]]
    for row in matching_rows:
        tx.run(UPDATE_NOTE, of_ticket=ticket_id, of_number=row["number"], note=redact_value(row["note"], leaked_text))
    return len(matching_rows)


def redact_idempotency_records(tx: Transaction, board_id: int, ticket_id: int, leaked_text: str) -> None:
    """Blank the text wherever a stored response for an idempotency key is about the ticket."""
    for row in tx.all(RECORDS_WITH_TEXT, needle=orjson.dumps(leaked_text)[1:-1]):
        if row["boards"] is not None and board_id not in orjson.loads(row["boards"]):
            continue  # records without boards are from an earlier version, so they are searched too
        body = orjson.loads(bytes(row["body"]))
        if (redacted := _answer(body, board_id, ticket_id, leaked_text)) != body:
            tx.run(UPDATE_RECORD, of_actor=row["actor"], of_key=row["key"], body=orjson.dumps(redacted))


def _answer(value: Any, board_id: int, ticket_id: int, leaked: str) -> Any:
    """A response body with the text blanked in the ticket, its comments and its `source_id`; the rest is unchanged."""
    if isinstance(value, list):
        return [_answer(one, board_id, ticket_id, leaked) for one in value]
    if not isinstance(value, dict):
        return value
    about = value.get("ticket_id", value.get("id") if "current_column" in value else None)
    if value.get("board_id", board_id) == board_id and about == ticket_id:
        clean = redact_fields(value, leaked, ticket_id)
        if "source_id" in value and "value" in value:  # an entry of an import's report: the value in the source
            clean["value"] = redact_value(value["value"], leaked)
        return clean
    clean = {name: _answer(one, board_id, ticket_id, leaked) for name, one in value.items()}
    if isinstance(value.get("ids"), dict):  # the result of an import: source_id to ticket
        names = {name: source(name, leaked, ticket_id) for name, id in value["ids"].items() if id == ticket_id}
        clean["ids"] = {names.get(name, name): id for name, id in value["ids"].items()}
        clean["unlinked"] = [names.get(name, name) for name in value.get("unlinked", [])]
    return clean
