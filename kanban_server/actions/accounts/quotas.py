"""Quotas: how many tokens, agents and boards a person may have."""

from __future__ import annotations

from typing import NamedTuple

from kanban_server.rules.problems import Refusal
from kanban_server.store.queries import quotas
from kanban_server.store.queries.quotas import QuotaKind
from kanban_server.store.transaction import Transaction


class Quotas(NamedTuple):
    """How many of each a person and their agents may have at a time; 0 is no limit. Server admins have no limits."""

    tokens: int = 0
    agents: int = 0
    boards: int = 0


NO_QUOTAS = Quotas()
_FIXES: dict[QuotaKind, str] = {
    "tokens": "Revoke tokens that are no longer used (kanban token list), or ask an admin of the server for more.",
    "agents": "Disable agents that are no longer used (kanban user list), or ask an admin of the server for more.",
    "boards": "Delete a board of yours that is no longer used, or ask an admin of the server to make it.",
}


def check_quota(tx: Transaction, limits: Quotas, resource: QuotaKind, person_id: int | None) -> None:
    """Refused: `quota-exceeded`, if a person has reached the limit. Without a person (None), nothing is checked."""
    limit: int = getattr(limits, resource)
    if not limit or person_id is None:
        return
    count = quotas.count_used(tx, resource, person_id)
    if count >= limit:
        detail = f"You, with your agents, have {count} {resource}, and {limit} is the most."
        raise Refusal("quota-exceeded", detail, fix=_FIXES[resource], what=resource, limit=limit, count=count)
