"""Who was active on a board in the last minutes, by its log and its leases."""

from __future__ import annotations

from contextlib import closing

from kanban_sdk.wire.bodies import ClaimRequest
from kanban_server.actions import claims
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.store.maintenance import offline
from kanban_server.store.queries.activity import read_activity
from kanban_server.store.transaction import ReadTransaction
from tests.support.desk import LONG_AGO, Desk


def active(desk: Desk) -> set[str]:
    with closing(desk.driver.reader()) as connection:
        return {*read_activity(ReadTransaction(connection, desk.driver.dialect, SYSTEM_VIEWER), desk.board)}


def test_a_user_is_active_by_a_recent_change_or_a_recent_renewal(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.do(claims.claim, ticket, ClaimRequest(), who="bob")
    assert active(desk) == {"ada", "bob"}
    sql = f"UPDATE events SET at = '{LONG_AGO}' WHERE board_id = {desk.board}"
    offline.run_change(desk.driver, lambda tx: tx.connection.execute(sql))
    assert active(desk) == {"bob"}, "the lease was renewed by the claim"
    sql = f"UPDATE tickets SET claim_seconds = 86400 WHERE id = {ticket}"
    offline.run_change(desk.driver, lambda tx: tx.connection.execute(sql))
    assert active(desk) == set(), "the lease was renewed long ago"
