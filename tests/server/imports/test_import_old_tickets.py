"""Imports over tickets from before imports had a base."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from tests.server.imports.importing import import_tickets, last_seq
from tests.server.rest import Json, done, ticket_of
from tests.store import dumps
from tests.support.servers import running


def test_a_ticket_without_a_base_gets_it_from_the_file_at_hand_and_changes_in_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0004", path)  # the last one without users
    with closing(sqlite3.connect(path)) as old, old:
        board, id = old.execute("SELECT board_id, id FROM tickets ORDER BY id LIMIT 1").fetchone()
        old.execute("UPDATE tickets SET source_id = 'old', title = 'Mine' WHERE id = ?", (id,))
    ticket = {"source_id": "old", "title": "Theirs", "labels": ["x"], "comments": [{"text": "c", "author": "eve"}]}
    with running(str(path)) as server, httpx.Client(base_url=server.url) as rest:
        seq = last_seq(rest, board)
        response = import_tickets(rest, board, ticket)
        assert (response["unchanged"], response["reports"], last_seq(rest, board)) == (1, [], seq)
        assert import_tickets(rest, board, {**ticket, "title": "Theirs again"})["conflicts"] == 1
        response = import_tickets(rest, board, {**ticket, "labels": ["x", "y"]})
        assert (response["updated"], response["conflicts"]) == (1, 0)
        assert ticket_of(rest, id)["title"] == "Mine"


def test_a_ticket_without_a_base_keeps_the_comments_of_others_whatever_changes_at_the_source(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0004", path)
    with closing(sqlite3.connect(path)) as old, old:
        board, id = old.execute("SELECT board_id, id FROM tickets ORDER BY id LIMIT 1").fetchone()
        old.execute("UPDATE tickets SET source_id = 'old' WHERE id = ?", (id,))
        old.execute("DELETE FROM comments")
        old.executemany(
            "INSERT INTO comments (ticket_id, board_id, text, author, created_at)"
            f" VALUES ({id}, {board}, ?, ?, '2026-01-01T00:00:00.000000Z')",
            [("mine", "mia"), ("known", "eve")],
        )

    def comments(*texts: str) -> list[Json]:
        return [{"text": text, "author": "eve", "created_at": f"2026-01-0{n}"} for n, text in enumerate(texts, 1)]

    with running(str(path)) as server, httpx.Client(base_url=server.url) as rest:
        ticket = {"source_id": "old", "title": "t"}
        import_tickets(rest, board, {**ticket, "comments": comments("not here", "known")})
        import_tickets(rest, board, {**ticket, "comments": comments("edited", "known, edited")}, prefer="source")
        texts = [one["text"] for one in done(rest.get(f"/api/comments/ticket/{id}"))]
        assert texts == ["mine", "known, edited"]
