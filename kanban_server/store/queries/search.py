"""Full-text search: one document for each ticket, with the words of its texts and comments.

The words are made by `rules/search_words.py`, so that both databases find the same tickets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate, takewhile
from typing import cast

from sqlalchemy import bindparam, select, text

from kanban_server.rules.search_words import index_words, query_words
from kanban_server.store.bulk import BulkStatement
from kanban_server.store.rows import TicketRow
from kanban_server.store.statements import Statement
from kanban_server.store.tables import comments
from kanban_server.store.transaction import ReadTransaction, Transaction

DOCUMENT_BYTES = 900_000
"""Maximum indexed bytes of a document; a tsvector holds 1 MiB."""

UPSERT = BulkStatement(
    "ticket_search",
    text("INSERT OR REPLACE INTO ticket_search (rowid, words) VALUES (:ticket_id, :words)"),
    text(
        "INSERT INTO ticket_search (ticket_id, words)"
        " SELECT id, array_to_tsvector(string_to_array(document, ' '))"
        " FROM unnest(CAST(:all_ticket_id AS bigint[]), CAST(:all_words AS text[])) AS documents (id, document)"
        " ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words"
    ),
    ("ticket_id", "words"),
    order=4,
    unique="ticket_id",
)
READ = Statement(
    text("SELECT words FROM ticket_search WHERE rowid = :ticket_id"),
    postgresql=text(
        "SELECT array_to_string(tsvector_to_array(words), ' ') FROM ticket_search WHERE ticket_id = :ticket_id"
    ),
    reads=["ticket_search"],
)
DELETE = Statement(
    text("DELETE FROM ticket_search WHERE rowid = :ticket_id"),
    postgresql=text("DELETE FROM ticket_search WHERE ticket_id = :ticket_id"),
    reads=[],
    writes=["ticket_search"],
)
COMMENTS = Statement(
    select(comments.c.text).where(comments.c.ticket_id == bindparam("ticket_id"), comments.c.deleted_at.is_(None))
)

FIND = Statement(
    text(
        "SELECT tickets.* FROM ticket_search CROSS JOIN tickets ON tickets.id = ticket_search.rowid"
        " WHERE ticket_search.words MATCH :wanted AND ticket_search.rowid < :before"
        " AND +tickets.board_id IN (SELECT value FROM json_each(:boards))"
        " AND tickets.deleted_at IS NULL AND tickets.archived_at IS NULL"
        " ORDER BY ticket_search.rowid DESC LIMIT :most"
    ),
    postgresql=text(
        "SELECT looked_up.* FROM"
        " (SELECT ticket_id FROM ticket_search WHERE words @@ CAST(:wanted AS tsquery) AND +ticket_id < :before"
        " ORDER BY ticket_id DESC OFFSET 0) AS matches"
        " JOIN LATERAL (SELECT * FROM tickets WHERE id = matches.ticket_id AND board_id = ANY(:boards)"
        " AND deleted_at IS NULL AND archived_at IS NULL OFFSET 0) AS looked_up ON true"
        " ORDER BY matches.ticket_id DESC LIMIT :most"
    ),
    reads=["ticket_search", "tickets"],
)
"""OFFSET keeps PostgreSQL from choosing another order: all matches from the index, then one ticket after the other.
The unary plus keeps it from reading the ids of all tickets first, which it did without statistics."""


def tokenize(texts: Iterable[str | None]) -> list[str]:
    """The distinct words by which the texts are found."""
    return _truncate(dict.fromkeys(word for value in texts if value for word in index_words(value)))


def _truncate(words: Collection[str]) -> list[str]:
    sizes = accumulate(len(word.encode()) + 1 for word in words)
    return [word for word, _ in takewhile(lambda pair: pair[1] <= DOCUMENT_BYTES, zip(words, sizes, strict=True))]


def index_ticket(tx: Transaction, ticket_id: int, texts: Iterable[str | None], *, comment_count: int) -> None:
    """Index a ticket by the words of its texts and of its comments."""
    comment_texts = [row["text"] for row in tx.all(COMMENTS, ticket_id=ticket_id)] if comment_count else []
    tx.enqueue(UPSERT, {"ticket_id": ticket_id, "words": " ".join(tokenize([*texts, *comment_texts]))})


def index_tickets(tx: Transaction, texts: Mapping[int, Iterable[str | None]]) -> None:
    """Index new tickets by all their texts, comments included. `texts` is keyed by ticket id."""
    for id, values in texts.items():
        tx.enqueue(UPSERT, {"ticket_id": id, "words": " ".join(tokenize(values))})


def add_text(tx: Transaction, ticket_id: int, text: str) -> None:
    """Add the words of a text to a ticket's document, without reading its other texts: there may be thousands."""
    indexed_words = (tx.value(READ, ticket_id=ticket_id) or "").split()
    new_words = dict.fromkeys(tokenize([text])).keys() - indexed_words
    if new_words:
        words = " ".join(_truncate([*indexed_words, *sorted(new_words)]))
        tx.enqueue(UPSERT, {"ticket_id": ticket_id, "words": words})


def remove(tx: Transaction, ticket_id: int) -> None:
    """Remove a ticket from the index."""
    tx.run(DELETE, ticket_id=ticket_id)


def match_query(tx: ReadTransaction, search_text: str) -> str | None:
    """A query in the database's own language: each word is the beginning of a word of the ticket.

    None if the text contains no word.
    """
    words = query_words(search_text)
    if not words:
        return None
    if tx.dialect == "sqlite":
        return " ".join(f'"{word}"*' for word in words)
    return " & ".join(f"'{word}':*" for word in words)


def find_tickets(
    tx: ReadTransaction, search_text: str, board_ids: list[int], *, before: int, most: int
) -> list[TicketRow]:
    """The rows of tickets of these boards with an id below `before` that the text matches, newest first."""
    query = match_query(tx, search_text)
    if query is None or not board_ids:
        return []
    rows = tx.all(FIND, wanted=query, boards=tx.array_parameter(board_ids), before=before, most=most)
    return cast("list[TicketRow]", rows)
