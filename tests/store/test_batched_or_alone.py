"""Any jobs, by anybody, leave the same rows, events and answers whether they share a commit or run one by one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kanban_sdk.wire.bodies import (
    BlockRequest,
    BoardEdit,
    BulkMove,
    ClaimRequest,
    DoneRequest,
    Labels,
    Move,
    NewTicket,
    NextRequest,
    QuestionRequest,
    Release,
    TicketEdit,
)
from kanban_sdk.wire.bodies.comment_bodies import NewComment
from kanban_sdk.wire.bodies.user_bodies import NewMemberRequest, NewUserRequest
from kanban_sdk.wire.operations import CommentOperation, CreateOperation, MoveOperation, Operation
from kanban_server.actions import boards, bulk, claims, comments, done, next_ticket, questions, tickets
from kanban_server.actions.accounts import members, users
from kanban_server.rules.actors import SYSTEM_ACTOR, Actor
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.permissions import SYSTEM_VIEWER, Viewer
from kanban_server.rules.problems import Refusal
from kanban_server.store.statements import Statement
from kanban_server.store.tables import metadata
from kanban_server.store.transaction import ReadTransaction, Transaction
from tests.store.test_batches import one_batch
from tests.store.test_database import Store, open_store
from tests.support.databases import Databases

PEOPLE = {
    "root": NewUserRequest("root", role="admin", token=False),
    "ada": NewUserRequest("ada", token=False),
    "bob": NewUserRequest("bob", token=False),
    "eve": NewUserRequest("eve", token=False),
    "stranger": NewUserRequest("stranger", token=False),
    "bot": NewUserRequest("bot", kind="agent", owner="bob", token=False),
}
"""An admin of the server, an admin, a member and a viewer of the board, nobody on it, and an agent of the member."""
ROLES = {"ada": "admin", "bob": "user", "eve": "viewer"}
KINDS = ("open", *PEOPLE, "narrowed", "narrowed elsewhere")


@dataclass(frozen=True)
class Job:
    """One change by somebody. `pick` says which of the board's tickets, and `beside` which other one."""

    who: str
    does: str
    pick: int
    beside: int
    column: str
    flag: bool


JOBS = st.builds(
    Job,
    st.sampled_from(KINDS),
    st.sampled_from(
        [
            *(
                "create",
                "move",
                "move many",
                "edit",
                "label",
                "comment",
                "ask",
                "claim",
                "release",
                "next",
                "block",
                "done",
            ),
            *("delete", "restore", "board", "batch", "half done", "attempt", "stale"),
        ]
    ),
    st.integers(0, 5),
    st.integers(0, 5),
    st.sampled_from(["Not Started", "In Progress", "Done", "nowhere"]),
    st.booleans(),
)


