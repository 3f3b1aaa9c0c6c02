"""What a batch costs on PostgreSQL: statements and round trips, counted between the store and the database."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from kanban_sdk.wire.bodies import DoneRequest, Move, NextRequest
from kanban_server.actions import done, next_ticket, tickets
from kanban_server.actions.idempotency import IdempotencyKey, run_once
from kanban_server.rules.actors import Actor
from kanban_server.store.encoded_response import EncodedResponse
from kanban_server.store.preload import Needs
from kanban_server.store.transaction import Transaction
from tests.store.test_batches import one_batch
from tests.store.test_database import ADA, Store, open_store
from tests.support.databases import Databases

JOBS = 32
STATEMENTS, ROUND_TRIPS = 14, 6
STATEMENTS_OF_DONE = 20
"""The most for a batch. One of each beside them commits the change that the batch waits for."""


class Wire:
    """A connection to PostgreSQL that counts what its client sends: `E` runs a statement, `S` ends a round trip."""

    def __init__(self) -> None:
        self.sent = Counter[str]()

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
        """Relay a client's connection to the database."""
        server_reader, server_writer = await asyncio.open_connection(host, port)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await asyncio.gather(self._requests(reader, server_writer), self._responses(server_reader, writer))
        server_writer.close()
        writer.close()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = await reader.readexactly(4)  # the first message has no type
        writer.write(size + await reader.readexactly(int.from_bytes(size) - 4))
        while True:
            head = await reader.readexactly(5)
            self.sent[chr(head[0])] += 1
            writer.write(head + await reader.readexactly(int.from_bytes(head[1:]) - 4))

    async def _responses(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


@asynccontextmanager
async def counted(databases: Databases, config: pytest.Config) -> AsyncIterator[tuple[Store, Wire]]:
    """A store whose connections are counted."""
    url = make_url(databases.make("postgresql", config))
    wire = Wire()
    relay = await asyncio.start_server(
        lambda reader, writer: wire.relay(reader, writer, url.host or "127.0.0.1", url.port or 5432), "127.0.0.1", 0
    )
    proxied = url.set(host="127.0.0.1", port=relay.sockets[0].getsockname()[1]).update_query_dict(
        {"sslmode": "disable"}
    )
    async with relay, open_store(proxied.render_as_string(hide_password=False)) as store:
        yield store, wire


@pytest.mark.postgres
@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "with keys"])
def test_a_batch_of_moves_takes_few_statements_and_round_trips(
    databases: Databases, pytestconfig: pytest.Config, keyed: bool
) -> None:
    def move(id: int, column: str) -> tuple[Callable[[Transaction], Any], Needs]:
        key = IdempotencyKey("ada", str(uuid4()), b"fingerprint") if keyed else None

        def work(tx: Transaction) -> EncodedResponse:
            return EncodedResponse(200, str(tickets.move(tx, ADA, id, Move(column)).id).encode())

        def once(tx: Transaction) -> EncodedResponse:
            return work(tx) if key is None else run_once(tx, key, work)

        return once, Needs((id,), None if key is None else (key.owner, key.text))

    async def story() -> None:
        async with counted(databases, pytestconfig) as (store, wire):
            ids = [await store.create(f"t{number}") for number in range(JOBS)]
            for column in ("In Progress", "Done", "Blocked"):
                async with one_batch(store) as write:
                    before = wire.sent.copy()
                    for id in ids:
                        work, needs = move(id, column)
                        write(work, needs=needs)
                used = wire.sent - before
                print(f"{JOBS} moves to {column}: {used['E']} statements, {used['S']} round trips")
                assert 0 < used["E"] - 1 <= STATEMENTS
                assert 0 < used["S"] - 1 <= ROUND_TRIPS

    asyncio.run(story())


@pytest.mark.postgres
def test_a_batch_of_claims_looks_at_the_ready_tickets_once(databases: Databases, pytestconfig: pytest.Config) -> None:
    def claim(name: str) -> tuple[Callable[[Transaction], Any], Needs]:
        actor = Actor(name)
        return lambda tx: next_ticket.choose_next(tx, actor, 1, NextRequest(claim=True)), Needs(names=actor.names)

    async def story() -> None:
        async with counted(databases, pytestconfig) as (store, wire):
            ids = [await store.create(f"t{number}") for number in range(JOBS)]
            async with one_batch(store) as write:
                before = wire.sent.copy()
                for number in range(JOBS):
                    work, needs = claim(f"agent-{number}")
                    chosen = write(work, needs=needs)
            used = wire.sent - before
            print(f"{JOBS} claims: {used['E']} statements, {used['S']} round trips")
            assert chosen.result().ticket.id == ids[-1], "each takes the best that is left, in turn"
            assert 0 < used["E"] - 1 <= STATEMENTS
            assert 0 < used["S"] - 1 <= 2 * ROUND_TRIPS

    asyncio.run(story())


@pytest.mark.postgres
def test_a_batch_of_finished_tickets_with_the_next_claims_takes_few_statements(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    def claim(actor: Actor) -> tuple[Callable[[Transaction], Any], Needs]:
        return lambda tx: next_ticket.choose_next(tx, actor, 1, NextRequest(claim=True)), Needs(names=actor.names)

    def finish(actor: Actor, id: int) -> tuple[Callable[[Transaction], Any], Needs]:
        return lambda tx: done.finish(tx, actor, id, DoneRequest(next=NextRequest())), Needs((id,), None, actor.names)

    async def story() -> None:
        async with counted(databases, pytestconfig) as (store, wire):
            ids = [await store.create(f"t{number}") for number in range(2 * JOBS)]
            actors = [Actor(f"agent-{number}") for number in range(JOBS)]
            async with one_batch(store) as write:
                claimed = [write(work, needs=needs) for work, needs in map(claim, actors)]
            async with one_batch(store) as write:
                before = wire.sent.copy()
                for actor, claim_result in zip(actors, claimed, strict=True):
                    work, needs = finish(actor, claim_result.result().ticket.id)
                    finished = write(work, needs=needs)
            used = wire.sent - before
            print(f"{JOBS} finished with the next claim: {used['E']} statements, {used['S']} round trips")
            assert finished.result().next.ticket.id == ids[-1], "each takes the best that is left, in turn"
            assert 0 < used["E"] - 1 <= STATEMENTS_OF_DONE
            assert 0 < used["S"] - 1 <= 2 * ROUND_TRIPS

    asyncio.run(story())
