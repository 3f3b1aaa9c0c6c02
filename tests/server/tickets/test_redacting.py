"""Redacting takes out free text alone: what holds a board together stays, and what follows from the text follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from kanban_sdk import Board, Kanban, VersionConflict
from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.limits import NEEDS_HUMAN
from kanban_server.settings import Settings
from kanban_server.store.database import database_url
from tests.faults.test_backup import verb
from tests.faults.test_repair import bad, doctor
from tests.faults.validators import check_log
from tests.server.rest import done
from tests.support.servers import Server, on_sqlite

WORDS = ["kind", "from", "title", "changes", "labels", "blocked_by_sources", "assignee", "Done", "board_id"]
"""What stands in the structures that are kept of a ticket, as it may stand in its texts."""


def structured(kanban: Kanban, board: int, text: str) -> int:
    """A ticket with something of everything, in which the text stands wherever people write."""
    item: dict[str, Any] = {
        "source_id": f"src {text}",
        "title": f"Title {text}",
        "description": text,
        "labels": [text, "other"],
        "links": [{"ref": f"https://git.example/{text}"}],
        "blocked_by_sources": ["nowhere"],
        "extra": {text: {text: [text]}, "plain": 1},
        "comments": [{"author": "eve", "text": f"said {text}"}],
    }
    ticket = kanban.boards.import_tickets(board, [item]).ids[f"src {text}"]
    kanban.tickets.edit(ticket, title=f"Another {text}", assignee="ada")
    kanban.tickets.link(ticket, add=[f"https://git.example/pull/{text}"])
    kanban.tickets.claim(ticket)
    kanban.tickets.release(ticket, note=f"note {text}")
    kanban.tickets.move(ticket, "Done")
    return ticket


@pytest.mark.parametrize("text", WORDS)
def test_names_of_fields_and_values_that_nobody_writes_freely_stay(kanban: Kanban, board: Board, text: str) -> None:
    ticket = structured(kanban, board.id, text)
    before = kanban.boards.events(board.id, after=0).events
    kanban.tickets.redact(ticket, text)
    log = check_log(kanban, board.id)
    for old, new in zip(before, log, strict=False):
        assert (old.event, old.data.keys()) == (new.event, new.data.keys())
        field_names = ("id", "board_id", "assignee", "current_column", "version", "claim", "reason", "to_column")
        assert {name: old.data.get(name) for name in field_names} == {name: new.data.get(name) for name in field_names}
    now = kanban.tickets.get(ticket)
    assert (now.title, now.description, now.assignee, now.current_column) == ("Another ***", "***", "ada", "Done")
    assert [(link.kind, text in link.ref) for link in now.links] == [("url", False)] * 2 or text in "https://git/pull"
    assert now.extra is not None
    assert now.extra["blocked_by_sources"] == ["nowhere"]
    history = kanban.tickets.history(ticket)
    assert {change.field_name for change in history} >= {"title", "labels", "source_id", "imported"}
    free = json.dumps([[one.old_value, one.new_value] for one in history if one.field_name in {"title", "description"}])
    assert text not in free


def test_the_base_of_a_trimmed_log_can_be_read_after_a_redaction(server: Server, kanban: Kanban, board: Board) -> None:
    ticket = structured(kanban, board.id, "kind")
    verb("trim", "--database", server.database, "-b", board.id, "--keep", "0s")
    kanban.tickets.redact(ticket, "kind")
    base = Snapshot.read(done(httpx.get(f"{server.url}/api/boards/{board.id}/base")))
    (trimmed,) = base.tickets
    assert [link.kind for link in trimmed.links] == ["url", "url"]
    folded = FoldedBoard.from_snapshot(base)
    for event in kanban.boards.events(board.id, after=base.cursor).events:
        folded.step(event)
    now = FoldedBoard.from_snapshot(kanban.boards.snapshot(board.id))
    assert (folded.tickets, folded.board) == (now.tickets, now.board)


def test_the_label_that_calls_for_people_takes_with_it_what_follows_from_it(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("expired", board=board.id, labels=[NEEDS_HUMAN]).id
    assert kanban.boards.next_ticket(board.id).ticket is None
    kanban.tickets.redact(ticket, NEEDS_HUMAN)
    check_log(kanban, board.id)
    assert kanban.tickets.get(ticket).labels == ["***"]
    chosen = kanban.boards.next_ticket(board.id)
    assert chosen.ticket is not None
    assert kanban.tickets.page(board.id, ready=True).total == 1
    assert kanban.tickets.page(board.id, label=NEEDS_HUMAN).total == 0


def test_a_ticket_is_found_by_its_redacted_source_and_two_sources_stay_apart(kanban: Kanban, board: Board) -> None:
    items = [{"source_id": f"{leak}", "title": leak} for leak in ("hunter2", "hunter3")]
    ids = kanban.boards.import_tickets(board.id, items).ids
    for leak, id in ids.items():
        kanban.tickets.redact(id, leak)
    sources = [kanban.tickets.get(id).source_id for id in ids.values()]
    assert sources == [f"***-{id}" for id in ids.values()]
    second = kanban.boards.import_tickets(board.id, [{"source_id": str(sources[0]), "title": "again"}])
    assert (second.created, second.ids) == (0, {sources[0]: ids["hunter2"]})
    check_log(kanban, board.id)


def test_kept_answers_are_blanked_for_the_ticket_alone(server: Server, kanban: Kanban, board: Board) -> None:
    other = kanban.boards.create("Another").id
    headers = {"X-Kanban-User": "ada"}

    def ask(board_id: int, key: str) -> Any:
        body = {"title": "fixed the fixed", "board_id": board_id, "labels": ["fixed"]}
        url = f"{server.url}/api/tickets"
        return httpx.post(url, json=body, headers={**headers, "Idempotency-Key": f"{board.id} {key}"}).json()

    here, beside, elsewhere = ask(board.id, "one"), ask(board.id, "two"), ask(other, "three")
    kanban.tickets.redact(here["id"], "fixed")
    blanked = ask(board.id, "one")
    assert (blanked["title"], blanked["labels"], blanked["id"]) == ("*** the ***", ["***"], here["id"])
    assert ask(board.id, "two") == beside
    assert ask(other, "three") == elsewhere


def test_whom_a_redacted_comment_no_longer_mentions_is_called_upon_no_longer(
    server: Server, kanban: Kanban, board: Board
) -> None:
    hidden, stays = f"gone-{board.id}", f"stays-{board.id}"
    ticket = kanban.tickets.create("ticket", board=board.id).id
    kanban.comments.add(ticket, f"@{hidden} and @{stays}")
    kanban.tickets.redact(ticket, f"@{hidden}")
    for name, total in ((hidden, 0), (stays, 1)):
        inbox = done(httpx.get(f"{server.url}/api/inbox", headers={"X-Kanban-User": name}))
        assert inbox["total"] == total
    check_log(kanban, board.id)


def test_an_answer_that_an_earlier_version_kept_is_blanked_too(own_server: Server) -> None:
    headers = {"X-Kanban-User": "ada", "Idempotency-Key": "before the upgrade"}

    def ask() -> Any:
        body = {"title": "a hunter2", "board_id": 1}
        return httpx.post(f"{own_server.url}/api/tickets", json=body, headers=headers).json()

    ticket = ask()["id"]
    url = database_url(Settings(database_url=own_server.database))
    engine = create_engine(url.set(drivername={"sqlite": "sqlite"}.get(url.drivername, "postgresql+psycopg")))
    with engine.begin() as database:
        database.execute(text("UPDATE answers SET boards = NULL, scope = NULL"))
    engine.dispose()
    with own_server.kanban("ada") as kanban:
        kanban.tickets.redact(ticket, "hunter2")
    assert ask()["title"] == "a ***"


def test_history_and_a_version_conflict_know_of_a_redaction(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("a secret", board=board.id)
    kanban.comments.add(ticket.id, "another hunter2")
    kanban.tickets.redact(ticket.id, "secret")
    with pytest.raises(VersionConflict) as refused:
        kanban.tickets.edit(ticket.id, version=ticket.version, title="stale")
    assert [change["field"] for change in refused.value.changed] == ["title"]
    version = kanban.tickets.get(ticket.id).version
    kanban.tickets.redact(ticket.id, "hunter2")
    with pytest.raises(VersionConflict) as refused:
        kanban.tickets.edit(ticket.id, version=version, title="stale")
    assert [change["field"] for change in refused.value.changed] == ["redacted"]
    assert kanban.tickets.history(ticket.id)[0].field_name == "redacted"


@on_sqlite
def test_no_file_of_the_database_holds_a_redacted_text(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Files").id
        kanban.tickets.redact(kanban.tickets.create("an earlier one", board=board).id, "earlier")
        ticket = structured(kanban, board, "hunter2")
        comment = kanban.comments.add(ticket, "hunter2 " * 2000)
        kanban.comments.edit(comment.id, "hunter2 " * 10)
        kanban.tickets.redact(ticket, "hunter2")
        database = Path(own_server.database)
        held = [file.name for file in database.parent.iterdir() if b"hunter2" in file.read_bytes()]
        assert held == []
        assert not bad(doctor(own_server.database))
        kanban.tickets.edit(ticket, title="it goes on")
