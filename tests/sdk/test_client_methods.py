"""The methods of both clients: the same names, lists page by page, boards by name, and a server that is away."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from kanban_sdk import (
    AmbiguousName,
    AsyncKanban,
    Board,
    Kanban,
    KanbanWarning,
    NotFound,
    TimedOut,
    Unreachable,
    accounts,
    resources,
)
from kanban_sdk.transport.blocking import BlockingTransport
from tests.sdk.conftest import Connect
from tests.support.people import Guarded
from tests.support.servers import free_port


def public(kind: type[Any]) -> dict[str, inspect.Signature | None]:
    """The public names of a class, each with its signature if it is a function."""
    names: dict[str, inspect.Signature | None] = {}
    for name in dir(kind):
        if not name.startswith("_"):
            value = inspect.getattr_static(kind, name)
            names[name] = inspect.signature(value) if inspect.isfunction(value) else None
    return names


def parameters(names: dict[str, inspect.Signature | None]) -> dict[str, list[str]]:
    return {
        name: [str(one) for one in signature.parameters.values()] if signature else []
        for name, signature in names.items()
    }


@pytest.mark.parametrize(
    ("blocking", "awaited"),
    [
        (Kanban, AsyncKanban),
        (resources.Boards, resources.AsyncBoards),
        (resources.Tickets, resources.AsyncTickets),
        (resources.Comments, resources.AsyncComments),
        (resources.Inbox, resources.AsyncInbox),
        (accounts.Users, accounts.AsyncUsers),
        (accounts.Tokens, accounts.AsyncTokens),
        (accounts.Members, accounts.AsyncMembers),
    ],
)
def test_both_clients_have_the_same_names_with_the_same_parameters(blocking: type[Any], awaited: type[Any]) -> None:
    assert parameters(public(blocking)) == parameters(public(awaited))
    for name in public(blocking):
        one, other = inspect.getattr_static(blocking, name), inspect.getattr_static(awaited, name)
        assert getattr(one, "_make", None) is getattr(other, "_make", None)


def test_a_list_of_tickets_reads_page_after_page(
    client: Kanban, kanban: Kanban, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "PAGE_MOST", 2)
    ids = [kanban.tickets.create(f"ticket {number}", board=board.id, labels=["a"]).id for number in range(5)]
    kanban.tickets.create("other", board=board.id)
    listed = client.tickets.list(board.id, label="a")
    assert next(listed).id == ids[0]
    added = kanban.tickets.create("added", board=board.id, labels=["a"])
    kanban.tickets.move(ids[4], "Not Started", place="top")  # so ids[1] is on the first page and on the second
    assert [ticket.id for ticket in listed] == [ids[1], ids[2], ids[3], added.id]
    assert list(client.tickets.list(board.id, label="nowhere")) == []
    with pytest.raises(NotFound):
        next(client.tickets.list(10**9))


def test_a_board_is_found_by_its_name(client: Kanban, kanban: Kanban, board: Board) -> None:
    name = f"Board {board.id}"
    capitals = kanban.boards.create(name.upper())
    with pytest.warns(KanbanWarning, match="more than one board"):
        small = kanban.boards.create(name.lower())
    assert client.boards.find(name.upper()) == capitals
    assert client.boards.find(name.lower()) == small
    with pytest.raises(AmbiguousName, match=f"Several boards are named '{name}'") as ambiguous:
        client.boards.find(name)
    assert ambiguous.value.candidates == [f"{one.id} {one.name}" for one in (capitals, small)]
    with pytest.raises(NotFound, match=r"No board is named 'Nowhere'\. Boards: ") as missing:
        client.boards.find("Nowhere")
    assert (ambiguous.value.status, missing.value.status) == (422, 404)


def test_a_missing_server_is_unreachable(connect: Connect) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable) as unreachable:
        connect(url, tries=2).boards.all()
    assert unreachable.value.url == url


def test_the_blocking_transport_does_not_wait_for_a_missing_server() -> None:
    from kanban_sdk.calls import boards

    transport = BlockingTransport(f"http://127.0.0.1:{free_port()}", {}, tries=10**9, patience=10**9)
    with pytest.raises(Unreachable):
        transport.send(boards.all())


def test_a_token_names_the_user(connect: Connect, guarded: Guarded, request: pytest.FixtureRequest) -> None:
    other = request.node.name[-20:].strip("[]")
    mine, theirs = guarded.person(f"asks {other}"), guarded.person(other)
    client = connect(guarded.server.url, user=None, token=mine)
    board = client.boards.create("Asked").id
    guarded.member(mine, board, other)
    ticket = client.tickets.create("one", board=board).id
    with client.claim(ticket):
        client.comments.add(ticket, "which one?")
    with pytest.raises(TimedOut):
        client.wait(ticket, reply=True, timeout=0)
    with Kanban(guarded.server.url, token=theirs) as answering:
        answering.comments.add(ticket, "that one")
    assert client.wait(ticket, reply=True, timeout=0).author == other