class Board:
    """A new board of a store, its tickets, and who acts on it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.id = store.events[0].board_id
        self.tickets: list[int] = []
        self.people: dict[str, int] = {}

    async def begin(self) -> Board:
        if self.store.database.dialect == "postgresql":
            await self.store.database.write(SYSTEM_VIEWER, _number_from_afar)
        self.people = await self.store.database.write(SYSTEM_VIEWER, self._people)
        self.tickets = await self.store.database.write(SYSTEM_VIEWER, self._fill, lane=1)
        return self

    def _people(self, tx: Transaction) -> dict[str, int]:
        return {name: users.create(tx, SYSTEM_ACTOR, user).user.id for name, user in PEOPLE.items()}

    def _fill(self, tx: Transaction) -> list[int]:
        for name, role in ROLES.items():
            members.set_members(tx, SYSTEM_ACTOR, self.id, NewMemberRequest(user=name, role=role))  # type: ignore[arg-type]
        created = [tickets.create(tx, SYSTEM_ACTOR, NewTicket(title, self.id, labels=["l"])).id for title in "abcd"]
        tickets.delete(tx, SYSTEM_ACTOR, created[3])
        return created

    def viewer(self, who: str) -> Viewer:
        if who == "open":
            return Viewer("open", "admin", open=True)
        name = "bob" if who.startswith("narrowed") else who
        only = {"narrowed": frozenset({self.id}), "narrowed elsewhere": frozenset({self.id + 10**6})}.get(who)
        seat = self.people["bob" if who == "bot" else name]
        role = PEOPLE[name].role
        return Viewer(name, role, id=self.people[name], person_id=seat, agent=who == "bot", boards=only)

    def work(self, job: Job) -> Callable[[Transaction], Any]:
        """What the job does in its transaction."""
        viewer = self.viewer(job.who)
        actor = Actor(viewer.name, id=viewer.id)
        one, other = (self.tickets[pick % len(self.tickets)] for pick in (job.pick, job.beside))
        title = f"of {job.who}"

        def half_done(tx: Transaction) -> None:
            tickets.create(tx, actor, NewTicket("half done", self.id))
            tickets.move(tx, actor, one, Move(job.column))
            raise Refusal("invalid-request", "on purpose")

        def attempt(tx: Transaction) -> str:
            comments.add(tx, actor, NewComment(one, "@eve kept"))
            try:
                with tx.savepoint():
                    tickets.edit(tx, actor, one, TicketEdit(title="undone"))
                    tickets.move(tx, actor, other, Move(job.column))
                    raise ValueError("on purpose")
            except ValueError:
                return str(tickets.label(tx, actor, one, Labels(add=["kept"])).labels)

        place = "top" if job.flag else None
        operations: list[Operation] = [
            CreateOperation("of a batch", self.id),
            MoveOperation(job.column, ticket=one),
            CommentOperation(ticket=other, text="@bob of a batch"),
        ]
        edit = TicketEdit(title=title, assignee="bob" if job.flag else None)
        works: dict[str, Callable[[Transaction], Any]] = {
            "create": lambda tx: tickets.create(tx, actor, NewTicket(title, self.id, current_column=job.column)),
            "move": lambda tx: tickets.move(tx, actor, one, Move(job.column, place=place)),  # type: ignore[arg-type]
            "move many": lambda tx: bulk.move_tickets(tx, actor, BulkMove([one, other], job.column, atomic=job.flag)),
            "edit": lambda tx: tickets.edit(tx, actor, one, edit),
            "label": lambda tx: tickets.label(tx, actor, one, Labels(add=[title], remove=["l"])),
            "comment": lambda tx: comments.add(tx, actor, NewComment(one, "@eve @bob said")),
            "ask": lambda tx: questions.ask_question(tx, actor, one, QuestionRequest("@eve why?")),
            "claim": lambda tx: claims.claim(tx, actor, one, ClaimRequest(force=job.flag)),
            "done": lambda tx: done.finish(tx, actor, one, DoneRequest("n", next=NextRequest() if job.flag else None)),
            "release": lambda tx: claims.release(tx, actor, one, Release(note="n")),
            "next": lambda tx: next_ticket.choose_next(tx, actor, self.id, NextRequest(claim=job.flag)),
            "block": lambda tx: tickets.block(tx, actor, one, BlockRequest([other])),
            "delete": lambda tx: tickets.delete(tx, actor, one),
            "restore": lambda tx: tickets.restore(tx, actor, one),
            "board": lambda tx: boards.edit(tx, actor, self.id, BoardEdit(name=title, wip_per_user=2)),
            "batch": lambda tx: bulk.run_operations(tx, actor, operations, atomic=job.flag),
            "half done": half_done,
            "attempt": attempt,
            "stale": lambda tx: tickets.edit(tx, actor, one, TicketEdit(title=title, version=job.pick + 1)),
        }
        return works[job.does]

    async def left(self, answers: list[Any]) -> dict[str, Any]:
        """The answers, the events and the rows, so far as they may not depend on the moment."""
        rows = await self.store.database.read(SYSTEM_VIEWER, _rows)
        left = {"answers": [_plain(answer) for answer in answers], "events": _normalized(self.store.events), **rows}
        return _renumbered(left) if self.store.database.dialect == "postgresql" else left


FAR_NUMBER = re.compile(r"\b[12]0{4}\d\d\b")
"""An id of a ticket or a comment, after `_number_from_afar`."""


def _number_from_afar(tx: Transaction) -> None:
    """Let ids be numbers that nothing else is."""
    for table, start in (("tickets", 1_000_001), ("comments", 2_000_001)):
        tx.connection.execute(f"ALTER SEQUENCE {table}_id_seq RESTART WITH {start}")


def _renumbered(left: dict[str, Any]) -> dict[str, str]:
    """What is left, with its ids counted: PostgreSQL uses up those of a batch that it rolls back to run it again."""
    texts = {what: repr(value) for what, value in left.items()}
    ids = sorted({id for text in texts.values() for id in FAR_NUMBER.findall(text)})
    names = {id: f"#{number}" for number, id in enumerate(ids)}
    return {what: FAR_NUMBER.sub(lambda id: names[id[0]], text) for what, text in texts.items()}


LEFT_OUT = {"epoch", "tx", "cursor", "hash", "roster"}
"""Random, or made of what is random."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def _plain(value: Any) -> Any:
    if isinstance(value, Refusal):
        return value.type, value.detail, _plain(value.facts)
    if isinstance(value, BaseException):
        return repr(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__ if name not in LEFT_OUT}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in LEFT_OUT}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return round(value, -1)
    if isinstance(value, str) and value.startswith("{"):
        return sorted(_plain(orjson.loads(value)).items())  # an object in a column: the order of its names says nothing
    return TIME.sub("T", value) if isinstance(value, str) else value


