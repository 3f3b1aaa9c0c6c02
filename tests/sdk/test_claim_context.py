"""A claim as a context manager: the ticket is held inside the block, writes are fenced, and the end releases it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import FrozenInstanceError

import pytest

from kanban_sdk import AsyncKanban, Board, Kanban, LeaseLost, NotAuthenticated, Ticket
from kanban_sdk.calls import comments
from kanban_sdk.claims import lease
from tests.sdk.conftest import Connect, add
from tests.support.people import Guarded
from tests.support.proxy import Proxy
from tests.support.servers import Server
from tests.support.waiting import until


def leases_of(proxy: Proxy, path: str) -> list[str | None]:
    """The leases that the requests to a path carried."""
    heads = [request.decode().lower() for request in proxy.requests]
    leases = [head.partition("kanban-lease: ")[2].split("\r\n")[0] or None for head in heads if path in head]
    assert leases, f"no request was sent to {path}"
    return leases


def attempts_of(kanban: Kanban, ticket: int) -> list[tuple[str | None, str | None]]:
    """How the claims of a ticket ended, and their notes."""
    return [(attempt.reason, attempt.note) for attempt in kanban.tickets.get(ticket).attempts or []]


def test_a_block_holds_the_next_ticket_and_releases_it_at_the_end(client: Kanban, kanban: Kanban, board: Board) -> None:
    (ticket,) = add(kanban, board, "one")
    with client.claim_next(board.id) as held:
        assert isinstance(held, Ticket)
        current = kanban.tickets.get(ticket)
        assert (held.id, current.claim and current.claim.holder, current.current_column) == (
            ticket,
            "ada",
            "In Progress",
        )
    current = kanban.tickets.get(ticket)
    assert (current.claim, current.current_column) == (None, "Not Started")
    assert attempts_of(kanban, ticket) == [("released", None)]


def test_a_claim_context_can_be_entered_again(client: Kanban, kanban: Kanban, board: Board) -> None:
    add(kanban, board, "one", "two")
    work = client.claim_next(board.id)
    done = []
    for _ in range(2):
        with work as ticket:
            done.append(client.tickets.move(ticket.id, "Done").title)
    assert done == ["one", "two"]


def test_an_error_in_the_block_becomes_the_note_of_the_attempt(client: Kanban, kanban: Kanban, board: Board) -> None:
    (ticket,) = add(kanban, board, "one")
    with pytest.raises(ZeroDivisionError), client.claim(ticket):
        1 / 0  # noqa: B018
    with pytest.raises(KeyboardInterrupt), client.claim(ticket):
        raise KeyboardInterrupt
    assert attempts_of(kanban, ticket) == [
        ("released", "ZeroDivisionError: division by zero"),
        ("released", "KeyboardInterrupt"),
    ]


def test_every_write_in_the_block_carries_the_lease_until_the_ticket_is_finished(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    client = connect(proxy.url)
    one, other = add(kanban, board, "one", "other")
    with client.claim(one):
        client.comments.add(one, "begun")
        client.tickets.edit(other, title="another")
        client.tickets.move(one, "Done")
        client.comments.add(one, "done")
    client.tickets.edit(one, title="two")
    token = f"{one}.1"
    assert leases_of(proxy, "post /api/comments") == [token, None]
    assert leases_of(proxy, f"patch /api/tickets/{other}") == [token]
    assert leases_of(proxy, f"/api/tickets/{one}/move") == [token]
    assert leases_of(proxy, f"patch /api/tickets/{one}") == [None]
    assert attempts_of(kanban, one) == [("done", None)]


def test_a_call_that_was_sent_in_a_block_carries_no_lease_after_it(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    client = connect(proxy.url)
    (ticket,) = add(kanban, board, "one")
    call = comments.add(ticket, "said twice")
    with client.claim(ticket):
        client.send(call)
    client.send(call)
    assert leases_of(proxy, "post /api/comments") == [f"{ticket}.1", None]
    assert call.lease is None
    with pytest.raises(FrozenInstanceError):
        call.lease = "1.1"  # type: ignore[misc]


@pytest.mark.parametrize(
    "finish",
    [
        lambda client, ticket: client.tickets.release(ticket, column="Blocked", note="handed over"),
        lambda client, ticket: client.tickets.delete(ticket),
        lambda client, ticket: client.tickets.move_many([ticket], "Done"),
        lambda client, ticket: client.tickets.batch([{"op": "move", "ticket": ticket, "column": "Done"}]),
        lambda client, ticket: client.tickets.batch([{"op": "delete", "ticket": ticket}]),
    ],
    ids=["release", "delete", "move_many", "batch_move", "batch_delete"],
)
def test_a_write_that_ends_the_claim_ends_it_for_the_block(
    client: Kanban, kanban: Kanban, board: Board, finish: object
) -> None:
    assert callable(finish)
    ticket, other = add(kanban, board, "one", "other")
    with client.claim(ticket):
        finish(client, ticket)
        client.comments.add(other, "no longer held")
    ended = [event.event for event in kanban.boards.events(board.id, after=0, limit=500).events]
    assert "ticket_claimed" in ended
    assert ended[-1] == "comment_added"


def test_a_holder_that_lost_its_claim_is_notified_and_cannot_write(
    client: Kanban, server: Server, kanban: Kanban, board: Board
) -> None:
    (ticket,) = add(kanban, board, "one")
    with server.kanban("bob") as bob:

        def write_late() -> None:
            with client.claim(ticket):
                bob.tickets.claim(ticket, force=True)
                client.comments.add(ticket, "too late")

        def end_late() -> None:
            with client.claim(ticket, force=True):
                bob.tickets.claim(ticket, force=True)

        for late in (write_late, end_late):
            with pytest.raises(LeaseLost) as lost:
                late()
            assert lost.value.held_by == "bob"
    claim = kanban.tickets.get(ticket).claim
    assert claim is not None
    assert claim.holder == "bob"


def test_the_lease_is_renewed_until_another_user_has_the_ticket(
    monkeypatch: pytest.MonkeyPatch, server: Server, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    monkeypatch.setattr(lease, "RENEWALS", 200)
    one, two = add(kanban, board, "one", "two")

    def renewed(ticket: int) -> bool:
        return sum(f"/api/tickets/{ticket}/lease".encode() in request for request in proxy.requests) > 1

    def hold() -> None:
        lost = threading.Event()
        with Kanban(proxy.url, "ada") as ada:
            held = ada.claim(one, lease_seconds=10, on_lost=lost.set)
            with held:
                until(lambda: renewed(one), what="the renewals")
                assert not held.lost
                bob.tickets.claim(one, force=True)
                assert lost.wait(10)
                assert held.lost

    async def hold_awaited() -> None:
        lost = asyncio.Event()
        async with AsyncKanban(proxy.url, "ada") as ada, ada.claim(two, lease_seconds=10, on_lost=lost.set):
            while not renewed(two):
                await ada.tickets.get(two)
            bob.tickets.claim(two, force=True)
            async with asyncio.timeout(10):
                await lost.wait()

    with server.kanban("bob") as bob:
        for held in (hold, lambda: asyncio.run(hold_awaited())):
            with pytest.raises(LeaseLost):
                held()


def test_a_holder_whose_token_is_revoked_is_notified(monkeypatch: pytest.MonkeyPatch, guarded: Guarded) -> None:
    monkeypatch.setattr(lease, "RENEWALS", 200)
    ticket = guarded.ticket(guarded.root, guarded.board(guarded.root))
    lost = threading.Event()

    def hold(root: Kanban) -> None:
        new_token = root.tokens.create("short")
        with Kanban(guarded.server.url, token=new_token.secret) as short:
            with short.claim(ticket, lease_seconds=10, on_lost=lost.set):
                root.tokens.revoke(new_token.token.id)
                assert lost.wait(10)

    with Kanban(guarded.server.url, token=guarded.root) as root, pytest.raises(NotAuthenticated):
        hold(root)


def test_a_cancelled_claim_leaks_nothing(server: Server, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    (ticket,) = add(kanban, board, "one")

    async def hold(ada: AsyncKanban) -> None:
        async with ada.claim_next(board.id):
            raise AssertionError("the claim was cancelled before the block")

    async def cancelled_on_the_way() -> None:
        async with AsyncKanban(proxy.url, "ada") as ada:
            proxy.delay = 0.3  # so that the claim is cancelled before its response arrives
            holding = asyncio.create_task(hold(ada))
            await asyncio.to_thread(until, lambda: proxy.requests)
            holding.cancel()
            proxy.delay = 0.0
            with pytest.raises(asyncio.CancelledError):
                await holding

    asyncio.run(cancelled_on_the_way())
    assert kanban.tickets.get(ticket).claim is None
    assert attempts_of(kanban, ticket) == [("released", None)]
