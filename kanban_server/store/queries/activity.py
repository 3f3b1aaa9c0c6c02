"""Who was active on a board in the last minutes, with or without a connection."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from kanban_server.rules import leases
from kanban_server.rules.actors import RESERVED_NAMES
from kanban_server.rules.timestamps import subtract_time
from kanban_server.store.queries import name_lookup
from kanban_server.store.statements import Statement
from kanban_server.store.tables import events, tickets
from kanban_server.store.transaction import ReadTransaction

ACTIVE_SECONDS = 600.0
"""For how long a user counts as active after a change or a renewal."""
MOST_EVENTS = 1000
"""The newest events that are looked at, so that a log of any length costs the same."""

_newest = (
    select(events.c.actor, events.c.at)
    .where(events.c.board_id == bindparam("board_id"))
    .order_by(events.c.seq.desc())
    .limit(bindparam("most"))
    .subquery("newest")
)
RECENT_ACTORS = Statement(
    select(_newest.c.actor, func.max(_newest.c.at).label("at"))
    .where(_newest.c.at > bindparam("since"))
    .group_by(_newest.c.actor)
)
LEASES_ON_BOARD = Statement(
    select(tickets.c.claim_holder, tickets.c.claim_expires_at, tickets.c.claim_seconds).where(
        tickets.c.board_id == bindparam("board_id"),
        tickets.c.claim_holder.is_not(None),
        tickets.c.claim_expires_at > bindparam("now"),
    )
)


def read_activity(tx: ReadTransaction, board_id: int) -> dict[str, str]:
    """When each user last changed something on a board or renewed a lease, within the last `ACTIVE_SECONDS`."""
    now = tx.now()
    since = subtract_time(now, seconds=ACTIVE_SECONDS)
    rows = tx.all(RECENT_ACTORS, board_id=board_id, since=since, most=MOST_EVENTS)
    times: list[tuple[str, str]] = [(row["actor"], row["at"]) for row in rows if row["actor"] not in RESERVED_NAMES]
    for row in tx.all(LEASES_ON_BOARD, board_id=board_id, now=now):
        renewed_at = leases.renewed_at(row["claim_expires_at"], row["claim_seconds"])
        if renewed_at is not None and renewed_at > since:
            times.append((str(row["claim_holder"]), renewed_at))
    present = name_lookup.present_names(tx) if times else {}
    return {present.get(name, name): at for name, at in sorted(times, key=lambda time: time[1])}
