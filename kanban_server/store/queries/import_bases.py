"""The last imported value of each field of a ticket, as digests (docs/decisions/0015-imports-converge.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import text

from kanban_server.store.statements import Statement
from kanban_server.store.transaction import ReadTransaction, Transaction

ImportBase = dict[str, Any]

BY_TICKET_IDS = Statement(
    text("SELECT ticket_id, base FROM import_bases WHERE ticket_id IN (SELECT value FROM json_each(:ids))"),
    postgresql=text("SELECT ticket_id, base FROM import_bases WHERE ticket_id = ANY(:ids)"),
    reads=["import_bases"],
)
UPSERT = Statement(
    text(
        "INSERT INTO import_bases (ticket_id, base) VALUES (:ticket_id, :base)"
        " ON CONFLICT (ticket_id) DO UPDATE SET base = excluded.base"
    ),
    reads=[],
    writes=["import_bases"],
)


def read_bases(tx: ReadTransaction, ticket_ids: Iterable[int]) -> dict[int, ImportBase]:
    """The import bases by ticket id. A ticket that was imported before bases were stored has none."""
    return {
        row["ticket_id"]: orjson.loads(row["base"]) for row in tx.all(BY_TICKET_IDS, ids=tx.array_parameter(ticket_ids))
    }


def upsert_bases(tx: Transaction, bases: Mapping[int, ImportBase]) -> None:
    """Write the import bases, by ticket id."""
    tx.run_many(UPSERT, [{"ticket_id": id, "base": orjson.dumps(base).decode()} for id, base in bases.items()])
