"""How much a person may make."""

from __future__ import annotations

from typing import NamedTuple

from kanban_server.rules.refusals import Refusal
from kanban_server.store import quotas
from kanban_server.store.quotas import What
from kanban_server.store.transaction import Transaction


class Quotas(NamedTuple):
    """How many of each a person and their agents may have at a time; 0 is no limit. Admins of the server have none."""

    tokens: int = 0
    agents: int = 0
    boards: int = 0


NO_QUOTAS = Quotas()
_FIXES: dict[What, str] = {
    "tokens": "Revoke tokens that are no longer used (kanban token list), or ask an admin of the server for more.",
    "agents": "Disable agents that are no longer used (kanban user list), or ask an admin of the server for more.",
    "boards": "Delete a board of yours that is no longer used, or ask an admin of the server to make it.",
}


def check(tx: Transaction, limits: Quotas, what: What, seat: int | None) -> None:
    """Refused: `quota-exceeded`, where a person has as many as may be. None is nobody's, so that nothing is counted."""
    limit: int = getattr(limits, what)
    if not limit or seat is None:
        return
    count = quotas.count(tx, what, seat)
    if count >= limit:
        detail = f"You, with your agents, have {count} {what}, and {limit} is the most."
        raise Refusal("quota-exceeded", detail, fix=_FIXES[what], what=what, limit=limit, count=count)
