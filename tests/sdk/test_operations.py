"""Every operation once, on both clients."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import httpx
import pytest

from kanban_sdk import (
    Board,
    Invalid,
    Kanban,
    KanbanWarning,
    NotFound,
    Ticket,
)
from kanban_sdk.wire.tickets import Criteria, Link
from tests.sdk.conftest import Connect
from tests.support.people import Guarded
from tests.support.proxy import Proxy, proxied
from tests.support.servers import Server


def every_operation(kanban: Kanban, name: str) -> None:
    assert kanban.health()["status"] == "healthy"

    board = kanban.boards.create(name, description="d", columns=["Todo", "Doing", "Done"])
    assert board in kanban.boards.all()
    assert kanban.boards.find(name.upper()) == board
    assert kanban.boards.edit(board.id, description=None, version=board.version).description is None
    assert kanban.boards.columns(board.id) == ["Todo", "Doing", "Done"]
    doing = kanban.boards.get(board.id).column_settings[1]
    assert kanban.boards.edit_column(board.id, doing.id, name="Working", limit=3).limit == 3
    changed = kanban.boards.set_columns(board.id, ["Todo", "Working", "Checking", "Done"])
    assert changed.columns == ["Todo", "Working", "Checking", "Done"]

    first = kanban.tickets.create("First", board=board.id, priority="high", labels=["a"], assignee="bob")
    assert (first.priority, first.labels, first.assignee, first.created_by) == ("high", ["a"], "bob", "ada")
    second = kanban.tickets.create("Second", board=board.id, description="a needle", acceptance_criteria="found")
    find_and_edit(kanban, board, first, second)
    claim_and_finish(kanban, board, first, second)
    comment_and_ask(kanban, board, first)
    attach_files(kanban, first)

    assert kanban.tickets.delete(second.id).message
    assert kanban.tickets.restore(second.id).id == second.id
    assert "title" in {change.field_name for change in kanban.tickets.history(first.id)}

    imported = kanban.boards.import_tickets(board.id, [{"source_id": "s1", "title": "From elsewhere"}])
    assert (imported.created, list(imported.ids)) == (1, ["s1"])
    snapshot = kanban.boards.snapshot(board.id, bodies=False)
    assert [ticket.description for ticket in snapshot.tickets] == [None] * 3
    page = kanban.boards.events(board.id, after=snapshot.seq - 1, limit=5)
    assert ([event.seq for event in page.events], page.cursor, page.more) == ([snapshot.seq], snapshot.cursor, False)

    with pytest.raises(NotFound):
        kanban.boards.base(board.id)
    assert kanban.boards.stats(board.id, days=7).seq == snapshot.seq

    assert kanban.webhooks.all(board.id) == []
    with pytest.raises(Invalid):
        kanban.webhooks.add(board.id, "http://127.0.0.1:1/private")
    with pytest.raises(NotFound):
        kanban.webhooks.remove(board.id, 1)

    assert kanban.boards.delete(board.id).message
    with pytest.raises(NotFound):
        kanban.boards.get(board.id)


def find_and_edit(kanban: Kanban, board: Board, first: Ticket, second: Ticket) -> None:
    assert kanban.tickets.get(first.id) == first
    page_of_matches = kanban.tickets.page(board.id, search="needl", column="todo", page=1, page_size=10)
    assert ([ticket.id for ticket in page_of_matches.items], page_of_matches.total) == ([second.id], 1)
    assert [ticket.id for ticket in kanban.tickets.page(board.id, label="a", assignee="bob").items] == [first.id]
    assert [ticket.id for ticket in kanban.tickets.page(board.id, sort="id", reverse=True).items] == [
        second.id,
        first.id,
    ]
    results = kanban.tickets.search("needl")
    assert second.id in [ticket.id for ticket in results.items if ticket.board_name == board.name]

    assert kanban.tickets.move(second.id, "todo", before=first.id).place < first.place
    assert [ticket.id for ticket in kanban.boards.tickets(board.id).tickets] == [second.id, first.id]
    moved = kanban.tickets.move_many([first.id, second.id], "Working", atomic=True)
    assert moved.successful_moves == 2
    assert kanban.tickets.edit(first.id, title="1st", assignee=None).assignee is None
    assert kanban.tickets.add_labels(first.id, "b", "c").labels == ["a", "b", "c"]
    assert kanban.tickets.remove_labels(first.id, "a", "c").labels == ["b"]
    assert kanban.tickets.append(second.id, "more").description == "a needle\n\nmore"
    assert kanban.tickets.label(first.id, add=["c"], remove=["b"]).labels == ["c"]


def claim_and_finish(kanban: Kanban, board: Board, first: Ticket, second: Ticket) -> None:
    claimed = kanban.tickets.claim(first.id, lease_seconds=60)
    assert claimed.claim is not None
    assert claimed.claim.holder == "ada"
    assert kanban.tickets.renew(first.id, lease_seconds=90).lease is not None
    assert kanban.tickets.release(first.id, note="later").claim is None
    assert kanban.tickets.block(second.id, first.id).open_blockers == 1
    assert kanban.tickets.unblock(second.id, first.id).open_blockers == 0
    assert [user.holds for user in kanban.boards.presence(board.id).users] == []
    assert kanban.boards.next_ticket(board.id).reason == "empty"
    third = kanban.tickets.create("Third", board=board.id).id
    finished = kanban.tickets.done(third, note="seen", claim_next=True)
    assert (finished.ticket.current_column, finished.next and finished.next.reason) == ("Done", "empty")
    kanban.tickets.delete(third)
    checked = kanban.tickets.check(second.id, 1)
    assert (checked.criteria, checked.acceptance_criteria) == (Criteria(1, 1), "- [x] found")
    linked = kanban.tickets.link(second.id, add=["0123abc", "https://a.example/"], remove=["https://a.example/"])
    assert linked.links == [Link("commit", "0123abc"), Link("url", "https://a.example/")]
    assert kanban.tickets.why(second.id).reasons == ["working"]
    assert kanban.tickets.redact(second.id, "never said").places == 0
    updated = kanban.tickets.update(first.id, lambda ticket: {"title": ticket.title + "!"})
    assert updated.title == "1st!"


def comment_and_ask(kanban: Kanban, board: Board, first: Ticket) -> None:
    comment = kanban.comments.add(first.id, "said")
    assert kanban.comments.edit(comment.id, "said again").text == "said again"
    assert [one.text for one in kanban.comments.all(first.id)] == ["said again"]
    assert kanban.comments.delete(comment.id).message

    question = kanban.tickets.ask(first.id, "@eve which one? @ada")
    assert (question.ticket.current_column, question.comment.author) == ("Checking", "ada")
    assert kanban.tickets.withdraw(first.id, "found it").open_question is None
    kanban.inbox.read()
    assert kanban.inbox.watch(first.id).watching
    assert kanban.inbox.watches(first.id).watching
    assert not kanban.inbox.unwatch(first.id).watching
    batch = kanban.tickets.batch([{"op": "comment", "ticket": first.id, "text": "seen"}], atomic=False)
    assert (batch.succeeded, batch.results[0].op) == (1, "comment")
    assert kanban.inbox.unread().items == []
    assert kanban.boards.archive(board.id, days=0).archived == 0


def attach_files(kanban: Kanban, first: Ticket) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "notes.txt"
        source.write_bytes(b"written" * 100_000)
        attached = kanban.files.attach(first.id, source)
        assert (attached.name, attached.size, attached.ticket_id) == ("notes.txt", 700_000, first.id)
        copy = kanban.files.download(first.id, "notes.txt", Path(folder) / "copy.txt")
        assert copy.read_bytes() == source.read_bytes()
        with pytest.raises(FileExistsError):
            kanban.files.download(first.id, "notes.txt", copy)
        with pytest.raises(NotFound):
            kanban.files.download(first.id, "no.txt", Path(folder) / "no.txt")
        assert sorted(path.name for path in Path(folder).iterdir()) == ["copy.txt", "notes.txt"]
    with pytest.warns(KanbanWarning, match="notes-2"):
        assert kanban.files.attach(first.id, b"other", name="notes.txt").name == "notes-2.txt"
    assert kanban.files.read(first.id, "notes-2.txt") == b"other"
    assert [file.name for file in kanban.files.all(first.id)] == ["notes.txt", "notes-2.txt"]
    assert kanban.files.remove(first.id, "notes.txt").message
    assert [file.name for file in kanban.tickets.get(first.id).files] == ["notes-2.txt"]


def every_operation_about_users(kanban: Kanban, name: str) -> None:
    """As the admin `root` of a server that several tests share, so names must be unique."""
    assert (kanban.users.session().mode, kanban.users.me().name) == ("tokens", "root")
    assert kanban.users.edit_me(theme="dark").theme == "dark"
    new_user = kanban.users.create(name, team="red")
    assert new_user.secret is not None
    assert new_user.user in kanban.users.all()
    assert kanban.users.edit(name, display_name="Ada", role="viewer").role == "viewer"
    assert kanban.users.get(name).display_name == "Ada"

    board = kanban.boards.create(name).id
    assert [one.name for one in kanban.members.put(board, name)] == sorted([name, "root"])
    assert [one.role for one in kanban.members.all(board)] == ["user", "admin"]
    assert kanban.members.remove(board, name).message

    token = kanban.tokens.create("ci", user=name, access="read", boards=[board], days=7).token
    assert [one.name for one in kanban.tokens.all(name)] == ["first", "ci"]
    assert kanban.tokens.revoke(token.id).message
    invite = kanban.tokens.invite(boards=[board])
    new_agent = kanban.tokens.join(invite.secret, f"{name}/bot")
    assert (new_agent.user.kind, new_agent.user.owner) == ("agent", "root")
    assert kanban.users.get(f"{name}/bot") == new_agent.user
    assert kanban.users.notify("soon", [name]).connections == 0
    assert kanban.boards.audit(board, limit=1)[0].actor == "root"


NOT_IN_THE_SDK = {
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("PUT", "/api/me/avatar"),
    ("DELETE", "/api/me/avatar"),
    ("GET", "/api/avatars/{user_id}"),
}
"""The operations that only pages and operators need."""


def test_every_operation_works_on_both_clients_and_none_is_missing(
    connect: Connect, server: Server, proxy: Proxy, guarded: Guarded, request: pytest.FixtureRequest
) -> None:
    name = request.node.name[-40:].strip("[]")
    every_operation(connect(proxy.url), name)
    with proxied(guarded.server.port) as other:
        every_operation_about_users(connect(other.url, user=None, token=guarded.root), name)

    lines = [*proxy.requests, *other.requests]
    requests = {tuple(line.split(b"\r\n")[0].decode().split(" ")[:2]) for line in lines}
    paths = httpx.get(f"{server.url}/openapi.json", timeout=30).json()["paths"]
    documented = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if not (method == "patch" and "put" in methods)  # two words for one operation
    }
    called = {
        (method, path)
        for method, path in documented
        for verb, target in requests
        if verb in ({"PUT", "PATCH"} if method in {"PUT", "PATCH"} else {method})
        and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), target.partition("?")[0])
    }
    assert documented - called == NOT_IN_THE_SDK