def _normalized(events: list[EncodedEvent]) -> list[Any]:
    """The events, with the transactions counted as they come."""
    decoded = [orjson.loads(event.json) for event in events]
    order = {tx: n for n, tx in enumerate(dict.fromkeys(event["tx"] for event in decoded))}
    return [{**_plain(event), "tx": order[event["tx"]]} for event in decoded]


def _rows(tx: ReadTransaction) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {
        table.name: sorted(map(str, (_plain(row) for row in tx.all(Statement(select(table))))))
        for table in metadata.sorted_tables
        if table.name != "alembic_version"
    }


async def _together(url: str, jobs: list[Job]) -> dict[str, Any]:
    async with open_store(url) as store:
        board = await Board(store).begin()
        async with one_batch(store) as write:
            waiting = [write(board.work(job), board.viewer(job.who)) for job in jobs]
        return await board.left([job.exception() or job.result() for job in waiting])


async def _alone(url: str, jobs: list[Job]) -> dict[str, Any]:
    async with open_store(url) as store:
        board = await Board(store).begin()
        answers = []
        for job in jobs:
            try:
                answers.append(await store.database.write(board.viewer(job.who), board.work(job), lane=1))
            except (Refusal, ValueError) as error:
                answers.append(error)
        return await board.left(answers)


def check(databases: Databases, config: pytest.Config, kind: str, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.lists(JOBS, min_size=2, max_size=14))
    def equal(jobs: list[Job]) -> None:
        together, alone = (databases.make(kind, config) for _ in range(2))
        left = asyncio.run(asyncio.wait_for(_together(together, jobs), 60))
        expected = asyncio.run(asyncio.wait_for(_alone(alone, jobs), 60))
        for what in expected:
            assert left[what] == expected[what], what

    equal()


def test_jobs_that_share_a_commit_leave_what_they_leave_one_by_one(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    check(databases, pytestconfig, "sqlite", 20)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_many_lists_of_jobs_do_so_too(databases: Databases, pytestconfig: pytest.Config, kind: str) -> None:
    check(databases, pytestconfig, kind, 300 if kind == "sqlite" else 60)
