"""Load in bulk what the jobs of a commit need: boards, tickets, roles, dependents and idempotency keys.

What is not loaded here is read when it is needed. On PostgreSQL the statements run in one round trip, with the locking
of the board first, so that the rows of its tickets are those after the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from typing import cast as cast_type

import orjson
from sqlalchemy import ARRAY, BigInteger, Text, and_, any_, bindparam, cast, func, select, text

from kanban_server.rules.permissions import SYSTEM_VIEWER, Viewer
from kanban_server.store.queries import boards, dependencies, idempotency_records, tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.statements import Statement
from kanban_server.store.tables import answers, members
from kanban_server.store.transaction import ReadTransaction, Row
from kanban_server.store.unit_of_work import UnitOfWork


class Needs(NamedTuple):
    """What a job will read, as far as its request names it."""

    tickets: tuple[int, ...] = ()
    key: tuple[str, str] | None = None
    """The owner and the text of the idempotency key."""
    names: tuple[str, ...] = ()
    """The names of those for whom a next ticket is chosen."""


NO_NEEDS = Needs()

_owners, _texts = cast(bindparam("owners"), ARRAY(Text)), cast(bindparam("keys"), ARRAY(Text))
_wanted = func.unnest(_owners, _texts).table_valued("owner", "key", name="wanted").render_derived()
RECORDS = Statement(
    select(answers).where(
        text("(actor, key) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:pairs))")
    ),
    postgresql=select(answers).join(_wanted, and_(answers.c.actor == _wanted.c.owner, answers.c.key == _wanted.c.key)),
)
ROLES = Statement(
    select(members.c.user_id, members.c.role).where(
        members.c.board_id == bindparam("board_id"), text("user_id IN (SELECT value FROM json_each(:ids))")
    ),
    postgresql=select(members.c.user_id, members.c.role).where(
        members.c.board_id == bindparam("board_id"),
        members.c.user_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
    ),
)


def preload(unit: UnitOfWork, jobs: Sequence[tuple[Viewer, Needs]], board_id: int | None, begin: str) -> None:
    """Begin the transaction and load what the jobs need. `board_id` is the only board that they change, if known.

    SQLite has no other writer meanwhile, so that tickets of any board can be loaded. For one job alone that saves
    nothing.
    """
    reader = ReadTransaction(unit.connection, unit.dialect, SYSTEM_VIEWER)
    statements: list[_Load] = []
    ticket_ids = sorted({id for _, needs in jobs for id in needs.tickets})
    keys = sorted({needs.key for _, needs in jobs if needs.key is not None})
    unit.askers = frozenset(name for _, needs in jobs for name in needs.names)
    if unit.dialect == "postgresql" and board_id is not None:
        persons = {viewer.person_id for viewer, _ in jobs if viewer.person_id is not None and not viewer.is_admin}
        statements.append(_Load(boards.LOCK, {"board_id": board_id}, partial(_keep_board, unit)))
        if persons:
            parameters = {"board_id": board_id, "ids": sorted(persons)}
            statements.append(_Load(ROLES, parameters, partial(_keep_roles, unit, board_id, persons)))
    if ticket_ids and (board_id is not None if unit.dialect == "postgresql" else len(jobs) > 1):
        by_id = {"ids": reader.array_parameter(ticket_ids)}
        statements.append(_Load(tickets.BY_IDS, by_id, partial(_keep_tickets, unit)))
        statements.append(_Load(dependencies.DEPENDENTS, by_id, partial(_keep_dependents, unit, ticket_ids)))
    if keys and len(jobs) > 1:
        pairs = [*zip(*keys, strict=True)]
        if unit.dialect == "postgresql":
            statements.append(
                _Load(RECORDS, {"owners": [*pairs[0]], "keys": [*pairs[1]]}, partial(_keep_records, unit, keys))
            )
        else:
            statements.append(
                _Load(RECORDS, {"pairs": orjson.dumps(keys).decode()}, partial(_keep_records, unit, keys))
            )
    with unit.pipeline():
        for statement in begin.split(";"):  # each by itself: that is all a pipeline takes
            unit.connection.execute(statement)
        cursors = [reader.send(load.statement, load.parameters) for load in statements]
    for load, cursor in zip(statements, cursors, strict=True):
        load.keep(reader.fetch(load.statement, cursor))


class _Load(NamedTuple):
    statement: Statement
    parameters: Mapping[str, object]
    keep: Callable[[list[Row]], None]


def _keep_board(unit: UnitOfWork, rows: list[Row]) -> None:
    unit.loaded_boards |= {row["id"]: row for row in rows}


def _keep_roles(unit: UnitOfWork, board_id: int, persons: set[int], rows: list[Row]) -> None:
    unit.roles |= {(id, board_id): None for id in persons}
    unit.roles |= {(row["user_id"], board_id): row["role"] for row in rows}


def _keep_tickets(unit: UnitOfWork, rows: list[Row]) -> None:
    for row in rows:
        if unit.dialect == "sqlite" or row["board_id"] in unit.loaded_boards:
            unit.tickets[row["id"]] = cast_type("TicketRow", row)


def _keep_dependents(unit: UnitOfWork, ticket_ids: Sequence[int], rows: list[Row]) -> None:
    unit.dependents |= {id: [] for id in ticket_ids if id in unit.tickets}
    for row in rows:
        if row["blocker_id"] in unit.dependents:
            unit.dependents[row["blocker_id"]].append(row["ticket_id"])


def _keep_records(unit: UnitOfWork, keys: Sequence[tuple[str, str]], rows: list[Row]) -> None:
    unit.records |= dict.fromkeys(keys)
    unit.records |= {(row["actor"], row["key"]): idempotency_records.decode_row(row) for row in rows}
