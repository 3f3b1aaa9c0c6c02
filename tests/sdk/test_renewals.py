"""A lease survives a lost renewal, and a server that is away for a while."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest

from kanban_sdk import AsyncKanban, Board, Kanban
from kanban_sdk.claims.lease import RENEWALS, RenewalSchedule
from tests.support.proxy import Proxy
from tests.support.servers import Server
from tests.support.waiting import until


class LeaseReader:
    """Reads the lease on a ticket."""

    def __init__(self, kanban: Kanban, ticket: int) -> None:
        self._kanban = kanban
        self._ticket = ticket
        self._left = 1e9

    def is_renewed(self) -> bool:
        """Whether the lease lasts longer than at the last call. Fails if it has ended."""
        lease = self._kanban.tickets.get(self._ticket).lease
        assert lease is not None, f"the lease on ticket {self._ticket} has ended"
        before, self._left = self._left, lease.expires_in or 0.0
        return self._left > before


@pytest.mark.slow
def test_a_lease_of_ten_seconds_survives_a_lost_renewal(
    server: Server, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    tickets = [kanban.tickets.create(name, board=board.id).id for name in ("blocking", "awaited")]
    held, done = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        with Kanban(proxy.url, "ada") as ada, ada.claim(tickets[0], lease_seconds=10):
            held.release()
            done.wait(20)

    async def hold_awaited() -> None:
        async with AsyncKanban(proxy.url, "ada") as ada, ada.claim(tickets[1], lease_seconds=10):
            held.release()
            await asyncio.to_thread(done.wait, 20)

    for ticket in tickets:
        proxy.lose_request(f"/api/tickets/{ticket}/lease".encode())
    holders = [threading.Thread(target=run) for run in (hold, lambda: asyncio.run(hold_awaited()))]
    for holder in holders:
        holder.start()
    try:
        assert all(held.acquire(timeout=10) for _ in holders)
        for lease in [LeaseReader(kanban, ticket) for ticket in tickets]:
            until(lease.is_renewed, within=11, what="the renewal")
    finally:
        done.set()
        for holder in holders:
            holder.join(20)
    attempts = [kanban.tickets.get(ticket).attempts or [] for ticket in tickets]
    assert [[one.reason for one in of_ticket] for of_ticket in attempts] == [["released"], ["released"]]


@pytest.mark.parametrize("lease", [10, 60, 1800, 86400])
def test_a_lease_has_time_for_two_lost_renewals(lease: float) -> None:
    renewals = RenewalSchedule(lease)
    assert renewals.interval == renewals.policy.timeout == lease / RENEWALS
    assert renewals.policy.tries == 1
    assert RENEWALS >= 3


def test_a_failed_renewal_is_retried_with_growing_delays_that_a_success_resets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    long, short = RenewalSchedule(1800), RenewalSchedule(10)
    assert [long.failed() for _ in range(6)] == [1, 2, 4, 8, 8, 8]
    assert long.renewed() == 600
    assert long.failed() == 1
    assert [short.failed() for _ in range(3)] == [1, short.interval / RENEWALS, short.interval / RENEWALS]


def test_the_delays_after_a_failed_renewal_are_spread_below_their_maximum() -> None:
    waits = [RenewalSchedule(1800).failed() for _ in range(400)]
    assert 0 <= min(waits) < 0.1
    assert 0.9 < max(waits) <= 1
