"""The limits that clients rely on: a change of one of these is a change of the contract."""

from __future__ import annotations

from kanban_sdk.wire import limits

CONTRACT = {
    "TITLE_CHARACTERS": 200,
    "TEXT_BYTES": 65_536,
    "BOARD_NAME_CHARACTERS": 100,
    "COLUMN_NAME_CHARACTERS": 50,
    "USER_NAME_CHARACTERS": 64,
    "AVATAR_BYTES": 65_536,
    "PRIORITY_PARTS": 8,
    "PRIORITY_DIGITS": 6,
    "PAGE": 50,
    "PAGE_MOST": 500,
    "IMPORT_TICKETS": 100,
    "LEASE_SECONDS": 1_800,
    "LEASE_SECONDS_LEAST": 10,
    "LEASE_SECONDS_MOST": 86_400,
    "EXPIRIES": 3,
    "IDEMPOTENCY_KEY_CHARACTERS": 255,
    "IDEMPOTENCY_HOURS": 24,
    "CONNECTIONS": 1_000,
    "MESSAGES_PER_SECOND": 10,
    "PRESENCE_PER_SECOND": 20,
    "HEARTBEAT_SECONDS": 30,
    "ID_MOST": 9_007_199_254_740_991,
}


def test_the_limits_are_those_of_the_contract() -> None:
    assert {name: getattr(limits, name) for name in CONTRACT} == CONTRACT
